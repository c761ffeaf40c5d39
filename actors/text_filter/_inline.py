"""Markup inside a line: emphasis, code marks, links, tables, escapes, entities, emoji.

Emphasis is not matched but judged by its neighbours, as soon as the next character is there: a mark that touches a word
on one side alone is markup, one that stands free or joins two words is text. So nothing is held back until a closing
mark comes, and an opener that never closes costs nothing.

# Invariant: whatever stays was judged by the character written before it and by one after it that is never removed, so
# that a second pass judges the same (test_filtering_twice_changes_nothing).
"""

from __future__ import annotations

from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._letters import JOINERS, PICTOGRAPHS
from trialogue.actors.text_filter._math import formula
from trialogue.actors.text_filter._scan import BLANKS, HOLD, MAX_RUN_CHARS, Scan, Verdict, judged
from trialogue.actors.text_filter._settings import Rule

CLOSERS: Final = ".,;:!?)]}»”’…。，、！？"


def removed(scan: Scan, end: int) -> Verdict:
    """Take a construct out, and one of the blanks round it, so that no double blank is left."""
    if scan.blank:
        after = scan.after(end, BLANKS)
        return HOLD if after is None else judged(after)
    following = scan.char(end)
    if following is None:
        return HOLD
    return judged(end, "", eats_space=not following.strip() or following in CLOSERS)


MARKS: Final = frozenset("*_~=`")
CURRENCIES: Final = frozenset("$€£¥₹")
VALUES: Final = frozenset(">\"'-+.") | CURRENCIES
"""What may stand behind the sign of `a => b` or `key="value"`, and is never removed there."""
KEPT_RUNS: Final = {
    # run: (may stand free between blanks, may join two letters or digits)
    "*": (True, True),
    "**": (True, False),
    "_": (False, True),
    "__": (False, True),
    "==": (True, True),
    "===": (True, True),
}


def delimiter_run(scan: Scan, at: int) -> Verdict | None:
    """`*`, `_`, `~` and `=`: emphasis, strikethrough and highlight go."""
    mark = scan.text[at]
    end = scan.after(at, mark)
    following = None if end is None else scan.char(end)
    if end is None or following is None:
        return HOLD
    if following == "$" and scan.settings.has(Rule.MATH) and (verdict := formula(scan, end)):
        if verdict is HOLD:
            return HOLD
        following = (verdict[1] or " ")[0]
    run = scan.text[at:end]
    if run == "*" and not scan.before.isalnum() and following.isalpha():
        scan.starred = True
        return judged(end)
    if _stays(scan, run, following):
        return judged(end + 1 if following in (" ", "\t") else end, None)
    if run == "*":
        scan.starred = False
    if scan.before in BLANKS or scan.blank:
        return removed(scan, end) if not following.strip() else judged(end)
    return judged(end)


def _stays(scan: Scan, run: str, following: str) -> bool:
    """Whether the run is text: `2 * 3`, `snake_case`, `a == b`, `~5`."""
    blank = following in (" ", "\t")
    if run == "~":  # "~5", "~$7"
        return (
            not scan.before.isalnum() and scan.before not in MARKS and (following.isdigit() or following in CURRENCIES)
        )
    if run == "=":
        return scan.before not in MARKS and (following.isalnum() or blank or following in VALUES)
    if run == "**" and scan.before.isdecimal() and following.isdecimal():
        return True
    free, joins = KEPT_RUNS.get(run, (False, False))
    if free and blank and scan.before in BLANKS and not scan.blank:
        return True
    if run == "*" and scan.starred and not (scan.before.isdigit() and following.isdigit()):
        return False
    return joins and scan.before.isalnum() and following.isalnum()


def code_mark(scan: Scan, at: int) -> Verdict | None:
    """Backticks in a line go; what they hold is spoken."""
    end = scan.after(at, "`")
    return HOLD if end is None else judged(end)


