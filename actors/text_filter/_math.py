r"""Formulas: the marks of LaTeX round them go, and what they hold becomes signs that the reading stage knows.

Also where a formula stands: between `$`, `$$`, `\(` and `\)`, `\[` and `\]`.
"""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._letters import INVISIBLES, JOINERS, PICTOGRAPHS
from trialogue.actors.text_filter._scan import HOLD, Scan, Verdict, judged

MAX_FORMULA_CHARS: Final = 300
"""Characters. Longer than any formula that one would say; bounds what is held back."""

REMOVED: Final = PICTOGRAPHS + JOINERS + INVISIBLES + "【】"
"""What other rules take out, and what must therefore not keep a formula from being one."""

# Between single dollars there is no word: "$AAPL is up" and "$5 and $6" are none. Names of up to three letters are.
TOKEN: Final = (
    r"(?:\\[a-zA-Z]+|\\[^a-zA-Z\n]|(?<![a-zA-Z ])[a-zA-Z]{1,3}(?![a-zA-Z])|(?<= )[a-zA-Z](?![a-zA-Z])"
    rf"|[0-9.,^_{{}}()+*/=<>|!'\[\]`~#&{REMOVED}-])"
)
BEGINS: Final = rf"(?=[\[\]`~*_{REMOVED}]*(?:[a-zA-Z\\({{-]|\d+[a-zA-Z^\\]))"
INLINE: Final = later(rf"\$({BEGINS}{TOKEN}(?: ?{TOKEN})*)\$(?![^\W_]|\$)")
INLINE_PREFIX: Final = later(
    rf"\$(?:[\[\]`~*_{REMOVED}]*\d*|{BEGINS}(?:{TOKEN}(?: ?{TOKEN})*)? ?(?:\\|[a-zA-Z]{{1,3}})?\$?)\Z"
)
DISPLAY: Final = later(r"\$\$([^$]*?[^\W_][^$]*)\$\$(?!\$)")
DISPLAY_PREFIX: Final = later(r"\$(?:\$[^$]*\$?)?\Z")
ROUND: Final = later(r"\\\(((?:[^\\\n]|\\[^)\n])+)\\\)")
ROUND_PREFIX: Final = later(r"\\(?:\((?:[^\\\n]|\\[^)\n])*\\?)?\Z")
SQUARE: Final = later(r"\\\[((?:[^\\]|\\[^\]])+)\\\]")
SQUARE_PREFIX: Final = later(r"\\(?:\[(?:[^\\]|\\[^\]])*\\?)?\Z")
FORMS: Final = {
    "$": ((DISPLAY, DISPLAY_PREFIX), (INLINE, INLINE_PREFIX)),
    "\\": ((ROUND, ROUND_PREFIX), (SQUARE, SQUARE_PREFIX)),
}

FRACTION: Final = later(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
ROOT: Final = later(r"\\sqrt\{([^{}]*)\}")
TEXT: Final = later(r"\\(?:text|mathrm|mathbf|mathit|operatorname)\{([^{}]*)\}")
POWER: Final = later(r"\^(?:\{([23])\}|([23]))(?![0-9])")
COMMAND: Final = later(r"\\([a-zA-Z]+|.)")
COMMANDS: Final = {
    "times": " × ", "cdot": " × ", "div": " ÷ ", "pm": " ± ", "le": " ≤ ", "leq": " ≤ ", "ge": " ≥ ", "geq": " ≥ ",
    "ne": " ≠ ", "neq": " ≠ ", "approx": " ≈ ", "to": " → ", "rightarrow": " → ", "infty": " ∞ ", "left": "",
    "right": "", "quad": " ", "qquad": " ", "dots": "…", "ldots": "…", "cdots": "…", "circ": "°", "%": "%", "$": "",
}  # fmt: skip
"""What is no sign and no space keeps its name: alpha, sin, log."""
SEEN: Final = later(f"[{REMOVED}]")
LOST: Final = dict.fromkeys(map(ord, "\\{}$_^*~`[]<>|#&【】"), " ")
OPERATOR: Final = later(r"[=+×÷±≤≥≠≈→]|(?<=[\w)²³ ])-(?=[\w( ])")
BLANKS: Final = later(r"\s+")


def formula(scan: Scan, at: int) -> Verdict | None:
    """A formula is spoken without its marks."""
    text = scan.text
    if scan.before == "$":
        return None
    for pattern, prefix in FORMS[text[at]]:
        if match := pattern.match(text, at, at + MAX_FORMULA_CHARS):
            if match.end() == len(text) and not scan.final:
                return HOLD
            return judged(match.end(), spoken(match[1], blank=scan.blank))
        if scan.waits(at, MAX_FORMULA_CHARS) and prefix.match(text, at):
            return HOLD
    return None


def spoken(latex: str, *, blank: bool) -> str:
    """A formula in signs and names.

    Args:
        latex: what stands between its marks.
        blank: whether it stands at the start of a line, where some signs would be marks of a list or a heading.
    """
    for _ in range(latex.count("\\")):
        simpler = TEXT.sub(r" \1 ", ROOT.sub(r"√(\1)", FRACTION.sub(r"(\1)/(\2)", latex)))
        if simpler == latex:
            break
        latex = simpler
    latex = re.sub(r"\((\w+)\)", r"\1", latex)
    latex = POWER.sub(lambda match: "²³"[int(match[1] or match[2]) - 2], latex)
    latex = COMMAND.sub(lambda match: COMMANDS.get(match[1], f" {match[1]} " if match[1].isalpha() else " "), latex)
    latex = OPERATOR.sub(r" \g<0> ", SEEN.sub("", latex.translate(LOST)))
    said = BLANKS.sub(" ", latex).strip()
    return said.lstrip("#>-+=|:*•. ") if blank else said
