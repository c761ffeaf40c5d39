"""Markup that takes whole lines or blocks: fences, think blocks, HTML, headings, lists, quotes, rules, tables."""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._inline import MAX_LINK_CHARS, removed
from trialogue.actors.text_filter._scan import BLANKS, HOLD, WAKE_OVERLAP, Scan, UnclosedBlock, Verdict, judged
from trialogue.actors.text_filter._settings import Rule


def block(scan: Scan, at: int, *, kind: str, opener: int, closer: re.Pattern[str], limit: int) -> Verdict:
    """Take a block out whole; one that is not closed within `limit` characters is text again, and an event says so.

    Args:
        scan: the scanner.
        at: where the block opens.
        kind: its name for the event.
        opener: how long its opening mark is, characters.
        closer: what closes it.
        limit: characters, from `at`.
    """
    text, blocks, stop = scan.text, scan.blocks, at + max(limit, opener + 1)
    match = closer.search(text, max(at + opener, blocks.searched.get(closer.pattern, 0) - scan.base), stop)
    if match and (match.end() < len(text) or not scan.waits(at, limit)):
        verdict = removed(scan, match.end())
        if verdict is not HOLD:
            blocks.late.discard(kind)
        return verdict
    if scan.waits(at, limit):
        if match is None:
            blocks.searched[closer.pattern] = scan.base + len(text) - WAKE_OVERLAP
            blocks.wake, blocks.wake_chars = closer, limit
        return HOLD
    blocks.searched[closer.pattern] = scan.base + min(stop, len(text)) - WAKE_OVERLAP
    blocks.late.add(kind)
    blocks.events.append(UnclosedBlock(kind=kind, start=scan.base + at, chars=min(len(text) - at, limit)))
    return judged(at + opener)


FENCE_CLOSERS: Final = {mark: later(re.escape(mark) * 3 + "+") for mark in "`~"}


def fence(scan: Scan, at: int) -> Verdict | None:
    """A fenced block of code at the start of a line goes."""
    mark = scan.text[at]
    end = scan.after(at, mark)
    if end is None:
        return HOLD
    if end - at < 3:
        return None
    if "fence" in scan.blocks.late:
        rest = scan.after(end, BLANKS)
        following = None if rest is None else scan.char(rest)
        if rest is None or following is None:
            return HOLD
        if following in ("", "\n", "\r"):
            scan.blocks.late.discard("fence")
            return judged(rest)  # the late end of a fence that was given up
    limit = scan.settings.max_block_chars
    return block(scan, at, kind="fence", opener=end - at, closer=FENCE_CLOSERS[mark], limit=limit)


OPENING: Final = later(r"`{3,60}[\w+#.-]{0,20}[ \t]{0,9}\n")
OPENING_PREFIX: Final = later(r"`{1,2}\Z|`{3,60}[\w+#.-]{0,20}[ \t]{0,9}\Z")


def late_fence(scan: Scan, at: int) -> Verdict | None:
    """Like fence, but behind other text on the line, as models write it; a language and a line end must follow."""
    match = OPENING.match(scan.text, at)
    if match is None:
        return HOLD if not scan.final and OPENING_PREFIX.match(scan.text, at) else None
    return fence(scan, at)


