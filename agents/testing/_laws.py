"""What holds in every call, whoever speaks when and whatever fails."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from trialogue.agents._settings import SessionSettings
from trialogue.agents.events._events import (
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    SessionEnded,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTurnEnded,
)
from trialogue.frames import ChatMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trialogue.agents.testing._call import Call
    from trialogue.agents.testing._fake_tts import SpeechRecord

#: What rounding may do, seconds: a frame's place is a whole sample, and without sound there are 1000 a second.
_SAME_S: Final = 1e-3

#: So much of the end and of the beginning of each piece of sound glides, at most, seconds.
_GLIDE_S: Final = 0.02


def check_laws(call: Call) -> None:
    """See that a call that is over has kept every law: heard is remembered, one answer to a turn, nothing is left.

    Raises:
        CallFailed: the first law that was broken, and how, with the timeline.
    """
    for law in _LAWS:
        for complaint in law(call):
            name = (law.__doc__ or "").partition("\n")[0]
            call.fail(f"{name} But {complaint}.\n\n{call.record.scenario.as_code()}")


def _it_ends_once(call: Call) -> Iterator[str]:
    """A session ends once, and tells it last."""
    ends = call.of(SessionEnded)
    if len(ends) != 1 or call.events[-1] is not ends[0]:
        yield f"it has told of {len(ends)} ends"


def _heard_is_remembered(call: Call) -> Iterator[str]:
    """What was heard of the agent is remembered, all of it, once, and nothing else."""
    heard = " ".join(event.heard for event in call.of(AgentStoppedSpeaking)).split()
    items = [item for item in call.history if isinstance(item, ChatMessage) and item.role == "agent"]
    remembered = " ".join(item.text for item in items).split()
    if heard != remembered:
        yield f"heard was {' '.join(heard)!r} and remembered is {' '.join(remembered)!r}"


def _turns_are_remembered(call: Call) -> Iterator[str]:
    """What the caller said in a turn is remembered, in one place, from its beginning on."""
    said = " ".join(item.text for item in call.history if isinstance(item, ChatMessage) and item.role == "user")
    for turn in call.of(UserTurnEnded):
        if f" {turn.text} " not in f" {said} ":
            yield f"{turn.text!r} is not in {said!r}"


def _every_beginning_has_its_end(call: Call) -> Iterator[str]:
    """Each reply that is begun is over once, and replies do not overlap."""
    thought = [event.reply_id for event in call.of(AgentStartedThinking)]
    over = [event.reply_id for event in call.of(AgentStoppedSpeaking)]
    if thought != over or len(set(thought)) != len(thought):
        yield f"{thought} were begun and {over} were over"
    speaking: str | None = None
    for event in call.events:
        match event:
            case AgentStartedSpeaking():
                if speaking is not None:
                    yield f"{event.reply_id} began to sound while {speaking} did"
                speaking = event.reply_id
            case AgentStoppedSpeaking() if event.reply_id == speaking:
                speaking = None


def _one_answer_to_a_turn(call: Call) -> Iterator[str]:
    """A turn has one answer at most."""
    turns: list[float] = []
    for event in call.events:
        match event:
            case UserTurnEnded():
                turns.append(event.at_s)
            case AgentStartedThinking() if event.turn_s is not None:
                if event.turn_s in turns:
                    turns.remove(event.turn_s)
                else:
                    yield f"{event.reply_id} answers a turn that has its answer, or never ended"


def _the_books_tell_what_sounded(call: Call) -> Iterator[str]:
    """So much of a reply counts as played as could be heard, but for its fade."""
    settings = (call.record.scenario.settings or SessionSettings()).audio_out
    if call.record.broken is not None or call.record.scenario.wire.latency_s:
        return  # nobody heard the fade, or the books tell more exactly than the frames
    for reply_id, sounded_s in _sounded(call).items():
        over = next(event for event in call.of(AgentStoppedSpeaking) if event.reply_id == reply_id)
        played_s = over.played_s
        if over.at_s > call.record.left_s - settings.finish_word_s - settings.fade_s:
            continue  # the end of the call has cut off the word that was to be finished, or the fade
        more_s = settings.fade_s * 10 + settings.frame_s + 2 * _GLIDE_S  # a pause fades, too
        if not played_s - settings.fade_s - settings.frame_s <= sounded_s <= played_s + more_s:
            yield f"{sounded_s:.3f} s of {reply_id} were heard and {played_s:.3f} s count as played"


def _sounded(call: Call) -> dict[str, float]:
    """How long each reply sounded, seconds."""
    keys = {event.reply_id for event in call.of(AgentStartedThinking) if event.kind == "keys"}
    begun = [(event.at_s, event.reply_id) for event in call.of(AgentStartedSpeaking)]
    sounded: dict[str, float] = {reply_id: 0.0 for _, reply_id in begun}
    place = -1
    for at_s, frame in call.record.telephone.heard:
        while place + 1 < len(begun) and begun[place + 1][0] <= at_s + _SAME_S:
            place += 1
        if place >= 0:
            silent = memoryview(frame.pcm).cast("h").tolist().count(0)
            sounded[begun[place][1]] += (frame.samples - silent) / frame.rate_hz
    return {reply_id: for_s for reply_id, for_s in sounded.items() if reply_id not in keys}  # they pause between keys


def _nothing_stale_is_heard(call: Call) -> Iterator[str]:
    """What is heard belongs to the reply that speaks; of one that was cut off, no more than the fade."""
    settings = (call.record.scenario.settings or SessionSettings()).audio_out
    grace_s = settings.fade_s + settings.frame_s + settings.finish_word_s + call.record.scenario.wire.latency_s
    spans = _spans(call)
    spoken, replies_of = list(call.record.spoken), functools.cache(functools.partial(_replies_of, call))
    for at_s, frame in call.record.telephone.heard if spoken else ():
        samples = memoryview(frame.pcm).cast("h")
        if samples[0] and samples[0] == samples[-1] == samples[len(samples) // 2]:  # at full gain, of one sentence
            replies = replies_of(_sentence_of(call, spoken, at_s, samples[0]))
            times = [spans[reply_id] for reply_id in replies]
            if not any(began_s - _SAME_S <= at_s <= over_s + grace_s + _SAME_S for began_s, over_s in times):
                yield f"at {at_s:.3f} s something was heard of {' or '.join(replies) or 'no reply'}, which was over"


def _spans(call: Call) -> dict[str, tuple[float, float]]:
    """From when to when each reply may have sounded: one that is cut off as it begins is never told to have begun."""
    ends = {event.reply_id: event.at_s for event in call.of(AgentStoppedSpeaking)}
    begun = call.of(AgentStartedThinking)
    return {event.reply_id: (event.at_s, ends.get(event.reply_id, call.record.left_s)) for event in begun}


def _sentence_of(call: Call, spoken: list[SpeechRecord], at_s: float, level: int) -> SpeechRecord | None:
    """The sentence that has this level, the last that was asked for by then."""
    now_s = at_s + call.record.voice.epoch_s + _SAME_S
    return next((each for each in reversed(spoken) if each.level == level and each.asked_s <= now_s), None)


def _replies_of(call: Call, sentence: SpeechRecord | None) -> list[str]:
    """For which reply a sentence was spoken: the last that was begun by then, or the next, if it was rehearsed."""
    if sentence is None:
        return []
    asked_s = sentence.asked_s - call.record.voice.epoch_s + _SAME_S
    begun = call.of(AgentStartedThinking)
    before = [event.reply_id for event in begun if event.at_s <= asked_s][-1:]
    if (call.record.scenario.settings or SessionSettings()).turn.preparation.synthesise:
        before += [event.reply_id for event in begun if event.at_s > asked_s][:1]
    return before


def _speech_begins_before_it_ends(call: Call) -> Iterator[str]:
    """The caller begins to speak and ceases to, in turn."""
    speaking = False
    for event in call.events:
        match event:
            case UserStartedSpeaking() | UserStoppedSpeaking():
                begins = isinstance(event, UserStartedSpeaking)
                if begins is speaking:
                    yield f"{type(event).__name__} came twice, at {event.at_s:.3f} s"
                speaking = begins


def _nothing_is_left(call: Call) -> Iterator[str]:
    """What was lent is given back, and every channel is at its end."""
    for statistics in call.record.leases:
        if statistics().open_now:
            yield f"a model is open {statistics().open_now} times still"
    loose = [pipe.name for pipe in call.record.pipes if not pipe.closed and not pipe.detached]
    if loose:
        yield f"these channels are open: {', '.join(loose)}"


def _every_wait_has_ended(call: Call) -> Iterator[str]:
    """Who waits for a reply is told its outcome."""
    for reply in call.record.asked_for:
        if reply.outcome is None:
            yield f"{reply.reply_id} has none"


def _it_goes_on_after_rests(call: Call) -> Iterator[str]:
    """The agent goes on only after it has rested."""
    decided = [decision for judged in call.judged for decision in judged.decisions]
    names = [type(decision).__name__ for decision in decided]
    resting = False
    for name in names:
        if name == "ResumeReply" and not resting:
            yield "it went on without having rested"
        resting = {"PauseReply": True, "ResumeReply": False, "InterruptReply": False}.get(name, resting)


_LAWS: Final[tuple[Callable[[Call], Iterator[str]], ...]] = (
    _it_ends_once,
    _heard_is_remembered,
    _turns_are_remembered,
    _every_beginning_has_its_end,
    _one_answer_to_a_turn,
    _the_books_tell_what_sounded,
    _nothing_stale_is_heard,
    _speech_begins_before_it_ends,
    _nothing_is_left,
    _every_wait_has_ended,
    _it_goes_on_after_rests,
)
