"""Is the thought finished? Judged from its words alone: a table of rules, the first that fits decides. Pure.

The probabilities are set by hand, by the labelled set's development half; what comes of them, with all failures of the
other half, stands in `docs/turn-detection.md`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import ClassVar, Final

import attrs

from trialogue.actors.turn._detector_dictation import dictated
from trialogue.actors.turn._detector_words import END_WORDS, EndWords, PhraseSet
from trialogue.actors.turn._words import is_backchannel, is_hesitation, is_only_commands, language_code, words_of
from trialogue.engine import TurnSoFar
from trialogue.engine._checks import between
from trialogue.frames._attrs import frozen

#: At or above it, a thought counts as finished.
FINISHED: Final = 0.5

#: What to say where nothing is known: it is finished, as far as anybody can tell.
_UNKNOWN: Final = 0.75

#: A clause of so few words that begins with "if" or "when" has no main clause yet.
_SHORT_CLAUSE: Final = 6

#: A text of so many words answers a question completely.
_SHORT_ANSWER: Final = 5


@frozen(kw_only=True)
class Thought:
    """What was said, in words, with what is known of its language."""

    text: str
    words: tuple[str, ...]
    asked: tuple[str, ...]
    language: str
    known: EndWords

    @property
    def last(self) -> str:
        """Its last word."""
        return self.words[-1]

    @property
    def previous(self) -> str:
        """The word before the last one; empty if there is none."""
        return self.words[-2] if len(self.words) > 1 else ""

    def ends_with(self, phrases: PhraseSet) -> bool:
        """Whether its last words are one of these phrases."""
        return any(self.words[-length:] in phrases for length in range(1, min(len(self.words), 6) + 1))


def _no_words(thought: Thought) -> bool:
    return not thought.words


def _hesitates(thought: Thought) -> bool:
    return is_hesitation(thought.last, thought.language)


def _trails_off(thought: Thought) -> bool:
    return thought.text.endswith(("...", "…", ",", "-", "–"))


def _is_marked_as_question(thought: Thought) -> bool:
    return thought.text.endswith("?")


def _answers_in_a_word(thought: Thought) -> bool:
    return bool(thought.asked) and is_backchannel(thought.text, thought.language)


def _is_a_beginning(thought: Thought) -> bool:
    return thought.words in thought.known.phrases.open_alone


def _ends_like_an_end(thought: Thought) -> bool:
    return thought.ends_with(thought.known.phrases.closed_ends)


def _ends_like_a_beginning(thought: Thought) -> bool:
    return thought.ends_with(thought.known.phrases.open_ends)


def _belongs_to_a_verb(thought: Thought) -> bool:
    """Whether the preposition at the end is a part of a verb, or stranded: "turn it on", "who should I talk to"."""
    known, before = thought.known, thought.words[:-1]
    if thought.last not in known.verbs.prepositions or not before:
        return False
    verbs = known.verbs.particle_verbs.get(thought.last, ())
    if verbs and any(word.startswith(verbs) for word in before[-5:]):
        return True
    if not known.verbs.stranding or not thought.previous.startswith(known.verbs.stranding):
        return False
    relative = len(before) > 1 and before[-2] in known.pronouns.subjects | known.pronouns.after_conjunction
    return relative or bool(known.clauses.question_words & set(before))


def _lacks_a_noun(thought: Thought) -> bool:
    return thought.last in thought.known.verbs.prepositions


def _lacks_a_word(thought: Thought) -> bool:
    known = thought.known
    return thought.last in known.open_words or thought.previous in known.open_after.get(thought.last, ())


def _lacks_a_verb(thought: Thought) -> bool:
    known = thought.known
    if thought.last in known.pronouns.subjects:
        return (len(thought.words) > 1 or not thought.asked) and not (
            thought.words[0] in known.clauses.question_words and len(thought.words) < 4
        )
    return thought.last in known.pronouns.after_conjunction and thought.previous in known.pronouns.conjunctions


def _lacks_the_rest_of_a_question(thought: Thought) -> bool:
    """Whether it stops after "where can" or "what time do you"."""
    known = thought.known
    if thought.previous in known.clauses.question_words and thought.last in known.clauses.modals:
        return True
    pronouns = known.pronouns.subjects | known.pronouns.after_conjunction
    begins = known.clauses.question_words | known.clauses.inverted
    return thought.previous in known.clauses.modals and thought.last in pronouns and thought.words[0] in begins


def _lacks_a_complement(thought: Thought) -> bool:
    known = thought.known
    return thought.last in known.verbs.auxiliaries and not known.verbs.embedding & set(thought.words[:-1])


def _is_only_a_clause(thought: Thought) -> bool:
    """Whether it begins with "if" or "when" and comes to no main clause; an answer may be such a clause."""
    known, words = thought.known, thought.words
    if words[0] not in known.clauses.subordinators or thought.asked or len(words) > _SHORT_CLAUSE:
        return False
    return len(words) < 2 or words[1] not in known.clauses.inverted


def _closes(thought: Thought) -> bool:
    return thought.ends_with(thought.known.phrases.closers)


def _asks(thought: Thought) -> bool:
    return len(thought.words) > 1 and bool(
        thought.words[0] in thought.known.clauses.inverted
        or thought.known.clauses.question_words & set(thought.words[:3])
    )


def _answers_shortly(thought: Thought) -> bool:
    return bool(thought.asked) and len(thought.words) <= _SHORT_ANSWER


def _is_a_command(thought: Thought) -> bool:
    return is_only_commands(thought.text, thought.language)


def _is_a_sign_of_listening(thought: Thought) -> bool:
    return is_backchannel(thought.text, thought.language)


def _is_a_single_word(thought: Thought) -> bool:
    return len(thought.words) == 1


#: In this order, the first that fits decides; the probability that the thought is finished.
RULES: Final[tuple[tuple[Callable[[Thought], bool], float], ...]] = (
    (_no_words, 0.0),
    (_hesitates, 0.05),
    (_trails_off, 0.1),
    (_is_marked_as_question, 0.95),
    (_answers_in_a_word, 0.95),
    (_is_a_beginning, 0.1),
    (_is_only_a_clause, 0.2),
    (_ends_like_an_end, 0.9),
    (_ends_like_a_beginning, 0.1),
    (_is_a_command, 0.9),
    (_belongs_to_a_verb, 0.85),
    (_lacks_a_noun, 0.08),
    (_lacks_a_word, 0.05),
    (_lacks_a_verb, 0.12),
    (_lacks_the_rest_of_a_question, 0.12),
    (_lacks_a_complement, 0.15),
    (_closes, 0.97),
    (_asks, 0.93),
    (_answers_shortly, 0.9),
    (_is_a_sign_of_listening, 0.9),
    (_is_a_single_word, 0.6),
)


def finished_probability(turn: TurnSoFar) -> float:
    """How likely it is (0 to 1) that the thought is finished; 0.75 for a language without rules.

    Args:
        turn: its words; the question it answers is of help.
    """
    known = END_WORDS.get(language_code(turn.language))
    if known is None:
        return 0.0 if not words_of(turn.text) else _UNKNOWN
    thought = Thought(
        text=turn.text.rstrip(),
        words=_plain(turn.text),
        asked=_plain(turn.asked),
        language=turn.language,
        known=known,
    )
    judged = None
    if thought.words and not _hesitates(thought):
        judged = dictated(thought.words, thought.asked, known.dictation)
    if judged is not None:
        return judged
    return next((probability for fits, probability in RULES if fits(thought)), _UNKNOWN)


def _plain(text: str) -> tuple[str, ...]:
    return tuple(words_of(text.replace("’", "'")))


@frozen(kw_only=True)
class TextTurnDetector:
    """Judges from the words alone; English, German and Spanish. A judgement costs some microseconds."""

    wants_audio_s: ClassVar[float] = 0.0
    cost_s: ClassVar[float] = 0.000_02

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[TextTurnDetector, None]:
        """A judge for one session: itself, since it remembers nothing."""
        yield self

    def probability(self, turn: TurnSoFar) -> float:
        """How likely it is (0 to 1) that the turn is over."""
        return finished_probability(turn)


@frozen(kw_only=True)
class SilenceDetector:
    """Always of the same mind, so that silence alone ends a turn.

    Args:
        always: what it says, 0 to 1.
    """

    always: float = attrs.field(default=1.0, validator=between(0.0, 1.0))
    wants_audio_s: ClassVar[float] = 0.0
    cost_s: ClassVar[float] = 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SilenceDetector, None]:
        """A judge for one session: itself, since it remembers nothing."""
        yield self

    def probability(self, turn: TurnSoFar) -> float:
        """How likely it is (0 to 1) that the turn is over: as set."""
        del turn
        return self.always
