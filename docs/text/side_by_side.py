"""Writes `side-by-side.md`: telling inputs, what the filter makes of them, and the chunks, by running the code.

python docs/text/side_by_side.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from trialogue.actors import SentenceChunker, TextFilter, TextFilterSettings

INPUTS = (
    (
        "en",
        "Sure! Here's what I found:\n\n1. **Chicken soup** – 30 minutes, $4.99/serving\n2. **Beef stew** – 2 hrs, ~$7",
    ),
    ("en", "Dr. Smith can see you on May 5, 2024 at 3:30 p.m. Shall I book it? It costs $125.50."),
    ("en", "## Plans\n\n| Plan | Price |\n|------|------:|\n| Basic | $10/mo |\n| Pro | $25/mo |\n\nWhich one?"),
    ("en", "Use `git push origin main`. In C# it's `2 * 3`, in snake_case it's `the_key`."),
    ("en", "Like this:\n\n```python\nprint('Hello. World.')\n```\n\nThat prints a greeting 😀! Easy."),
    ("en", "See [the docs](https://example.com/a_b) or write to joe@example.com. It is so [1]. Really?"),
    ("en", "<think>They want the time.</think>*smiles* It's 10:05. Call (555) 123-4567, ext. 5, or +1 415 555 1234."),
    ("en", "The U.S. economy grew 2.5–3% in 1984. About 1/3 of 3.5M people moved 100+ km."),
    ("de", "Das kostet 5,50 € am 3. Mai um 15:30 Uhr, z. B. bei Dr. Meyer. Der 3. Versuch gelang."),
    ("fr", "Ça coûte 5,50 € le 1er mai à 15h30. M. Dupont arrive dans 3 km."),
    ("es", "Cuesta 1.234,50 € el 3 de mayo. ¿Quieres **dos**? ¡Claro!"),
    ("hi", "यह ₹500 है। मैं 5 km दूर हूँ। ठीक है?"),
    ("zh", "好的，我来**帮您**查一下。您想要哪一个时间？😀"),
)


def shown(text: str) -> str:
    """On one line, in a cell of a table."""
    return "`" + text.replace("\n", "⏎").replace("|", "¦").replace("`", "´") + "`" if text else ""


def page() -> str:
    """The whole page."""
    lines = [
        "# Source, speech and chunks",
        "",
        "Written by `docs/text/side_by_side.py`, which runs the filter and the chunker.",
        "⏎ is a new line, ¦ a bar, ´ a backtick.",
        "",
        "| | source | spoken | chunks |",
        "|---|---|---|---|",
    ]
    for language, source in INPUTS:
        text_filter, chunker = TextFilter(TextFilterSettings(language=language)), SentenceChunker()
        spoken = "".join(piece.text for piece in (*text_filter.push(source), *text_filter.finish()))
        chunks = [*chunker.push(spoken), *chunker.finish()]
        cells = "<br>".join(shown(chunk.text) for chunk in chunks)
        lines.append(f"| {language} | {shown(source)} | {shown(spoken)} | {cells} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    target = Path(__file__).with_name("side-by-side.md")
    target.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{target}\n")