BOOLEANS: Final = (
    "async|autoplay|checked|controls|defer|disabled|hidden|loop|multiple|muted|open|readonly|required|selected"
)
VALUE: Final = r"(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=/]+)"
ATTRIBUTES: Final = rf"(?:\s+(?:[\w:@.-]+\s*=\s*{VALUE}|{BOOLEANS}))*"
TAG: Final = later(rf"<(/?)([a-zA-Z][\w:-]{{0,40}})({ATTRIBUTES})\s*/?>")
TAG_PREFIX: Final = later(
    rf"</?(?:[a-zA-Z][\w:-]{{0,40}}(?:{ATTRIBUTES}(?:\s+[\w:@.-]*(?:\s*=\s*(?:\"[^\"<>]*\"?|'[^'<>]*'?|[^\s\"'<>=]*))?)?)"
    r"\s*/?)?\Z"
)
# Also what marks the turns of a conversation for a model: <|im_end|>.
COMMENT: Final = later(r"<!--.*?-->|<![a-zA-Z][^<>]*>|<\|[\w ]{1,40}\|>", re.DOTALL)
COMMENT_PREFIX: Final = later(r"<!(?:-(?:-.*)?|[a-zA-Z][^<>]*)?\Z|<\|[\w ]{0,40}\|?\Z", re.DOTALL)
AUTOLINK: Final = later(
    r"<(?:mailto:)?(?:(https?://[a-zA-Z0-9.-]+)(?:[:/?#][^\s<>]*)?|([a-zA-Z0-9.+-]+@[a-zA-Z0-9.-]+))>"
)
AUTOLINK_PREFIX: Final = later(r"<(?:[a-zA-Z0-9.:/@+-]*|https?://[a-zA-Z0-9.-]+[:/?#][^\s<>]*)\Z")
THINKING_NAMES: Final = frozenset({"think", "thinking", "thought", "reasoning", "reflection", "scratchpad"})
PARTING_NAMES: Final = frozenset(
    "address article aside blockquote br dd details div dl dt figcaption footer h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section summary table tbody td th thead tr ul".split()
)
"""Tags that part what stands before them from what stands behind."""
UNSPOKEN_NAMES: Final = frozenset({"script", "style"})


def angle(scan: Scan, at: int) -> Verdict | None:
    """Tags and comments go, think blocks with all they hold; a bare `<` stays in a form that is no tag."""
    text = scan.text
    following = scan.char(at + 1)
    if following is None:
        return HOLD
    if following in ("", "\n", "\r"):
        return None
    if following in BLANKS or following.isdigit():
        return judged(at + 2, None)
    if following == "=":
        after = scan.char(at + 2)
        if after is None:
            return HOLD
        return judged(at + 3, None) if after in (" ", "\t") else judged(at + 2, "<= ")
    stop = at + MAX_LINK_CHARS
    if match := COMMENT.match(text, at, stop):
        return removed(scan, match.end())
    if match := TAG.match(text, at, stop):
        return _tag(scan, at, match)
    if match := AUTOLINK.match(text, at, stop):
        return judged(match.end(), match[1] or match[2])
    prefixes = (TAG_PREFIX, COMMENT_PREFIX, AUTOLINK_PREFIX)
    if scan.waits(at, MAX_LINK_CHARS) and any(prefix.match(text, at) for prefix in prefixes):
        return HOLD
    return judged(at + 1, "< " if scan.before.isspace() else " < ")


def _tag(scan: Scan, at: int, match: re.Match[str]) -> Verdict | None:
    slash, name = match[1], match[2].lower()
    settings = scan.settings
    if name in settings.keep_tags:
        return judged(match.end(), None)
    if name in THINKING_NAMES and settings.has(Rule.THINKING):
        if slash:
            scan.blocks.late.discard("thinking")
            return removed(scan, match.end())
        return _named_block(scan, at, match, kind="thinking", limit=settings.max_thinking_chars)
    if not settings.has(Rule.HTML):
        return None
    if name in UNSPOKEN_NAMES and not slash:
        return _named_block(scan, at, match, kind="html", limit=settings.max_block_chars)
    if name in PARTING_NAMES and not scan.blank:
        return judged(match.end(), "\n", eats_space=True)
    return removed(scan, match.end())


def _named_block(scan: Scan, at: int, match: re.Match[str], *, kind: str, limit: int) -> Verdict:
    closer = re.compile(rf"</{match[2]}\s{{0,9}}>", re.IGNORECASE)
    return block(scan, at, kind=kind, opener=match.end() - at, closer=closer, limit=limit)


