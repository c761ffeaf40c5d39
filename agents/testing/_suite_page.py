"""A suite for people: one HTML page that refers to nothing outside it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final

from trialogue.agents.testing._markup import text
from trialogue.agents.testing._text_turn import told

if TYPE_CHECKING:
    from trialogue.agents.context._chat_context import ContextItem
    from trialogue.agents.testing._judge import Verdict
    from trialogue.agents.testing._suite_case import CaseResult

#: The colour of each outcome, as the page names it.
_COLOURS: Final = {"pass": "good", "maybe": "dim", "fail": "bad"}


def render_page(title: str, cases: Sequence[CaseResult], summary: str) -> str:
    """The page as text.

    Args:
        title: what stands above it.
        cases: what came of them.
        summary: in a line.
    """
    template = Template((files("trialogue.agents.testing") / "suite.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=text(title),
        summary=text(summary),
        rows="".join(_row(number, case) for number, case in enumerate(cases)),
        cases="".join(_case(number, case) for number, case in enumerate(cases)),
    )


def _row(number: int, case: CaseResult) -> str:
    turns = sum(getattr(item, "role", "") == "user" for item in case.items)
    return (
        f'<tr><th scope="row"><a href="#case-{number}">{text(case.name)}</a></th><td>{_marked(case.outcome)}</td>'
        f'<td class="n">{case.score:.2f}</td><td class="n">{turns}</td><td class="n">{case.lasted_s:.1f} s</td>'
        f"<td>{text(_why(case))}</td></tr>"
    )


def _why(case: CaseResult) -> str:
    doubts = [f"{verdict.name}: {verdict.reason}" for verdict in case.verdicts if verdict.outcome != "pass"]
    return case.complaint or "; ".join(doubts)


def _case(number: int, case: CaseResult) -> str:
    is_open = ' open="open"' if case.outcome != "pass" else ""
    complaint = f'<p class="bad">{text(case.complaint)}</p>' if case.complaint else ""
    detail = f"<pre>{text(case.detail)}</pre>" if case.detail else ""
    lines = "".join(map(_line, case.items)) or '<li class="dim">Nothing was said.</li>'
    user = ""
    if case.played is not None:
        user = f"<p>The simulated user: {text(case.played.reason)} (ended by {text(case.played.ended_by)})</p>"
    return (
        f'<section><h2 id="case-{number}">{text(case.name)} {_marked(case.outcome)}</h2>{complaint}{user}'
        f"{_verdicts(case.verdicts)}<details{is_open}><summary>The conversation, with seed {case.seed}</summary>"
        f'<ol class="talk">{lines}</ol>{detail}</details></section>'
    )


def _line(item: ContextItem) -> str:
    kind = getattr(item, "role", "aside")
    return f'<li class="{text(kind)}"><code>{text(told(item))}</code></li>'


def _verdicts(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{text(verdict.name)}</th><td>{_marked(verdict.outcome)}</td>'
        f'<td>{text(verdict.reason)}<div class="dim">{text(verdict.criterion)}</div></td></tr>'
        for verdict in verdicts
    )
    return f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'


def _marked(outcome: str) -> str:
    return f'<span class="mark {_COLOURS[outcome]}">{outcome}</span>'
