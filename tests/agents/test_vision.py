"""Pictures for models that see."""

from __future__ import annotations

import io
import itertools
import math
from typing import TYPE_CHECKING

import attrs
import av
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import trio

from tests.agents.conversation import Talk
from trialogue.actors import EndpointingSettings, PreparationSettings, TurnSettings
from trialogue.agents import (
    OFF,
    ActorFailed,
    Agent,
    AnswerPrepared,
    ContextSettings,
    ConversationSettings,
    FrameSampler,
    Session,
    SessionReport,
    SessionSettings,
    VisionSettings,
    WindowPolicy,
    encode_picture,
)
from trialogue.agents.testing import AnswerRecord, FakeCall, FakeLlm, FakeStt, Line
from trialogue.engine import ConfigurationError, Outbox, TransportBroken
from trialogue.frames import ChatMessage, Image, VideoFrame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def decoded(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture in a JPEG."""
    with av.open(io.BytesIO(data), "r", format="image2pipe") as container:
        frame = next(container.decode(video=0))
        return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


def test_a_picture_is_made_small_and_keeps_its_look() -> None:
    rgb = np.zeros((480, 1280, 3), dtype=np.uint8)
    rgb[:, :640] = (250, 10, 10)
    rgb[:, 640:] = (10, 10, 250)
    image = encode_picture(rgb, VisionSettings(most_pixels=320))
    assert image.media_type == "image/jpeg"
    seen = decoded(image.data)
    assert seen.shape == (120, 320, 3)
    assert seen[60, 40] == pytest.approx([250, 10, 10], abs=25)
    assert seen[60, 280] == pytest.approx([10, 10, 250], abs=25)
    assert len(image.data) < 5000


@hypothesis.settings(max_examples=15)
@hypothesis.given(st.integers(1, 700), st.integers(1, 700))
def test_pictures_of_every_shape_are_encoded(height: int, width: int) -> None:
    image = encode_picture(np.full((height, width, 3), 128, dtype=np.uint8))
    seen = decoded(image.data)
    assert max(seen.shape) <= 512
    assert np.abs(seen.astype(int) - 128).max() <= 4


def test_what_is_no_picture_is_refused() -> None:
    for wrong in (np.zeros((2, 2), dtype=np.uint8), np.zeros((2, 2, 3)), np.zeros((0, 2, 3), dtype=np.uint8)):
        with pytest.raises(ConfigurationError, match="a picture is an array of shape"):
            encode_picture(wrong)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(ConfigurationError, match="vision needs"):
        VisionSettings(silent_hz=0)


def test_more_is_seen_while_the_user_speaks() -> None:
    sampler = FrameSampler()
    silent = [number for number in range(100) if sampler.wants(number * 0.1, user_speaks=False)]
    assert silent == [0, 34, 68]
    speaking = [number for number in range(100, 131) if sampler.wants(number * 0.1, user_speaks=True)]
    assert speaking == [100, 110, 120, 130]


# -- in a session


def picture(red: int, *, at_s: float = 0.0, width: int = 32, height: int = 16) -> VideoFrame:
    """A picture of one colour."""
    return VideoFrame(rgb=bytes((red, 10, 10)) * (width * height), width=width, height=height, at_s=at_s)


def reds(images: tuple[Image, ...]) -> list[int]:
    """How red each of these is, to twenty."""
    return [round(float(decoded(image.data)[..., 0].mean()) / 20) * 20 for image in images]


def messages(record: AnswerRecord) -> list[ChatMessage]:
    """The messages that the model was asked with."""
    return [item for item in record.request.items if isinstance(item, ChatMessage)]


def shown(talk: Talk) -> list[list[tuple[str, list[int]]]]:
    """What the model was asked, request by request: the user's words, and how red the pictures with them were."""
    return [
        [
            (item.text, reds(item.images))
            for item in record.request.items
            if isinstance(item, ChatMessage) and item.role == "user"
        ]
        for record in talk.llm.records
    ]


def speaks(*at_s: float, hangs_up_s: float = 12.0) -> FakeCall:
    """The user speaks for half a second each time."""
    return FakeCall(lines=[Line(at_s=each, for_s=0.5) for each in at_s], hangs_up_s=hangs_up_s)


def says(*texts: str) -> FakeStt:
    """What is understood."""
    return FakeStt(utterances=list(texts))


def shows(*pictures: tuple[float, Image | VideoFrame]) -> Callable[[Session], Awaitable[None]]:
    """The program shows pictures at these moments."""

    async def do(session: Session) -> None:
        begun_s = trio.current_time()
        for at_s, each in pictures:
            await trio.sleep_until(begun_s + at_s)
            await session.show(each)
        await session.wait_ended()

    return do


def test_a_picture_goes_with_what_the_user_says_next() -> None:
    talk = Talk(
        call=speaks(2.0, 5.0),
        stt=says("what is this", "and now"),
        llm=FakeLlm(answers=["Red.", "Nothing."]),
        do=shows((1.0, picture(240)), (1.2, Image(url="https://pictures.example/1.jpg"))),
    ).hold()
    first, second = (
        [item for item in record.request.items if isinstance(item, ChatMessage)] for record in talk.llm.records
    )
    assert [len(item.images) for item in first] == [2]
    assert reds(first[0].images[:1]) == [240]
    assert first[0].images[1].url == "https://pictures.example/1.jpg"
    assert [(item.role, len(item.images)) for item in second] == [("user", 2), ("agent", 0), ("user", 0)]


def test_no_more_than_the_newest_go_with_a_turn() -> None:
    pictures = [(0.2 * number, picture(40 * number)) for number in range(1, 7)]
    talk = Talk(call=speaks(2.0), stt=says("look"), llm=FakeLlm(answers=["Yes."]), do=shows(*pictures)).hold()
    assert shown(talk) == [[("look", [160, 200, 240])]]


def test_older_pictures_are_left_out_of_what_the_model_is_told() -> None:
    context = ContextSettings(window=WindowPolicy(max_images=2))
    talk = Talk(
        call=speaks(1.0, 4.0, 7.0),
        stt=says("one", "two", "three"),
        llm=FakeLlm(answers=["a", "b", "c"]),
        do=shows((0.5, picture(80)), (3.5, picture(160)), (6.5, picture(240))),
        settings=SessionSettings(conversation=ConversationSettings(context=context)),
    ).hold()
    assert shown(talk)[-1] == [("one", []), ("two", [160]), ("three", [240])]
    remembered = [len(item.images) for item in talk.history if isinstance(item, ChatMessage) and item.role == "user"]
    assert remembered == [1, 1, 1]


def test_a_reply_that_answers_no_words_sees_what_was_shown() -> None:
    async def do(session: Session) -> None:
        await session.show(picture(240))
        await session.reply("Say what you see.").wait()
        session.end()

    talk = Talk(call=speaks(), llm=FakeLlm(answers=["Red."]), do=do).hold()
    assert shown(talk) == [[("", [240])]]


def test_a_model_that_cannot_see_is_shown_nothing() -> None:
    async def do(session: Session) -> None:
        with pytest.raises(ConfigurationError, match="FakeLlm cannot see pictures"):
            await session.show(picture(240))
        await session.wait_ended()

    blind = FakeLlm(answers=["What?"], sees=False)
    assert shown(Talk(call=speaks(1.0), stt=says("look"), llm=blind, do=do).hold()) == [[("look", [])]]


def test_where_no_model_is_nobody_sees() -> None:
    async def do(session: Session) -> None:
        with pytest.raises(ConfigurationError, match="no language model is there; give the session"):
            await session.show(picture(240))

    Talk(call=speaks(1.0), agent=Agent(instructions="x", llm=OFF), do=do).hold()


def test_what_was_shown_to_another_model_is_kept_from_one_that_cannot_see() -> None:
    blind = FakeLlm(answers=["I see nothing."], sees=False)

    async def do(session: Session) -> None:
        await session.show(picture(240))
        await session.reply("Look.").wait()
        session.handoff(Agent(instructions="x", llm=blind))
        await session.wait_ended()

    talk = Talk(call=speaks(3.0), stt=says("and you"), llm=FakeLlm(answers=["Red."]), do=do).hold()
    (record,) = blind.records
    assert [(item.text, item.images) for item in messages(record)] == [("Red.", ()), ("and you", ())]
    assert [len(item.images) for item in talk.history if isinstance(item, ChatMessage)] == [1, 0, 0, 0]


def test_a_picture_that_is_shown_off_the_record_is_in_no_report() -> None:
    reports: list[SessionReport] = []

    async def do(session: Session) -> None:
        await session.show(picture(80))
        await session.reply("Look.").wait()
        with session.off_the_record():
            await session.show(picture(240))
            await session.reply("Look.").wait()
        reports.append(session.report())
        session.end()

    talk = Talk(call=speaks(), llm=FakeLlm(answers=["a", "b"]), do=do).hold()
    told = [item for item in reports[0].context if isinstance(item, ChatMessage)]
    assert [len(item.images) for item in told if item.role == "user"] == [1, 0]
    assert [len(item.images) for item in talk.history if isinstance(item, ChatMessage)] == [1, 0, 1, 0]


def test_what_is_no_picture_is_told_to_the_program() -> None:
    async def do(session: Session) -> None:
        with pytest.raises(ConfigurationError, match="32 x 16 pixels has 1536 bytes, not 3"):
            await session.show(VideoFrame(rgb=b"123", width=32, height=16))

    Talk(call=speaks(), do=do).hold()


@attrs.define(kw_only=True, eq=False)
class VideoCall(FakeCall):
    """A caller with a camera: ten pictures a second, each as red as it is late.

    Args:
        breaks_after_s: when the camera breaks, seconds.
    """

    breaks_after_s: float = math.inf

    async def video(self, frames_out: Outbox[VideoFrame]) -> None:
        """Send them."""
        begun_s = trio.current_time()
        for number in itertools.count():
            if number * 0.1 >= self.breaks_after_s:
                raise TransportBroken("the camera broke")
            await trio.sleep_until(begun_s + number * 0.1)
            await frames_out.send(picture(min(250, number * 2), at_s=number * 0.1))


def video_call(*at_s: float, for_s: float = 0.5, breaks_after_s: float = math.inf) -> VideoCall:
    """The user speaks at these moments."""
    lines = [Line(at_s=each, for_s=for_s) for each in at_s]
    return VideoCall(lines=lines, hangs_up_s=12.0, breaks_after_s=breaks_after_s)


def test_a_camera_is_looked_at_more_often_while_the_user_speaks() -> None:
    context = ContextSettings(vision=VisionSettings(per_turn=99), window=WindowPolicy(max_images=99))
    talk = Talk(
        call=video_call(4.0, for_s=3.0),
        stt=says("what is in my hand"),
        llm=FakeLlm(answers=["A pen."]),
        settings=SessionSettings(conversation=ConversationSettings(context=context)),
    ).hold()
    (asked,) = messages(talk.llm.records[0])
    seen = [float(decoded(image.data)[..., 0].mean()) / 20 for image in asked.images]  # seconds, roughly
    assert seen == pytest.approx([0.0, 3.4, 4.4, 5.4, 6.4], abs=0.35)


def test_a_camera_that_breaks_ends_no_call() -> None:
    talk = Talk(call=video_call(4.0, breaks_after_s=2.0), stt=says("hello"), llm=FakeLlm(answers=["Hi."])).hold()
    assert [event.actor for event in talk.of(ActorFailed)] == ["camera"]
    assert len(talk.llm.records) == 1


def test_nobody_looks_where_nobody_sees() -> None:
    talk = Talk(call=video_call(4.0), stt=says("hello"), llm=FakeLlm(answers=["Hi."], sees=False)).hold()
    assert shown(talk) == [[("hello", [])]]
    assert all(not item.images for item in talk.history if isinstance(item, ChatMessage))


def test_a_new_picture_makes_an_answer_stale_that_was_prepared() -> None:
    turn = TurnSettings(preparation=PreparationSettings(enabled=True), endpointing=EndpointingSettings(min_delay_s=1.0))
    talk = Talk(
        call=speaks(1.0),
        stt=says("what is this"),
        llm=FakeLlm(answers=["Nothing.", "Red."]),
        settings=SessionSettings(turn=turn),
        do=shows((2.2, picture(240))),
    ).hold()
    assert shown(talk) == [[("what is this", [])], [("what is this", [240])]]
    assert [event.used for event in talk.of(AnswerPrepared)] == [False]