def escape(scan: Scan, at: int) -> Verdict | None:
    """A backslash before punctuation goes, and the mark after it is judged like any other."""
    following = scan.char(at + 1)
    if following is None:
        return HOLD
    return judged(at + 2, None) if following.isalnum() else judged(at + 1, "", eats_space=following == "|")


ENTITY: Final = later(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
ENTITY_PREFIX: Final = later(r"&(?:#\d{0,7}|#x[0-9a-fA-F]{0,6}|[a-zA-Z][a-zA-Z0-9]{0,30})?\Z")
# What a decoded entity is written as where the bare character would be markup in a second pass.
DECODED: Final = {
    "<": "< ", "=": "= ", "#": "# ", "|": ", ", "*": "", "_": "", "~": "", "`": "", "[": "", "]": "",
    "\\": "", "【": "",
}  # fmt: skip


def entity(scan: Scan, at: int) -> Verdict | None:
    """`&amp;` and its like become the character that they name."""
    if match := ENTITY.match(scan.text, at):
        from html import unescape  # its table of names is large, and replies have few of them

        decoded = unescape(match[0])
        if decoded == match[0]:
            return None
        text = " " if decoded.isspace() else DECODED.get(decoded, decoded)
        if not text.isprintable() or PICTURE_RUN.search(text) or (scan.blank and text[:1] in "#>-+=|:"):
            text = ""
        return judged(match.end(), text)
    return HOLD if not scan.final and ENTITY_PREFIX.match(scan.text, at) else None


PICTURE_RUN: Final = later(f"[{PICTOGRAPHS}][{PICTOGRAPHS}{JOINERS}]*")
MAX_PICTURE_CHARS: Final = 100
"""Characters of a row of emoji that are taken out at once; a longer row is taken out in parts."""


def picture(scan: Scan, at: int) -> Verdict | None:
    """An emoji, with all that is joined to it, goes; so does a drawn box or bar."""
    match = PICTURE_RUN.match(scan.text, at, at + MAX_PICTURE_CHARS)
    if match is None:
        return None
    if match.end() == len(scan.text) and scan.waits(at, MAX_PICTURE_CHARS):
        return HOLD
    return removed(scan, match.end())


def invisible(_: Scan, at: int) -> Verdict | None:
    """Control characters, zero-width spaces and direction marks go."""
    return judged(at + 1)


def pipe(scan: Scan, at: int) -> Verdict | None:
    """A bar between the cells of a table becomes a comma, elsewhere too; at the end of a row it goes."""
    end = scan.after(at, "| \t")
    following = None if end is None else scan.char(end)
    if end is None or following is None:
        return HOLD
    if following in ("", "\n", "\r") or scan.last == "," or scan.blank:
        return judged(end, "", eats_space=True)
    return judged(end, ", ", eats_space=True)


def closing_hashes(scan: Scan, at: int) -> Verdict | None:
    """The marks at the end of a heading go like those at its start."""
    if not scan.heading or not scan.before.isspace():
        return None
    end = scan.after(at, "#")
    rest = None if end is None else scan.after(end, BLANKS)
    following = None if rest is None else scan.char(rest)
    if rest is None or following is None:
        return HOLD
    return judged(rest, "", eats_space=True) if following in ("", "\n", "\r") else None


MAX_LABEL_CHARS: Final = MAX_RUN_CHARS
CITATION: Final = later(r"\[(?:\^[\w-]+|[1-9]\d{0,3}(?:[\s,;–-]+\d{1,4})*)\]|【[^【】\n]*】")
CITATION_PREFIX: Final = later(r"(?:\[(?:\^[\w-]*|[1-9][\d\s,;–-]*)?|【[^【】\n]*)\Z")
INDEX: Final = later(r"\[[\w.'\":+-]+\](?=[\w \t\n.,;:!?]|\Z)")
INDEX_PREFIX: Final = later(r"\[[\w.'\":+-]*\]?\Z")

MAX_LINK_CHARS: Final = 1000
"""Characters. Longer than any address that a model writes; bounds what is held back."""
DESTINATION: Final = later(
    r"\((?:<[^<>\n]*>|(?:[^()\s]|\([^()\s]*\))*)(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)|\[[^\[\]\n]{0,100}\]"
)
DESTINATION_PREFIX: Final = later(
    r"(?:\((?:<[^<>\n]*>?|(?:[^()\s]|\([^()\s]*\))*)(?:\([^()\s]*|[ \t]+(?:\"[^\"\n]*\"?|'[^'\n]*'?)?)?"
    r"|\[[^\[\]\n]{0,100})\Z"
)
ADDRESS_PREFIX: Final = later(r"\([^()<>\s]+\Z")
ADDRESS_ENDS: Final = later(r"[\s()<>]")
"""With anything else the address of a link goes on."""
IMAGE: Final = later(rf"!\[[^\[\]\n]*\](?:{DESTINATION.pattern})")
IMAGE_PREFIX: Final = later(rf"!(?:\[[^\[\]\n]*(?:\](?:{DESTINATION_PREFIX.pattern})?)?)?\Z")


def citation(scan: Scan, at: int) -> Verdict | None:
    """`[1]`, `[2, 3]`, `[^note]` and `【4†source】` go, with the address behind them if there is one."""
    match = CITATION.match(scan.text, at, at + MAX_LABEL_CHARS)
    if match is None:
        return HOLD if scan.waits(at, MAX_LABEL_CHARS) and CITATION_PREFIX.match(scan.text, at) else None
    end = match.end()
    following = scan.char(end)
    if following is None:
        return HOLD
    if following in ("(", "["):
        if target := DESTINATION.match(scan.text, end, end + MAX_LINK_CHARS):
            end = target.end()
        elif scan.waits(end, MAX_LINK_CHARS) and DESTINATION_PREFIX.match(scan.text, end):
            return HOLD
    return removed(scan, end)


def opening_bracket(scan: Scan, at: int) -> Verdict | None:
    """An index (`a[i]`) stays; else the bracket of a link or an aside goes, and what it holds stays."""
    if scan.before.isalpha():
        match = INDEX.match(scan.text, at, at + MAX_LABEL_CHARS)
        if match and (match.end() < len(scan.text) or scan.final):
            return judged(match.end() + (scan.char(match.end()) in (" ", "\t")), None)
        if scan.waits(at, MAX_LABEL_CHARS) and INDEX_PREFIX.match(scan.text, at):
            return HOLD
    scan.brackets = min(scan.brackets + 1, MAX_RUN_CHARS)
    return judged(at + 1)


def closing_bracket(scan: Scan, at: int) -> Verdict | None:
    """The bracket goes, with the address or reference of the link that it closes."""
    following = scan.char(at + 1)
    if following is None:
        return HOLD
    if scan.brackets and following in ("(", "["):
        if match := DESTINATION.match(scan.text, at + 1, at + 1 + MAX_LINK_CHARS):
            scan.brackets -= 1
            return judged(match.end())
        if scan.waits(at + 1, MAX_LINK_CHARS) and DESTINATION_PREFIX.match(scan.text, at + 1):
            if ADDRESS_PREFIX.match(scan.text, at + 1):
                scan.blocks.wake, scan.blocks.wake_chars = ADDRESS_ENDS, MAX_LINK_CHARS
            return HOLD
    scan.brackets = max(scan.brackets - 1, 0)
    return judged(at + 1)


def image(scan: Scan, at: int) -> Verdict | None:
    """An image goes with its description."""
    if not scan.before.isspace():
        return None  # "Wow!" is released at once
    if match := IMAGE.match(scan.text, at, at + MAX_LINK_CHARS):
        return removed(scan, match.end())
    if scan.waits(at, MAX_LINK_CHARS) and IMAGE_PREFIX.match(scan.text, at):
        return HOLD
    return None
