"""Hindi: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "₹": "रुपया/रुपये+पैसा/पैसे", "INR": "रुपया/रुपये+पैसा/पैसे", "$": "डॉलर+सेंट", "€": "यूरो+सेंट", "£": "पाउंड",
    "USD": "डॉलर+सेंट",
}  # fmt: skip
UNITS = {
    "km": "किलोमीटर", "m": "मीटर", "cm": "सेंटीमीटर", "mm": "मिलीमीटर", "kg": "किलोग्राम", "g": "ग्राम", "l": "लीटर",
    "ml": "मिलीलीटर", "km/h": "किलोमीटर प्रति घंटा", "min": "मिनट", "s": "सेकंड", "GB": "गीगाबाइट", "MB": "मेगाबाइट",
    "°C": "डिग्री सेल्सियस", "किमी": "किलोमीटर", "मी": "मीटर", "किग्रा": "किलोग्राम", "°": "डिग्री",
}  # fmt: skip
SIGNS = {
    "per": "प्रति",
    "&": "और", "@": "ऐट", ".": "डॉट", "/": "स्लैश", "-": "डैश", "_": "अंडरस्कोर", "+": "प्लस", "#": "नंबर",
    "№": "नंबर", "=": "बराबर", "<": "से कम", ">": "से अधिक", "×": "गुणा", "°": "डिग्री", "→": "से", "≈": "लगभग",
    "±": "प्लस या माइनस",
}  # fmt: skip

LANGUAGE = Language(
    code="hi",
    numerals=Numerals(
        decimal=".",
        groups=",",
        point="दशमलव",
        minus="माइनस",
        plus="प्लस",
        to="से",
        about="लगभग",
        scales={"हज़ार": "हज़ार", "हजार": "हजार", "लाख": "लाख", "करोड़": "करोड़", "अरब": "अरब"},
    ),
    calendar=Calendar(
        months=("जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"),
        short={"फरवरी": 2},
    ),
    clock=Clock(time="{hour} बजकर {minute} मिनट", full="{hour} बजे", suffix="बजे"),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} प्रतिशत",
    signs=SIGNS,
    fractions={
        "½": "आधा",
        "1/2": "आधा",
        "¼": "एक चौथाई",
        "1/4": "एक चौथाई",
        "¾": "तीन चौथाई",
        "3/4": "तीन चौथाई",
        "+": "और",
    },
    ordinals={},
)
