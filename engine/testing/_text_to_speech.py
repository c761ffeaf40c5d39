"""The contract of voices."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import trio

from trialogue.engine import ExpressiveVoice, TrialogueError
from trialogue.engine.testing._contract import WITHIN_S, check_rules, need
from trialogue.engine.testing._lifetimes import LIFETIME_RULES, OPENING_RULES, Sessions
from trialogue.engine.testing._sounds import ODD_TEXTS
from trialogue.frames import DeliveryMark

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.engine import TextToSpeech, Voice
    from trialogue.frames import AudioFormat, SpeechAudio

_SENTENCE: Final = "Good evening, a table for four is free."
_OTHER: Final = "We are closed."
_MARKED: Final = "One < two & three."
_LONG: Final = "This sentence goes on for a while, so that it can be interrupted long before its end. " * 4

#: The shortest that the sentence above may take, seconds; nobody speaks that fast.
_SHORTEST_S: Final = 0.3


async def check_text_to_speech(
    make: Callable[[], TextToSpeech], *, repeatable: bool = True, within_s: float = WITHIN_S
) -> None:
    """Check that a provider of voices does what `TextToSpeech` and `Voice` say.

    Args:
        make: makes the provider.
        repeatable: whether the same text always gives the same samples.
        within_s: how long each rule may take, seconds.

    Raises:
        ContractBroken: it breaks a rule; the message says which.
    """

    async def use(voice: Voice) -> bytes:
        return _pcm(await _spoken(voice, _SENTENCE))

    sessions = Sessions(make=make, use=use, repeatable=repeatable)
    await check_rules(
        (*OPENING_RULES, *_RULES, *LIFETIME_RULES), sessions, provider=type(make()).__name__, within_s=within_s
    )


async def _spoken(voice: Voice, text: str) -> list[SpeechAudio]:
    async with voice.speak(text) as speech:
        return [audio async for audio in speech]


def _pcm(sound: list[SpeechAudio]) -> bytes:
    return b"".join(audio.pcm for audio in sound)


def _samples(sound: list[SpeechAudio]) -> int:
    return len(_pcm(sound)) // 2


async def _format_is_mono_int16(sessions: Sessions[Voice]) -> None:
    """The format is mono int16, at a rate that a voice can have."""
    async with sessions.make().open() as voice:
        format: AudioFormat = voice.format
        need(format.channels == 1 and format.dtype == "int16", f"the format is {format}")
        need(4_000 <= format.rate_hz <= 192_000, f"the rate is {format.rate_hz} Hz")


async def _sound_is_in_the_format(sessions: Sessions[Voice]) -> None:
    """All sound is in the voice's format, in whole samples, and none of it is empty."""
    async with sessions.make().open() as voice:
        sound = await _spoken(voice, _SENTENCE)
        for audio in sound:
            need(audio.format == voice.format, f"{audio.format} in place of {voice.format}")
            need(len(audio.pcm) % 2 == 0, f"{len(audio.pcm)} bytes are no whole number of samples")
            need(bool(audio.pcm or audio.words), "there is audio without samples and without words")
        length_s = _samples(sound) / voice.format.rate_hz
        need(length_s > _SHORTEST_S, f"{_SENTENCE!r} takes {length_s:.3f} s")
        need(any(_pcm(sound)), "there is nothing but silence")


async def _longer_text_takes_longer(sessions: Sessions[Voice]) -> None:
    """A longer text takes longer."""
    async with sessions.make().open() as voice:
        short, long = _samples(await _spoken(voice, _OTHER)), _samples(await _spoken(voice, _LONG))
        need(long > 2 * short, f"{_OTHER!r} takes {short} samples, and {_LONG!r} {long}")


async def _words_are_placed_in_order(sessions: Sessions[Voice]) -> None:
    """Words, where they are placed, lie in the text and in the sound, in order and without overlap."""
    async with sessions.make().open() as voice:
        _check_words(await _spoken(voice, _SENTENCE), _SENTENCE)


