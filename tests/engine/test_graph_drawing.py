"""Graphs as Mermaid flowcharts, to the letter."""

from __future__ import annotations

from tests.engine.test_graph import (
    Edge,
    Sound,
    Word,
    denoise,
    echo,
    gate,
    microphone,
    spell,
    stt,
    turn,
    vad,
    words_sink,
)
from trialogue.engine import Channel, Graph, Inbox, fan_out, merge


async def end(words_in: Inbox[Word]) -> None:
    async for _ in words_in:
        pass


def test_a_conversation_with_every_kind_of_arrow() -> None:
    graph = Graph("call")
    for_stt = Channel[Sound]("for_stt", seconds=0.5)
    for_vad = Channel[Sound]("for_vad", seconds=0.2, overflow="drop oldest")
    words, edges = Channel[Word]("words", capacity=8), Channel[Edge]("edges", capacity=4)
    interim = Channel[Word]("interim", overflow="latest")
    graph.add(microphone, fan_out(for_stt.outbox, for_vad.outbox))
    ears = graph.subgraph("ears")
    ears.add(stt, ears.stage(denoise, for_stt.inbox), words.outbox, interim_out=interim.outbox)
    ears.add(vad, for_vad.inbox, edges.outbox, threshold=0.5)
    graph.add(turn, merge(graph.stage(gate, graph.stage(spell, words.inbox)), edges.inbox), [])
    graph.outside(interim.inbox)
    graph.check()
    assert (
        graph.to_mermaid()
        == """\
flowchart LR
    microphone["microphone"]
    spell("spell")
    gate("gate")
    turn["turn"]
    subgraph group_ears["ears"]
        ears__denoise("denoise")
        ears__stt["stt"]
        ears__vad["vad"]
    end
    microphone -->|"for_stt: Sound (0.5 s)"| ears__denoise
    ears__denoise -->|"Sound"| ears__stt
    microphone -->|"for_vad: Sound (0.2 s, drop oldest)"| ears__vad
    ears__stt -->|"words: Word (8)"| spell
    spell -->|"LoudWord"| gate
    gate -->|"LoudWord"| turn
    ears__vad -->|"edges: Edge (4)"| turn
    ears__stt -->|"interim: Word (1, latest)"| outside
"""
    )


def test_names_that_mermaid_would_trip_over() -> None:
    graph = Graph()
    said = Channel[Word]('what was "said"', capacity=1)
    graph.subgraph("two words").add(end, said.inbox)
    graph.add(end, Channel[Word]("unheard", capacity=1).inbox)
    assert (
        graph.to_mermaid()
        == """\
flowchart LR
    subgraph group_two_words["two words"]
        two_words__end["end"]
    end
    end_["end"]
    outside -->|"what was #quot;said#quot; (1)"| two_words__end
    outside -->|"unheard (1)"| end_
"""
    )


def test_a_cycle_is_drawn_both_ways() -> None:
    graph = Graph()
    there, back = Channel[Word]("there", capacity=2), Channel[Word]("back", overflow="latest")
    heard = Channel[Word]("heard", capacity=1)
    graph.add_as("ping", echo, back.inbox, fan_out(there.outbox, heard.outbox))
    graph.add_as("pong", echo, there.inbox, back.outbox)
    graph.add(words_sink, heard.inbox, [])
    assert (
        graph.to_mermaid()
        == """\
flowchart LR
    ping["ping"]
    pong["pong"]
    words_sink["words_sink"]
    pong -->|"back: Word (1, latest)"| ping
    ping -->|"there: Word (2)"| pong
    ping -->|"heard: Word (1)"| words_sink
"""
    )
