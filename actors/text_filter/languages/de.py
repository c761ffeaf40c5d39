"""German: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "€": "Euro:m+Cent:m", "$": "Dollar:m+Cent:m", "£": "Pfund:n+Penny/Pence:m", "¥": "Yen:m", "₹": "Rupie/Rupien:f",
    "₽": "Rubel:m", "₺": "Lira:f", "EUR": "Euro:m+Cent:m", "USD": "US-Dollar:m+Cent:m",
    "GBP": "Britisches Pfund/Britische Pfund:n+Penny/Pence:m", "CHF": "Schweizer Franken:m+Rappen:m",
}  # fmt: skip
UNITS = {
    "x": "mal", "Stunde": "Stunde/Stunden:f", "Minute": "Minute/Minuten:f", "Sekunde": "Sekunde/Sekunden:f",
    "Woche": "Woche/Wochen:f", "Person": "Person/Personen:f", "Million": "Million/Millionen:f",
    "km": "Kilometer:m", "m": "Meter:m", "cm": "Zentimeter:m", "mm": "Millimeter:m", "kg": "Kilogramm:n",
    "g": "Gramm:n", "mg": "Milligramm:n", "l": "Liter:m", "L": "Liter:m", "ml": "Milliliter:m",
    "km/h": "Kilometer pro Stunde:m", "m/s": "Meter pro Sekunde:m", "h": "Stunde/Stunden:f",
    "Std": "Stunde/Stunden:f", "min": "Minute/Minuten:f", "s": "Sekunde/Sekunden:f",
    "ms": "Millisekunde/Millisekunden:f", "kB": "Kilobyte:n", "MB": "Megabyte:n", "GB": "Gigabyte:n",
    "TB": "Terabyte:n", "Hz": "Hertz:n", "kHz": "Kilohertz:n", "MHz": "Megahertz:n", "GHz": "Gigahertz:n",
    "W": "Watt:n", "kW": "Kilowatt:n", "kWh": "Kilowattstunde/Kilowattstunden:f", "V": "Volt:n",
    "°C": "Grad Celsius:n", "°F": "Grad Fahrenheit:n", "m²": "Quadratmeter:m", "km²": "Quadratkilometer:m",
    "m³": "Kubikmeter:m", "°": "Grad:n", "px": "Pixel:n", "kcal": "Kilokalorie/Kilokalorien:f",
}  # fmt: skip
SIGNS = {
    "per": "pro",
    "&": "und", "@": "ät", ".": "Punkt", "/": "Schrägstrich", "-": "Bindestrich", "_": "Unterstrich", "+": "plus",
    "#": "Nummer", "№": "Nummer", "=": "gleich", "<": "kleiner als", ">": "größer als", "×": "mal", "°": "Grad",
    "→": "nach", "÷": "geteilt durch", "≈": "ungefähr", "≤": "höchstens", "≥": "mindestens", "≠": "ungleich",
    "±": "plus minus", "§": "Paragraf",
}  # fmt: skip

CUES = {
    **dict.fromkeys(
        ("am", "dem", "den", "des", "im", "vom", "zum", "zur", "beim", "bis", "ab", "seit"), "spellout-ordinal-n"
    ),
    **dict.fromkeys(("der", "die", "das"), "spellout-ordinal"),
    **dict.fromkeys(("ein", "mein", "dein", "sein", "ihr"), "spellout-ordinal-r"),
}

LANGUAGE = Language(
    code="de",
    numerals=Numerals(
        decimal=",",
        groups=".  '’",
        point="Komma",
        minus="minus",
        plus="plus",
        to="bis",
        about="etwa",
        ordinal=r"\.",
        scales={
            "Tausend": "Tausend",
            "tausend": "tausend",
            "Million": "Million",
            "Millionen": "Millionen",
            "Mio.": "Millionen",
            "Mio": "Millionen",
            "Milliarde": "Milliarde",
            "Milliarden": "Milliarden",
            "Mrd.": "Milliarden",
            "Mrd": "Milliarden",
            "Billionen": "Billionen",
        },
    ),
    calendar=Calendar(
        months=(
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ),
        date="{day} {month} {year}",
        day="ordinal",
        day_ruleset="spellout-ordinal-r",
        short={
            "Jan": 1,
            "Jänner": 1,
            "Feb": 2,
            "Mär": 3,
            "Apr": 4,
            "Jun": 6,
            "Jul": 7,
            "Aug": 8,
            "Sep": 9,
            "Sept": 9,
            "Okt": 10,
            "Nov": 11,
            "Dez": 12,
        },
        year_cue=frozenset("jahr jahre seit anno von bis um ab vor nach".split()),
    ),
    clock=Clock(time="{hour} Uhr {minute}", full="{hour} Uhr", gender="masculine", suffix="Uhr"),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} Prozent",
    signs=SIGNS,
    fractions={
        "½": "einhalb",
        "⅓": "ein Drittel",
        "⅔": "zwei Drittel",
        "¼": "ein Viertel",
        "¾": "drei Viertel",
        "1/2": "einhalb",
        "1/3": "ein Drittel",
        "2/3": "zwei Drittel",
        "1/4": "ein Viertel",
        "3/4": "drei Viertel",
        "+": "",
    },
    ordinals={
        "\\.": "spellout-ordinal",
    },
    ordinal_cues=CUES,
)