def _check_words(sound: list[SpeechAudio], text: str) -> None:
    words = [word for audio in sound for word in audio.words]
    for word in words:
        need(0 <= word.start < word.end <= len(text), f"{word} lies outside {text!r}")
        need(bool(text[word.start : word.end].strip()), f"{word} is white space")
        need(0 <= word.at_sample < _samples(sound), f"{word} lies outside {_samples(sound)} samples of sound")
    for one, next_one in itertools.pairwise(words):
        need(one.end <= next_one.start and one.at_sample <= next_one.at_sample, f"{next_one} comes after {one}")


async def _marked_sentences_are_spoken(sessions: Sessions[Voice]) -> None:
    """A voice that understands marks of delivery speaks each of them, and places words in the sentence as it is."""
    async with sessions.make().open() as voice:
        if not isinstance(voice, ExpressiveVoice):
            return
        for delivery in sorted(voice.understands):
            begin, end = _MARKED.index("two"), _MARKED.index("two") if delivery == "pause" else len(_MARKED)
            mark = DeliveryMark(delivery=delivery, start=begin, end=end)
            async with voice.speak_marked(_MARKED, [mark]) as speech:
                sound = [audio async for audio in speech]
            need(_samples(sound) > 0, f"there is no sound of a sentence with the mark {delivery!r}")
            _check_words(sound, _MARKED)


async def _the_end_stays_the_end(sessions: Sessions[Voice]) -> None:
    """After the end of a sentence's sound there is nothing more."""
    async with sessions.make().open() as voice, voice.speak(_OTHER) as speech:
        async for _ in speech:
            pass
        need(await anext(speech, None) is None, "sound came after the end")


async def _leaving_disturbs_nothing(sessions: Sessions[Voice]) -> None:
    """Leaving a sentence early, by its door or cancelled, leaves nothing over for the next one."""
    async with sessions.make().open() as voice:
        alone = _pcm(await _spoken(voice, _OTHER))
    async with sessions.make().open() as voice:
        for cancelled in (False, True):
            with trio.CancelScope() as scope:
                async with voice.speak(_LONG) as speech:
                    await anext(speech)
                    if cancelled:
                        scope.cancel()
                        await trio.lowlevel.checkpoint()
            after = _pcm(await _spoken(voice, _OTHER))
            same = after == alone if sessions.repeatable else abs(len(after) - len(alone)) < len(alone) / 4
            how = "cancelled" if cancelled else "left"
            need(same, f"after one that was {how}, {_OTHER!r} has {len(after)} bytes; alone it has {len(alone)}")


async def _a_sentence_may_go_unheard(sessions: Sessions[Voice]) -> None:
    """A sentence whose sound nobody asks for leaves nothing over for the next one."""
    async with sessions.make().open() as voice:
        alone = _samples(await _spoken(voice, _OTHER))
        async with voice.speak(_LONG):
            pass
        after = _samples(await _spoken(voice, _OTHER))
        need(abs(after - alone) < alone / 4, f"{_OTHER!r} has {after} samples afterwards; alone it has {alone}")


async def _odd_text_is_spoken_or_refused(sessions: Sessions[Voice]) -> None:
    """Odd text is spoken, gives no sound, or is refused with a TrialogueError; what follows is spoken as ever."""
    async with sessions.make().open() as voice:
        for text in ODD_TEXTS:
            try:
                async with voice.speak(text) as speech:
                    await anext(speech, None)
            except TrialogueError:
                pass
            except Exception as error:  # noqa: BLE001  # whatever else comes is what is looked for
                need(False, f"{text[:30]!r} of {len(text)} characters raised {type(error).__name__}: {error}")
            need(_samples(await _spoken(voice, _OTHER)) > 0, f"after {text[:30]!r} there is no sound any more")


_RULES: Final = (
    _format_is_mono_int16,
    _sound_is_in_the_format,
    _longer_text_takes_longer,
    _words_are_placed_in_order,
    _marked_sentences_are_spoken,
    _the_end_stays_the_end,
    _leaving_disturbs_nothing,
    _a_sentence_may_go_unheard,
    _odd_text_is_spoken_or_refused,
)
