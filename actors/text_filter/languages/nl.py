"""Dutch: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, Usage, counted

MONEY = {
    "€": "euro+cent", "$": "dollar+cent", "£": "pond+penny/pence", "¥": "yen", "EUR": "euro+cent",
    "USD": "Amerikaanse dollar+cent", "GBP": "Brits pond",
}  # fmt: skip
UNITS = {
    "x": "keer",
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "l": "liter", "L": "liter", "ml": "milliliter", "km/h": "kilometer per uur",
    "m/s": "meter per seconde", "min": "minuut/minuten", "s": "seconde/seconden", "MB": "megabyte", "GB": "gigabyte",
    "Hz": "hertz", "MHz": "megahertz", "GHz": "gigahertz", "W": "watt", "kW": "kilowatt", "kWh": "kilowattuur",
    "V": "volt", "°C": "graden Celsius", "°F": "graden Fahrenheit", "m²": "vierkante meter",
    "km²": "vierkante kilometer", "m³": "kubieke meter", "°": "graad/graden", "‰": "promille", "u": "uur",
    "h": "uur", "ms": "milliseconde/milliseconden", "kHz": "kilohertz",
    "TB": "terabyte", "KB": "kilobyte", "dB": "decibel", "ha": "hectare",
}  # fmt: skip
SIGNS = {
    "per": "per",
    "&": "en", "@": "apenstaartje", ".": "punt", "/": "slash", "-": "streepje", "_": "liggend streepje", "+": "plus",
    "#": "nummer", "№": "nummer", "=": "is gelijk aan", "<": "kleiner dan", ">": "groter dan", "×": "keer",
    "°": "graden", "→": "naar", "÷": "gedeeld door", "≈": "ongeveer", "≤": "hoogstens", "≥": "minstens",
    "≠": "ongelijk aan", "²": "kwadraat", "³": "tot de derde", "§": "paragraaf", "±": "plus of min",
}  # fmt: skip

LANGUAGE = Language(
    code="nl",
    numerals=Numerals(
        decimal=",",
        groups=".  ",
        point="komma",
        minus="min",
        plus="plus",
        to="tot",
        about="ongeveer",
        ordinal="e|de|ste",
        scales={"duizend": "duizend", "miljoen": "miljoen", "miljard": "miljard"},
    ),
    calendar=Calendar(
        months=(
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ),
        short={
            "jan": 1,
            "feb": 2,
            "mrt": 3,
            "apr": 4,
            "jun": 6,
            "jul": 7,
            "aug": 8,
            "sept": 9,
            "okt": 10,
            "nov": 11,
            "dec": 12,
        },
    ),
    clock=Clock(time="{hour} uur {minute}", full="{hour} uur", suffix="uur|u", cues=frozenset({"om"})),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} procent",
    signs=SIGNS,
    fractions={
        "½": "een half",
        "⅓": "een derde",
        "⅔": "twee derde",
        "¼": "een kwart",
        "¾": "drie kwart",
        "1/2": "een half",
        "1/3": "een derde",
        "2/3": "twee derde",
        "1/4": "een kwart",
        "3/4": "drie kwart",
        "+": "en",
    },
    ordinals={
        "e|de|ste": "spellout-ordinal",
    },
    usage=Usage(
        titles={"nr.": "nummer", "Nr.": "nummer", "blz.": "bladzijde", "p.": "pagina", "art.": "artikel",
        "ca.": "circa",
                "hfst.": "hoofdstuk", "tel.": "telefoon", "Tel.": "telefoon"},
        idioms={"24/7": "vierentwintig zeven", "50/50": "fiftyfifty"},
        services=frozenset("112 113 911 144 1122".split()),
        calls=frozenset("bel bellen belt draai kies naar nummer alarmnummer".split()),
        codes=frozenset("code pincode pin toestel".split()),
    ),
)  # fmt: skip
