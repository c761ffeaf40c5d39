"""The labelled set, decided by the policy itself: who has the floor, and when a turn is over."""

from __future__ import annotations

import pytest

from tests.actors.turn_helpers import live, playing, speech
from tests.data.turns.labelled import EndItem, FloorItem, end_items, floor_items, scores
from trialogue.actors import (
    CommitTurn,
    EndpointingSettings,
    InterruptReply,
    ReplyEnded,
    ReplyHeard,
    ReplyStarted,
    TurnPolicy,
    TurnSettings,
)
from trialogue.actors.turn._words import FLOOR_WORDS, claim_of

LANGUAGES = sorted(FLOOR_WORDS)

#: What was heard of the agent, by what it does: a question matters, whatever it asks.
HEARD = {
    "speaking": "Here it is. And",
    "asking": "Is it this one? Or",
    "asked": "Is it this one?",
    "silent": "Here it is.",
}


def floor_decision(item: FloorItem) -> str:
    """What the policy makes of the speech of an item, which lasts a second."""
    policy = TurnPolicy(TurnSettings(language=item.language))
    policy.on_frame(ReplyStarted(reply_id="r"), 0.1)
    policy.on_frame(playing("r", 0.2), 0.2)
    if item.agent in {"asked", "silent"}:
        policy.on_frame(ReplyEnded(reply_id="r", heard=HEARD[item.agent]), 1.0)
    story = speech(item.text, 2.0, 3.0)
    story.insert(1, (2.07, ReplyHeard(reply_id="r", heard=HEARD[item.agent])))
    decisions = live(policy, *story, until_s=9.0)
    interrupted = any(isinstance(each, InterruptReply) for each in decisions)
    if not any(isinstance(each, CommitTurn) for each in decisions):
        assert not interrupted
        return "backchannel"
    assert interrupted == (item.agent in {"speaking", "asking"})
    return "interruption" if item.agent == "speaking" else "answer"


def is_ended(item: EndItem) -> bool:
    """Whether the policy takes a turn for over after the least delay that goes with a finished thought."""
    endpointing = EndpointingSettings(min_delay_s=0.5, max_delay_s=1.6)
    policy = TurnPolicy(TurnSettings(language=item.language, endpointing=endpointing))
    policy.on_frame(ReplyStarted(reply_id="r"), 0.1)
    policy.on_frame(playing("r", 0.2), 0.2)
    policy.on_frame(ReplyEnded(reply_id="r", heard=item.asked if item.asked.endswith("?") else f"{item.asked}?"), 1.0)
    if not item.asked:
        policy.on_frame(ReplyEnded(reply_id="other", heard="Here it is."), 1.0)
    return bool(live(policy, *speech(item.text, 2.0, 3.0), until_s=3.5))


@pytest.mark.parametrize("half", ["development", "reporting"])
def test_the_policy_decides_every_item_as_its_rules_do(half: str) -> None:
    items = floor_items(half)  # type: ignore[arg-type]  # by name
    assert len(items) > 150
    for item in items:
        assert floor_decision(item) == claim_of(item.text, item.agent, item.language), item


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_in_ten_claims_are_found_and_right(language: str) -> None:
    items = [item for item in floor_items("reporting") if item.language == language]
    found = scores((item.label, floor_decision(item)) for item in items)
    assert set(found) == {"backchannel", "interruption", "answer"}
    for label, score in found.items():
        assert min(score.precision, score.recall) >= 0.9, label


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_in_ten_ends_of_turns_are_found_and_right(language: str) -> None:
    items = [item for item in end_items("reporting") if item.language == language]
    found = scores((str(item.finished), str(is_ended(item))) for item in items)
    assert set(found) == {"True", "False"}
    for label, score in found.items():
        assert min(score.precision, score.recall) >= 0.9, label
