"""Texts that a chunker has to cope with: prose, markup, numbers and noise of many scripts, and ways to cut them."""

from __future__ import annotations

from hypothesis import strategies as st

FRAGMENTS = (
    "Hello there. How are you? ",
    "Dr. Smith lives in the U.S. He left. ",
    "It costs $1,234.56 at 10:30 on v2.0.1, see example.com. ",
    'She said, "This is great." she said. ',
    "“Stop!” he cried. ‘Why?’ ",
    "He teaches (He was an engineer.) at school. ",
    "Node.js and jane.doe@example.com and https://a.b.co/x?y=1. Next. ",
    "one.Two three.Four.Five ",
    "1. First 2. Second 3. Third\n",
    "• one • two\n- three\n",
    "Wait... what?! Really . . . yes. . . . The end ",
    "At 5 p.m. Monday we met at 6 p.m. Then left. ",
    "Am 3. Mai z. B. war Dr. med. Meyer da. Die Sonne. ",
    "Elle dit : « Tu viens ? » Oui. ",
    "¿Qué tal? ¡Hola!¡Bien! ",
    "你好！很高兴见到你。「行こう。早く。」と言った。３．２９％です。",
    "सच यह है। डॉ. शर्मा आए। ",
    "کیا حال ہے؟ میں ٹھیک ہوں۔ ",
    "ماذا حدث؟ كتب، وقلم، ثم ذهبنا الى البيت، وبعد ذلك نمنا. ",
    "Ի՞նչ ես մտածում: Ոչինչ: ",
    "Τι κάνεις; Καλά. ",
    "እንደምን አለህ፧መልካም ቀን።",
    "สวัสดีครับ วันนี้อากาศดีมากเลยนะครับ ไปเที่ยวกันไหม ",
    "<em>Yes.</em> <say-as>A. B.</say-as> <break time='1.5s'/> a < b. ",
    "large.[7][8] This was (Smith 55). [...] ",
    "👩‍👩‍👧‍👦 e\u0301\u0301 🇩🇪🇫🇷 \ud83d\ude00 ",
    "'this is. So' 'til then. 'Tis I. ",
    "I saw 'em at Yahoo! in '99. The dogs' house. ",
    "**Bold.** _Yes._ `a.b` # Title\n\n---\n",
    "Bohr (unclosed and more. Yes ",
    "“Never closed. And more. ",
    "   \t ",
    "\n",
    "e.g. this, i.e. that etc. and co. They ",
    "Л.Н. Толстой, 1898 г. В 1854 году. ",
    "Who? — asked he. — Me. ",
)
NOISE = " .!?,;:'\"()[]<>/…。！？।؟aAbB19\n-–—“”‘’«»„*_`•"

noise = st.text(alphabet=NOISE, max_size=12)
anything = st.text(max_size=8)
texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), noise, anything), max_size=10).map("".join)


def cut_places(text: str) -> st.SearchStrategy[list[int]]:
    """Places at which to cut the text into deltas."""
    return st.lists(st.integers(0, len(text)), max_size=12)
