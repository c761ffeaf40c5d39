"""What the text path loads, and when: not with the package, and not in the middle of a reply."""

from __future__ import annotations

import subprocess
import sys

LOADED = "loaded = lambda: {name for name in sys.modules if '.sentence_chunker.' in name or '.text_filter.' in name}"
HEAVY = {
    "trialogue.actors.sentence_chunker._cutter",
    "trialogue.actors.sentence_chunker._registry",
    "trialogue.actors.text_filter._markup",
    "trialogue.actors.text_filter._reading",
    "trialogue.actors.text_filter._figures",
    "trialogue.actors.text_filter.languages.en",
}


def run(program: str) -> None:
    """Run a program in a fresh interpreter; its assertions speak for themselves."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_actors_loads_no_tables() -> None:
    run(f"import sys, trialogue.actors.text._sentences as text; {LOADED}; assert not loaded() & {HEAVY}, loaded()")


def test_settings_load_all_that_a_reply_needs() -> None:
    run(
        f"import sys; from trialogue.actors import *; from trialogue.frames import TextDelta; {LOADED}\n"
        "chosen = TextFilterSettings(), SentenceChunkerSettings.for_speech()\n"
        f"before = loaded(); assert before >= {HEAVY}, before\n"
        "stage = SentenceStage(*chosen)\n"
        "made = stage.push(TextDelta(text='It costs $5. See https://a.b on May 3. **Dr.** Who? ')) + stage.finish()\n"
        "assert len(made) > 1 and loaded() == before, loaded() - before\n"
    )
