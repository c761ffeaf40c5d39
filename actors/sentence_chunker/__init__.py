"""The sentence chunker: cuts a stream of text into what a voice says in one breath.

Bodies live in the underscored modules; public names are re-exported by `trialogue.actors`.
"""
