"""Which characters make up words, and which are seen and not said."""

from __future__ import annotations

from typing import Final

SPACELESS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u2e80-\u312f\u3190-\ua4cf\ua9e0-\ua9ff\uaa60-\uaadf\uf900-\ufaff"
    "\uff00-\uffef\U00016fe0-\U0001b2ff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Tai, Han, kana: there are no blanks between words, so each character passes alone."""

NO_LETTERS: Final = (
    "\\s\\d!-/:-@\\[-`{-~\x80-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u0589\u05be\u060c\u061b\u061f\u066a-\u066c\u06d4"
    "\u0964\u0965\u104a\u104b\u1361-\u1368\u2000-\u200b\u200e-\u2bff\u3000-\u303f\ufe10-\ufe1f\ufe30-\ufe6f\ud800-\uf8ff"
    "\U0001f000-\U0001fbff"
)
"""White space, digits, punctuation and symbols; what is left is letters with their marks."""

LETTER: Final = f"[^{NO_LETTERS}{SPACELESS}]"
LETTERS: Final = f"{LETTER}+"

# Pictographs and what is drawn, not said. Arrows are left to the reading stage.
PICTOGRAPHS: Final = (
    "\u2122\xae\u2300-\u23ff\u2500-\u25ff\u2600-\u2775\u2794-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299\ue000-\uf8ff"
    "\U0001f000-\U0001f0ff\U0001f10d-\U0001faff"
)
JOINERS: Final = "\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f"

INVISIBLES: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe0e\ufe0f"
    "\ufeff\ufff9-\ufffb\u20e3\U000e0001-\U000e007f"
)
