"""Graphs: each mistake is found before anything runs, and what runs ends as it should."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import pytest
import trio

from trialogue.engine import (
    Channel,
    ChannelBroken,
    ChannelClosed,
    Graph,
    GraphError,
    Inbox,
    Outbox,
    fan_out,
    merge,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from decimal import Decimal


class Sound: ...


class Word: ...


class LoudWord(Word): ...


class Edge: ...


async def microphone(audio_out: Outbox[Sound], *, frames: int = 3) -> None:
    for _ in range(frames):
        await audio_out.send(Sound())


async def stt(audio_in: Inbox[Sound], words_out: Outbox[Word], *, interim_out: Outbox[Word] | None = None) -> None:
    async for _ in audio_in:
        await words_out.send(Word())
        if interim_out is not None:
            await interim_out.send(LoudWord())


async def vad(audio_in: Inbox[Sound], edges_out: Outbox[Edge], *, threshold: float) -> None:
    async for _ in audio_in:
        await edges_out.send(Edge())


async def turn(inbox: Inbox[Word | Edge], log: list[object]) -> None:
    async for item in inbox:
        log.append(item)


async def words_sink(words_in: Inbox[Word], log: list[Word]) -> None:
    async for word in words_in:
        log.append(word)


async def loud_sink(words_in: Inbox[LoudWord]) -> None:
    async for _ in words_in:
        pass


async def echo(words_in: Inbox[Word], words_out: Outbox[Word]) -> None:
    async for word in words_in:
        await words_out.send(word)


def denoise(frame: Sound, *, strength: float = 1.0) -> Sound:
    return frame


def spell(word: Word) -> list[LoudWord]:
    return [LoudWord(), LoudWord()]


def gate(word: Word) -> LoudWord | None:
    return word if isinstance(word, LoudWord) else None


async def slow_stage(frame: Sound) -> Sound:
    await trio.lowlevel.checkpoint()
    return frame


async def generator_stage(frame: Sound) -> AsyncIterator[Sound]:
    await trio.lowlevel.checkpoint()
    yield frame


async def bare(inbox: Inbox) -> None:  # type: ignore[type-arg]  # the mistake under test
    pass


async def hidden(inbox: Inbox[Decimal]) -> None:
    pass


def speech() -> tuple[Graph, Channel[Sound], Channel[Word]]:
    """A microphone and a recogniser that lacks a consumer."""
    graph = Graph("call")
    audio, words = Channel[Sound]("audio", capacity=2), Channel[Word]("words", capacity=2)
    graph.add(microphone, audio.outbox)
    graph.add(stt, audio.inbox, words.outbox)
    return graph, audio, words


# Mistakes


def wrong_type() -> Graph:
    graph, _, words = speech()
    graph.add(loud_sink, words.inbox)  # type: ignore[arg-type]  # the mistake under test
    return graph


def wrong_type_through_a_stage() -> Graph:
    graph = Graph()
    words, audio = Channel[Word]("words", capacity=1), Channel[Sound]("audio", capacity=1)
    graph.add(microphone, audio.outbox)
    graph.add(words_sink, merge(graph.stage(denoise, audio.inbox), words.inbox), [])  # type: ignore[call-overload]  # the mistake
    graph.outside(words.outbox)
    return graph


def wrong_type_into_a_stage() -> Graph:
    graph, _, words = speech()
    graph.add(words_sink, graph.stage(denoise, words.inbox), [])  # type: ignore[call-overload]  # the mistake
    return graph


def unconnected_port() -> None:
    Graph().add(stt, Channel[Sound]("audio", capacity=1).inbox)  # type: ignore[call-arg]  # the mistake


def none_as_required_port() -> None:
    Graph().add(microphone, None)  # type: ignore[arg-type]  # the mistake under test


def the_wrong_end() -> None:
    Graph().add(microphone, Channel[Sound]("audio", capacity=1).inbox)  # type: ignore[arg-type]  # the mistake


def missing_setting() -> None:
    audio, edges = Channel[Sound]("audio", capacity=1), Channel[Edge]("edges", capacity=1)
    Graph().add(vad, audio.inbox, edges.outbox)  # type: ignore[call-arg]  # the mistake under test


def unknown_setting() -> None:
    Graph().add(microphone, Channel[Sound]("audio", capacity=1).outbox, frame=3)  # type: ignore[call-arg]  # the mistake


def same_name_twice() -> None:
    graph, _, _ = speech()
    graph.add(microphone, Channel[Sound]("more audio", capacity=1).outbox)


def same_name_twice_in_a_subgraph() -> None:
    part = Graph("call").subgraph("ears")
    audio = Channel[Sound]("audio", capacity=1)
    part.stage(denoise, part.stage(denoise, audio.inbox))


def two_producers() -> None:
    graph, audio, _ = speech()
    graph.add_as("second microphone", microphone, audio.outbox)


def two_consumers() -> None:
    graph, audio, _ = speech()
    graph.add(vad, audio.inbox, Channel[Edge]("edges", capacity=1).outbox, threshold=0.5)


def two_consumers_through_a_stage() -> None:
    graph, audio, _ = speech()
    edges = Channel[Edge]("edges", capacity=1)
    graph.add(vad, graph.stage(denoise, audio.inbox), edges.outbox, threshold=0.5)


def one_channel_at_two_ports() -> None:
    graph = Graph()
    words = Channel[Word]("words", capacity=1)
    graph.add(stt, Channel[Sound]("audio", capacity=1).inbox, words.outbox, interim_out=words.outbox)


def channel_in_two_graphs() -> None:
    _, audio, _ = speech()
    edges = Channel[Edge]("edges", capacity=1)
    Graph("recording").add(vad, audio.inbox, edges.outbox, threshold=0.5)


def cycle() -> Graph:
    graph = Graph()
    there, back = Channel[Word]("there", capacity=8), Channel[Word]("back", capacity=8)
    graph.add_as("ping", echo, back.inbox, there.outbox)
    graph.add_as("pong", echo, graph.stage(gate, there.inbox), back.outbox)
    return graph


def loop() -> Graph:
    graph = Graph()
    words = Channel[Word]("words", capacity=8)
    graph.add(echo, words.inbox, words.outbox)
    return graph


def nobody_receives() -> Graph:
    return speech()[0]


def nobody_sends() -> Graph:
    graph = Graph()
    graph.add(words_sink, Channel[Word]("words", capacity=1).inbox, [])
    return graph


def unused_stage() -> Graph:
    graph, _, words = speech()
    graph.stage(gate, words.inbox)
    return graph


def unused_stage_on_a_used_channel() -> Graph:
    graph, _, words = speech()
    graph.stage(gate, words.inbox)
    graph.add(words_sink, words.inbox, [])
    return graph


def plain_function_as_actor() -> None:
    Graph().add(denoise, Sound())  # type: ignore[arg-type]  # the mistake under test


def async_function_as_stage() -> None:
    Graph().stage(slow_stage, Channel[Sound]("audio", capacity=1).inbox)


def async_generator_as_stage() -> None:
    Graph().stage(generator_stage, Channel[Sound]("audio", capacity=1).inbox)


def async_generator_as_actor() -> None:
    Graph().add(generator_stage, Sound())  # type: ignore[arg-type]  # the mistake under test


def port_without_item_type() -> None:
    Graph().add(bare, Channel[Word]("words", capacity=1).inbox)


def type_known_to_type_checkers_only() -> None:
    Graph().add(hidden, Channel[Any]("prices", capacity=1).inbox)


def type_inside_a_function() -> None:
    class Local: ...

    async def local(inbox: Inbox[Local]) -> None:
        pass

    Graph().add(local, Channel[Local]("things", capacity=1).inbox)


def run_twice() -> None:
    async def main() -> None:
        graph = Graph("call")
        words = Channel[Word]("words", capacity=1)
        words.outbox.close()
        graph.add(words_sink, words.inbox, [])
        graph.outside(words.outbox)
        await graph.run()
        await graph.run()

    trio.run(main)


MISTAKES: list[tuple[Callable[[], Graph | None], str]] = [
    (
        wrong_type,
        "actor loud_sink: port 'words_in' takes LoudWord, but port 'words_out' of actor stt sends Word into it; "
        "connect another channel, put a stage between them, or widen the port",
    ),
    (
        wrong_type_through_a_stage,
        "actor words_sink: port 'words_in' takes Word, but stage denoise sends Sound into it; "
        "connect another channel, put a stage between them, or widen the port",
    ),
    (
        wrong_type_into_a_stage,
        "actor denoise: port 'frame' takes Sound, but port 'words_out' of actor stt sends Word into it; "
        "connect another channel, put a stage between them, or widen the port",
    ),
    (
        unconnected_port,
        "actor stt: missing a required argument: 'words_out'; port 'words_out' is not connected: pass it an Outbox of "
        "Word",
    ),
    (
        none_as_required_port,
        "actor microphone: port 'audio_out' is not connected but got None; pass it an Outbox of Sound, such as "
        "channel.outbox",
    ),
    (
        the_wrong_end,
        "actor microphone: port 'audio_out' is not connected but got <trialogue.engine._channel.Inbox object>; pass it "
        "an Outbox of Sound, such as channel.outbox",
    ),
    (
        missing_setting,
        "actor vad: missing a required argument: 'threshold'; it takes vad(audio_in, edges_out, *, threshold)",
    ),
    (
        unknown_setting,
        "actor microphone: got an unexpected keyword argument 'frame'; it takes microphone(audio_out, *, frames=3)",
    ),
    (
        same_name_twice,
        "graph call: there is already an actor 'microphone'; give the second one a name of its own with "
        "graph.add_as(NAME, ...), or put it into a subgraph",
    ),
    (
        same_name_twice_in_a_subgraph,
        "graph call: there is already an actor 'ears.denoise'; give the second one a name of its own with "
        "graph.add_as(NAME, ...), or put it into a subgraph",
    ),
    (
        two_producers,
        "actor second microphone: port 'audio_out' cannot be the producer of channel 'audio', because port 'audio_out' "
        "of actor microphone is; a channel has one producer and belongs to one graph: use merge() and a channel for "
        "each, or build the second graph with channels of its own",
    ),
    (
        two_consumers,
        "actor vad: port 'audio_in' cannot be the consumer of channel 'audio', because port 'audio_in' of actor stt "
        "is; "
        "a channel has one consumer and belongs to one graph: use fan_out() and a channel for each, or build the "
        "second graph with channels of its own",
    ),
    (
        two_consumers_through_a_stage,
        "actor vad: port 'audio_in' cannot be the consumer of channel 'audio', because port 'audio_in' of actor stt "
        "is; "
        "a channel has one consumer and belongs to one graph: use fan_out() and a channel for each, or build the "
        "second graph with channels of its own",
    ),
    (
        one_channel_at_two_ports,
        "actor stt: port 'interim_out' cannot be the producer of channel 'words', because port 'words_out' of actor "
        "stt "
        "is; a channel has one producer and belongs to one graph: use merge() and a channel for each, or build the "
        "second graph with channels of its own",
    ),
    (
        channel_in_two_graphs,
        "actor vad: port 'audio_in' cannot be the consumer of channel 'audio', because port 'audio_in' of actor stt of "
        "graph 'call' is; a channel has one consumer and belongs to one graph: use fan_out() and a channel for each, "
        "or build the second graph with channels of its own",
    ),
    (
        cycle,
        "actor pong: port 'words_out', on channel 'back', closes an unbounded cycle, pong (back) -> ping (there) -> "
        "pong, in which each channel blocks when it is full, so all can wait for each other; make one of them "
        'overflow="latest" or "drop oldest"',
    ),
    (
        loop,
        "actor echo: port 'words_out', on channel 'words', closes an unbounded cycle, echo (words) -> echo, in which "
        "each channel blocks when it is full, so all can wait for each other; make one of them "
        'overflow="latest" or "drop oldest"',
    ),
    (
        nobody_receives,
        "actor stt: port 'words_out' sends into channel 'words', from which nobody receives; connect words.inbox to an "
        "actor, or tell graph.outside(words.inbox)",
    ),
    (
        nobody_sends,
        "actor words_sink: port 'words_in' receives from channel 'words', which nobody sends into; connect "
        "words.outbox "
        "to an actor, or tell graph.outside(words.outbox)",
    ),
    (
        unused_stage,
        "stage gate: nobody receives what it makes (LoudWord); give the inbox that graph.stage() returned to an actor, "
        "or tell graph.outside(INBOX)",
    ),
    (
        unused_stage_on_a_used_channel,
        "stage gate: nobody receives what it makes (LoudWord); give the inbox that graph.stage() returned to an actor, "
        "or tell graph.outside(INBOX)",
    ),
    (
        plain_function_as_actor,
        "actor denoise: denoise is no `async def` function; if it is a plain function that never waits, add it with "
        "graph.stage(), else make it `async def` without `yield`",
    ),
    (
        async_function_as_stage,
        "stage slow_stage: it is `async def`; add it with graph.add(), as an actor with ports",
    ),
    (
        async_generator_as_stage,
        "stage generator_stage: it is `async def`; add it with graph.add(), as an actor with ports",
    ),
    (
        async_generator_as_actor,
        "actor generator_stage: generator_stage is no `async def` function; if it is a plain function that never "
        "waits, "
        "add it with graph.stage(), else make it `async def` without `yield`",
    ),
    (
        port_without_item_type,
        "actor bare: port 'inbox' does not say what it carries; write Inbox[FrameType] or Outbox[FrameType]",
    ),
    (
        type_known_to_type_checkers_only,
        f"{__name__}.hidden: the type 'Decimal' in its signature cannot be found when the graph is built; import it at "
        "the top of the module, outside `if TYPE_CHECKING`, and define it outside functions",
    ),
    (
        type_inside_a_function,
        f"{__name__}.type_inside_a_function.<locals>.local: the type 'Local' in its signature cannot be found when the "
        "graph is built; import it at the top of the module, outside `if TYPE_CHECKING`, and define it outside "
        "functions",
    ),
    (
        run_twice,
        "graph call: it has run already, and its channels are used up; build a new graph for each run",
    ),
]


def make_and_check(mistake: Callable[[], Graph | None]) -> None:
    graph = mistake()
    if graph is not None:
        graph.check()


@pytest.mark.parametrize(("mistake", "message"), MISTAKES, ids=[mistake.__name__ for mistake, _ in MISTAKES])
def test_each_mistake_is_named_with_its_remedy(mistake: Callable[[], Graph | None], message: str) -> None:
    with pytest.raises(GraphError) as caught:
        make_and_check(mistake)
    assert re.sub(r" at 0x\w+", "", str(caught.value)) == message


async def test_a_refused_actor_leaves_the_graph_as_it_was() -> None:
    graph, audio, words = speech()
    with pytest.raises(GraphError):
        graph.add(vad, audio.inbox, words.outbox, threshold=0.5)  # type: ignore[arg-type]  # the mistake under test
    log: list[Word] = []
    graph.add(words_sink, words.inbox, log)
    await graph.run()
    assert len(log) == 3


# What is no mistake


async def test_a_cycle_with_a_channel_that_drops_is_none() -> None:
    graph = Graph()
    there, back = Channel[Word]("there", capacity=8), Channel[Word]("back", overflow="latest")
    graph.add_as("ping", echo, back.inbox, there.outbox)
    graph.add_as("pong", echo, there.inbox, back.outbox)
    graph.check()
    await trio.lowlevel.checkpoint()


def test_a_port_takes_what_is_narrower_than_it() -> None:
    graph, _, words = speech()
    loud: list[Word] = []
    graph.add(words_sink, graph.stage(spell, words.inbox), loud)
    graph.check()


async def test_optional_ports_are_connected_or_not() -> None:
    for connect in (False, True):
        graph, audio = Graph(), Channel[Sound]("audio", capacity=2)
        words, interim = Channel[Word]("words", capacity=2), Channel[Word]("interim", overflow="latest")
        graph.add(microphone, audio.outbox)
        graph.add(stt, audio.inbox, words.outbox, interim_out=interim.outbox if connect else None)
        log: list[object] = []
        graph.add(turn, merge(words.inbox, interim.inbox) if connect else words.inbox, log)
        await graph.run()
        assert sum(type(item) is Word for item in log) == 3
        assert any(type(item) is LoudWord for item in log) == connect


async def test_partials_carry_ports_and_settings() -> None:
    graph = Graph()
    audio, edges = Channel[Sound]("audio", capacity=2), Channel[Edge]("edges", capacity=2)
    log: list[object] = []
    graph.add(functools.partial(microphone, audio.outbox, frames=2))
    graph.add(functools.partial(functools.partial(vad, threshold=0.5), audio.inbox), edges.outbox)
    graph.add(functools.partial(turn, log=log), edges.inbox)
    await graph.run()
    assert len(log) == 2
    assert graph.pipes == (audio.inbox.pipe, edges.inbox.pipe)


class Counter:
    """An actor may be an object."""

    def __init__(self) -> None:
        self.seen = 0

    async def __call__(self, words_in: Inbox[Word]) -> None:
        async for _ in words_in:
            self.seen += 1

    async def run(self, words_in: Inbox[Word]) -> None:
        await self(words_in)


async def test_an_actor_may_be_an_object_or_its_method() -> None:
    for method in (False, True):
        counter = Counter()
        graph, _, words = speech()
        graph.add(counter.run if method else counter, words.inbox)
        await graph.run()
        assert counter.seen == 3


async def test_a_subgraph_is_a_function_that_can_be_used_twice() -> None:
    def ears(graph: Graph, audio: Inbox[Sound]) -> Inbox[Word]:
        words = Channel[Word]("words", capacity=2)
        graph.add(stt, graph.stage(denoise, audio, strength=0.5), words.outbox)
        return words.inbox

    graph = Graph("meeting")
    left, right = Channel[Sound]("left", capacity=1), Channel[Sound]("right", capacity=1)
    graph.add(microphone, fan_out(left.outbox, right.outbox))
    log: list[Word] = []
    both = merge(ears(graph.subgraph("left"), left.inbox), ears(graph.subgraph("right"), right.inbox))
    graph.add(words_sink, both, log)
    await graph.run()
    assert len(log) == 6
    names = [node.name for node in graph.nodes]
    assert names == ["microphone", "left.denoise", "left.stt", "right.denoise", "right.stt", "words_sink"]


async def test_outside_code_may_hold_ends_also_behind_a_stage() -> None:
    graph, audio, words = Graph(), Channel[Sound]("audio", capacity=1), Channel[Word]("words", capacity=9)
    graph.add(stt, audio.inbox, words.outbox)
    spelled = graph.stage(spell, words.inbox)
    graph.outside(audio.outbox, spelled)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(graph.run)
        await audio.outbox.send(Sound())
        audio.outbox.close()
        assert len([word async for word in spelled]) == 2


# How it ends


async def test_an_actor_that_returns_ends_its_neighbours() -> None:
    """Downstream by the end of its input, upstream by having nobody left to send to."""
    ended: list[str] = []

    async def endless(audio_out: Outbox[Sound]) -> None:
        try:
            while True:
                await audio_out.send(Sound())
        finally:
            ended.append("source")

    async def two_only(audio_in: Inbox[Sound], words_out: Outbox[Word]) -> None:
        for _ in range(2):
            await audio_in.receive()
            await words_out.send(Word())
        ended.append("middle")

    graph, audio, words = Graph(), Channel[Sound]("audio", capacity=1), Channel[Word]("words", capacity=1)
    log: list[Word] = []
    graph.add(endless, audio.outbox)
    graph.add(two_only, audio.inbox, words.outbox)
    graph.add(words_sink, words.inbox, log)
    await graph.run()
    assert (ended, len(log)) == (["middle", "source"], 2)
    (sound, _) = graph.statistics()
    assert sound.closed
    assert sound.detached


async def test_an_actor_with_a_nursery_of_its_own_ends_with_its_consumer_too() -> None:
    async def busy(audio_out: Outbox[Sound]) -> None:
        async def forward() -> None:
            while True:
                await audio_out.send(Sound())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(forward)
            nursery.start_soon(trio.sleep_forever)

    graph, audio = Graph(), Channel[Sound]("audio", capacity=1)
    graph.add(busy, audio.outbox)
    graph.outside(audio.inbox)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(graph.run)
        await audio.inbox.receive()
        audio.inbox.detach()


async def test_a_broken_channel_of_somebody_else_is_a_crash() -> None:
    other = Channel[Sound]("other", capacity=1)
    other.inbox.detach()

    async def careless(audio_out: Outbox[Sound]) -> None:
        await other.outbox.send(Sound())

    graph, audio = Graph(), Channel[Sound]("audio", capacity=1)
    graph.add(careless, audio.outbox)
    graph.outside(audio.inbox)
    with pytest.RaisesGroup(pytest.RaisesExc(ChannelBroken, match="'other'"), flatten_subgroups=True):
        await graph.run()


async def test_a_crash_cancels_the_others_comes_out_in_a_group_and_closes_channels_last() -> None:
    cancelled: list[str] = []
    open_meanwhile: list[bool] = []

    async def patient(audio_in: Inbox[Sound], words_out: Outbox[Word]) -> None:
        try:
            await trio.sleep_forever()
        finally:
            cancelled.append("patient")
            open_meanwhile.extend(not way.closed and not way.detached for way in graph.statistics())

    async def crashing(words_in: Inbox[Word]) -> None:
        await trio.lowlevel.checkpoint()
        raise ZeroDivisionError

    graph, audio, words = Graph(), Channel[Sound]("audio", capacity=1), Channel[Word]("words", capacity=1)
    graph.add(patient, audio.inbox, words.outbox)
    graph.add(crashing, words.inbox)
    graph.outside(audio.outbox)
    with pytest.RaisesGroup(ZeroDivisionError):
        await graph.run()
    assert cancelled == ["patient"]
    assert open_meanwhile == [True, True]
    assert all(way.closed or way.detached for way in graph.statistics())


async def test_actors_that_crash_together_all_come_out() -> None:
    async def crash(audio_in: Inbox[Sound]) -> None:
        await trio.lowlevel.cancel_shielded_checkpoint()
        raise ZeroDivisionError

    async def fall(audio_in: Inbox[Sound]) -> None:
        await trio.lowlevel.cancel_shielded_checkpoint()
        raise KeyError

    graph, a, b = Graph(), Channel[Sound]("a", capacity=1), Channel[Sound]("b", capacity=1)
    graph.add(crash, a.inbox)
    graph.add(fall, b.inbox)
    graph.outside(a.outbox, b.outbox)
    with pytest.RaisesGroup(ZeroDivisionError, KeyError):
        await graph.run()


async def test_a_graph_that_is_cancelled_ends_all_its_actors() -> None:
    graph, _, words = speech()
    graph.add(words_sink, words.inbox, [])
    with trio.CancelScope() as scope:
        scope.cancel()
        await graph.run()
    assert scope.cancelled_caught


async def test_after_its_run_the_ends_of_a_graph_are_closed() -> None:
    graph, audio, words = speech()
    graph.add(words_sink, words.inbox, [])
    await graph.run()
    with pytest.raises(ChannelClosed):
        await audio.outbox.send(Sound())


async def test_actors_run_under_their_names() -> None:
    names: list[str] = []

    async def who(audio_in: Inbox[Sound]) -> None:
        await trio.lowlevel.checkpoint()
        names.append(trio.lowlevel.current_task().name)

    graph, audio = Graph("call"), Channel[Sound]("audio", capacity=1)
    graph.subgraph("ears").add_as("listener", who, audio.inbox)
    graph.outside(audio.outbox)
    await graph.run()
    assert names == ["call.ears.listener"]
