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
    ("en", "The high is 72°F / 22°C. He's 6'2\" tall, born in '98 :-) and earns $5M, i.e. ₹1,00,000 a day."),
    ("en", "In an emergency call 911. Your code is 482913, your order #12345, your ticket No. 5."),
    ("en", "Open 24/7, or 9 a.m. to 5 p.m. daily, May 5–10, 2024. Ask @jane_doe w/ #travel."),
    ("en", "The area is $\\pi r^2$, so x = 5 * y; 5 - 3 and the * key stay. v2.1 runs on 192.168.1.1."),
    ("en", "- [x] **Paid** by ~~card~~ cash\n- [ ] Shipped\n\n> Thanks![^1]\n\n[^1]: See <https://a.io/x>."),
    ("en", "```\nnever closed, so it is text again. What comes after it is heard."),
    ("en", "<p>First</p><ul><li>one</li><li>two</li></ul> A &amp; B<|im_end|>"),
    ("de", "Ich nehme 1 Apfel, 1 Birne und 21 Eier. Um 8.30 Uhr, Seite 1. Rufen Sie die 112!"),
    ("de", "Das kostet 5,50 € am 3. Mai um 15:30 Uhr, z. B. bei Dr. Meyer. Der 3. Versuch gelang."),
    ("fr", "Ça coûte 5,50 € le 1er mai à 15h30. M. Dupont arrive dans 3 km."),
    ("fr", "Prenez 21 pommes et 1 livre à 1h30. Appelez le 06 12 34 56 78, n° 5."),
    ("es", "Hay 21 casas, 200 personas y 1 noche libre. Llame al 112 a las 8.30."),
    ("it", "Alle 8.30 con 1 mela, 21 libri e 1,5 milioni di euro, pag. 5."),
    ("pt", "São 2 casas, 2 livros e 200 pessoas às 15h30. Custa R$ 1,5 milhão."),
    ("nl", "Bel 112 om 8.30 uur. Het kost € 5,50 op 03-05-2024, blz. 12."),
    ("pl", "Około 5 km i 2 książki, 5–10 dni. O 15:30, 3 maja 2024. Kosztuje 2,5 mln zł."),
    ("ru", "Около 5 км, 2 книги, 21 книга, 3-5 дней в 5 городах. В 2024 году, 2 тыс. рублей."),
    ("tr", "Saat 8.30, %10-20, 5 TL. Tel: 0532 123 45 67, No: 5."),
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
