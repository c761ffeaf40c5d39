"""What the text path loads, and when: not with the package, not with the settings, and not in the middle of a reply."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from trialogue.actors.text._later import later

LOADED = "loaded = lambda: {name for name in sys.modules if '.sentence_chunker.' in name or '.text_filter.' in name}"
HEAVY = {
    "trialogue.actors.sentence_chunker._cutter",
    "trialogue.actors.sentence_chunker._registry",
    "trialogue.actors.text_filter._markup",
    "trialogue.actors.text_filter._reading",
    "trialogue.actors.text_filter._figures",
    "trialogue.actors.text_filter.languages.en",
}
REPLY = "It costs $5, or 3 km/h. See https://a.b on May 3, 5:30. **Dr.** Who? “No [x](y)!” $a^2$ <b>1)</b> A&amp;B :-) "


def run(program: str) -> None:
    """Run a program in a fresh interpreter; its assertions speak for themselves."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_settings_load_no_tables() -> None:
    run(
        f"import sys; from trialogue.actors import *; {LOADED}\n"
        "TextFilterSettings(), SentenceChunkerSettings.for_speech()\n"
        f"assert not loaded() & {HEAVY}, loaded()"
    )


@pytest.mark.parametrize("language", ["en", "de", "auto"])
def test_all_that_a_reply_needs_can_be_loaded_before(language: str) -> None:
    run(
        f"import re, sys; from trialogue.actors import *; from trialogue.frames import TextDelta; {LOADED}\n"
        f"chosen = TextFilterSettings(language={language!r}), SentenceChunkerSettings.for_speech()\n"
        f"load_text_path(*chosen)\n"
        "stage, before = SentenceStage(*chosen), {*sys.modules}\n"
        "re.compile = lambda *_: sys.exit('a pattern was not compiled before')\n"
        f"made = stage.push(TextDelta(text={REPLY!r})) + stage.finish()\n"
        "assert len(made) > 2 and {*sys.modules} == before, {*sys.modules} - before\n"
    )


def test_threads_may_load_at_once() -> None:
    run(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from trialogue.actors import load_text_path, speakable\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    done = [pool.submit(load_text_path) for _ in range(4)]\n"
        "    assert speakable('It costs $5.') == 'It costs five dollars.'\n"
        "assert not any(each.exception() for each in done)\n"
    )


def test_a_pattern_that_is_compiled_later_does_what_others_do() -> None:
    now, then = re.compile(r"a(b)", re.IGNORECASE), later("a(b)", re.IGNORECASE)
    assert then.pattern == now.pattern
    for method in ("findall", "fullmatch", "match", "search", "split"):
        assert str(getattr(then, method)("AB")) == str(getattr(now, method)("AB"))
    assert then.sub("x", "ab ab") == now.sub("x", "ab ab")
    assert [match[1] for match in then.finditer("xab", 1)] == ["b"]
    with pytest.raises(AttributeError, match="has no scanner"):
        getattr(then, "scanner")  # noqa: B009  # a type checker knows that it is not there


def test_an_error_in_a_pattern_shows_when_it_is_used() -> None:
    broken = later("(")
    with pytest.raises(re.error, match="unterminated"):
        broken.match("a")