MAX_LINE_CHARS: Final = 300
"""Characters of a line of dashes and bars that are held back to see whether anything else is in it."""
BULLETS: Final = "-+*•◦▪‣⁃∙·●○"
BULLET: Final = later(rf"[{re.escape(BULLETS)}][ \t]*(?:\[[ xX]\](?=[ \t]))?")
BULLET_PREFIX: Final = later(rf"[{re.escape(BULLETS)}][ \t]*(?:\[(?:[ xX]\]?)?)?\Z")
DRAWN: Final = later(
    r"(?:[-*_](?:[ \t\\]*[-*_=])*|=(?:\\*=)+"  # a rule, the underline of a heading
    r"|\|[|:\- \t]*-[|:\- \t]*|-[|:\- \t]*|:[: \t]*-[\-: \t]*\|[|:\- \t]*)"  # between the head and body of a table
    r"[ \t]*(?=[\n\r]|\Z)"
)
DRAWN_PREFIX: Final = later(r"[-*_=|:][-*_=|: \t\\]*\Z")
DEFINITION: Final = later(r"\[\^[^\[\]\n]{1,60}\]:[ \t]*|\[[^\[\]\n^][^\[\]\n]{0,59}\]:[^\n]*")
DEFINITION_PREFIX: Final = later(r"\[(?:\^[^\[\]\n]{0,60}(?:\](?::[ \t]*)?)?|[^\[\]\n]{0,60}(?:\](?::[^\n]*)?)?)\Z")
MARKERS: Final = frozenset("#>|_=:[`~" + BULLETS)


def line_start(scan: Scan, at: int) -> Verdict | None:
    """Judge the first mark of a line; `at` is where it stands, behind the line's leading blanks."""
    text, settings = scan.text, scan.settings
    mark = text[at]
    if mark in "`~" and settings.has(Rule.FENCES) and (verdict := fence(scan, at)):
        return verdict
    if mark in "-*_=|:" and settings.has(Rule.LINES):
        if scan.waits(at, MAX_LINE_CHARS) and DRAWN_PREFIX.match(text, at):
            return HOLD
        if match := DRAWN.match(text, at, at + MAX_LINE_CHARS):
            return judged(match.end())
    if mark == "[" and settings.has(Rule.LINKS):
        if scan.waits(at, MAX_LINK_CHARS) and DEFINITION_PREFIX.match(text, at):
            return HOLD
        if match := DEFINITION.match(text, at, at + MAX_LINK_CHARS):
            return judged(match.end())
    return _marker(scan, at, mark)


def _marker(scan: Scan, at: int, mark: str) -> Verdict | None:
    """Headings, bullets, quote marks, the first bar of a row."""
    settings, following = scan.settings, scan.char(at + 1)
    if following is None:
        return HOLD
    if mark == "#" and settings.has(Rule.HEADINGS):
        end = scan.after(at, "#")
        if end is None:
            return HOLD
        if end == at + 1 and following.isalnum():
            return None
        verdict = _with_blanks(scan, end)
        scan.heading = verdict is not HOLD
        return verdict
    if mark == ">" and settings.has(Rule.QUOTES):
        return None if following.isdigit() else _with_blanks(scan, at + 1)
    if mark == "|" and settings.has(Rule.TABLES):
        return _with_blanks(scan, at + 1)
    if mark in BULLETS and settings.has(Rule.LISTS):
        return _bullet(scan, at, mark, following)
    return None


def _bullet(scan: Scan, at: int, mark: str, following: str) -> Verdict | None:
    if mark in "-+" and following and (following.isalnum() or following in "$€£¥₹."):
        return None  # "-5 degrees", "+49 30 1234"
    if mark == "*" and following.strip():
        return None
    if scan.waits(at, MAX_LINE_CHARS) and BULLET_PREFIX.match(scan.text, at):
        return HOLD
    match = BULLET.match(scan.text, at, at + MAX_LINE_CHARS)
    return _with_blanks(scan, match.end() if match else at + 1)


def _with_blanks(scan: Scan, end: int) -> Verdict:
    after = scan.after(end, BLANKS)
    return HOLD if after is None else judged(after)
