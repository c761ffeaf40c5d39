"""Write the generated parts of docs/text/chunker.md: examples, failing rules, and the table of all splitters.

python docs/text/make_chunker_page.py            examples and failing rules
python docs/text/make_chunker_page.py --table    the table as well: install what compare_splitters.py names first
"""

from __future__ import annotations

import json
import re
import runpy
import sys
from pathlib import Path

from trialogue.actors import SentenceChunker, SentenceChunkerSettings, split_sentences

HERE = Path(__file__).parent
PAGE = HERE / "chunker.md"
RULES = HERE.parents[1] / "tests" / "actors" / "sentence_chunker"

EXAMPLES = (
    "Hello there. How are you?",
    "Dr. Smith lives in the U.S. He left at 6 p.m. Mr. Jones did not.",
    "It costs $1,234.56 at 10:30 on v2.0.1, see example.com. Next?",
    "Ask jane.doe@example.com about Node.js and main.py. Thanks!",
    '"This is great." she said. "Is it?" He nodded.',
    "He teaches science (he was an engineer once. Yes!) at school. We met.",
    "one.Two three.Four",
    "1. Boil water 2. Add salt 3. Wait",
    "Well... I think so. Wait . . . what?!",
    "Take vitamin C. Oranges have it. J. R. R. Tolkien wrote it.",
    "<say-as interpret-as='characters'>A.B. C.</say-as> is it. Go on.",
    "Am 3. Mai kommt Prof. Dr. Meier, z. B. um 10.30 Uhr. Passt das?",
    "Elle dit : « Tu viens ? » Oui, M. Dupont.",
    "¡Hola, Sr. Gómez! ¿Cómo está Ud.? Bien.",
    "А. С. Пушкин родился в 1799 г. в Москве. Это знают все.",
    "你好！价格是3.5元。他说：“走吧。”",
    "「行こう。早く。」と彼は言った。出発した。",
    "नमस्ते! डॉ. शर्मा आए हैं। बैठिए।",
    "کیا حال ہے؟ میں ٹھیک ہوں۔",
    "สวัสดีครับ วันนี้อากาศดีมากเลยนะครับ ไปเที่ยวกันไหม",
)


def examples() -> str:
    """A table: the source; its sentences; when each was certain; the chunks with settings for speech."""
    rows = ["| source | sentences, with what had come when each was certain | for speech |", "| --- | --- | --- |"]
    for text in EXAMPLES:
        sentences = "<br>".join(f"{code(sentence)} at {code(seen)}" for sentence, seen in with_moments(text))
        speech = SentenceChunker(SentenceChunkerSettings.for_speech())
        spoken = "<br>".join(code(chunk.text) for chunk in (*speech.push(text), *speech.finish()))
        rows.append(f"| {code(text)} | {sentences} | {spoken} |")
    return "\n".join(rows)


def with_moments(text: str) -> list[tuple[str, str]]:
    """Each sentence, and the end of the text that had come when it was released."""
    chunker = SentenceChunker()
    found = []
    for end in range(1, len(text) + 1):
        found += [(chunk.text, "…" + text[max(0, end - 6) : end]) for chunk in chunker.push(text[end - 1])]
    return found + [(chunk.text, "the end") for chunk in chunker.finish()]


def code(text: str) -> str:
    """The text as code in a table cell."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def failing() -> str:
    """The rules that do not hold, by set and language."""
    lines = []
    for file in sorted(RULES.glob("*/*.json")):
        for kind, cases in json.loads(file.read_text(encoding="utf-8")).items():
            for case in cases:
                found = split_sentences(case["text"], language=file.stem)
                if [sentence.split() for sentence in found] != [sentence.split() for sentence in case["sentences"]]:
                    lines.append(f"- {file.stem}, {kind}: {code(' '.join(case['text'].split())[:90])}")
    return "\n".join(lines)


def replaced(page: str, name: str, content: str) -> str:
    """The page with the block of this name rewritten."""
    block = re.compile(f"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    return block.sub(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", page)


def main() -> None:
    """Rewrite the page."""
    page = PAGE.read_text(encoding="utf-8")
    page = replaced(page, "examples", examples())
    page = replaced(page, "failing", failing())
    if "--table" in sys.argv:
        page = replaced(page, "table", str(runpy.run_path(str(HERE / "compare_splitters.py"))["report"]()))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
