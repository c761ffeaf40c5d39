"""German: how signs and figures are said."""

from trialogue.actors.text_filter._language import Agreement, Calendar, Clock, Language, Numerals, Usage, counted

MONEY = {
    "€": "Euro:m+Cent:m", "$": "Dollar:m+Cent:m", "£": "Pfund:n+Penny/Pence:m", "¥": "Yen:m", "₹": "Rupie/Rupien:f",
    "₽": "Rubel:m", "₺": "Lira:f", "EUR": "Euro:m+Cent:m", "USD": "US-Dollar:m+Cent:m",
    "GBP": "Britisches Pfund/Britische Pfund:n+Penny/Pence:m", "CHF": "Schweizer Franken:m+Rappen:m",
}  # fmt: skip
UNITS = {
    "x": "mal", "Stunde": "Stunde/Stunden:f", "Minute": "Minute/Minuten:f", "Sekunde": "Sekunde/Sekunden:f",
    "Woche": "Woche/Wochen:f", "Person": "Person/Personen:f", 
    "km": "Kilometer:m", "m": "Meter:m", "cm": "Zentimeter:m", "mm": "Millimeter:m", "kg": "Kilogramm:n",
    "g": "Gramm:n", "mg": "Milligramm:n", "l": "Liter:m", "L": "Liter:m", "ml": "Milliliter:m",
    "km/h": "Kilometer pro Stunde:m", "m/s": "Meter pro Sekunde:m", "h": "Stunde/Stunden:f",
    "Std": "Stunde/Stunden:f", "Min": "Minute/Minuten:f",
    "Sek": "Sekunde/Sekunden:f", "min": "Minute/Minuten:f", "s": "Sekunde/Sekunden:f",
    "ms": "Millisekunde/Millisekunden:f", "kB": "Kilobyte:n", "MB": "Megabyte:n", "GB": "Gigabyte:n",
    "TB": "Terabyte:n", "Hz": "Hertz:n", "kHz": "Kilohertz:n", "MHz": "Megahertz:n", "GHz": "Gigahertz:n",
    "W": "Watt:n", "kW": "Kilowatt:n", "kWh": "Kilowattstunde/Kilowattstunden:f", "V": "Volt:n",
    "°C": "Grad Celsius:n", "°F": "Grad Fahrenheit:n", "m²": "Quadratmeter:m", "km²": "Quadratkilometer:m",
    "m³": "Kubikmeter:m", "°": "Grad:n", "‰": "Promille:n", "Kilo": "Kilo:n", "Grad": "Grad:n",
    "cm²": "Quadratzentimeter:m",
    "ha": "Hektar:m", "Mbit/s": "Megabit pro Sekunde:n", "mA": "Milliampere:n", "dB": "Dezibel:n",
    "t": "Tonne/Tonnen:f",
    "Tag": "Tag/Tage:m", "Monat": "Monat/Monate:m", "Jahr": "Jahr/Jahre:n", "kbit/s": "Kilobit pro Sekunde:n",
    "px": "Pixel:n", "kcal": "Kilokalorie/Kilokalorien:f",
}  # fmt: skip
SIGNS = {
    "per": "pro",
    "&": "und", "@": "ät", ".": "Punkt", "/": "Schrägstrich", "-": "Bindestrich", "_": "Unterstrich", "+": "plus",
    "#": "Nummer", "№": "Nummer", "=": "gleich", "<": "kleiner als", ">": "größer als", "×": "mal", "°": "Grad",
    "→": "nach", "÷": "geteilt durch", "≈": "ungefähr", "≤": "höchstens", "≥": "mindestens", "≠": "ungleich",
    "±": "plus minus", "²": "hoch zwei", "³": "hoch drei", "§": "Paragraf",
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
            **dict.fromkeys(("Million", "Millionen", "Mio.", "Mio"), "Million/Millionen:f"),
            **dict.fromkeys(("Milliarde", "Milliarden", "Mrd.", "Mrd"), "Milliarde/Milliarden:f"),
            **dict.fromkeys(("Billion", "Billionen"), "Billion/Billionen:f"),
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
    clock=Clock(time="{hour} Uhr {minute}", full="{hour} Uhr", gender="masculine", suffix="Uhr",
    cues=frozenset({"um", "gegen"})),
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
    usage=Usage(
        titles={
            "Nr.": "Nummer", "nr.": "Nummer", "S.": "Seite", "Kap.": "Kapitel", "Abb.": "Abbildung", "Bd.": "Band",
            "ca.": "circa", "Art.": "Artikel", "Abs.": "Absatz", "Tel.": "Telefon",
        },
        idioms={"24/7": "vierundzwanzig sieben", "50/50": "fünfzig-fünfzig", "9/11": "nine eleven"},
        services=frozenset("110 112 115 116117 144 133 122 117 118".split()),
        calls=frozenset(
            "rufen rufe ruf wählen wähle die der unter notruf nummer sie bitte rufnummer telefon anruf den".split()
        ),
        codes=frozenset("plz postleitzahl code pin kennwort passwort durchwahl tan kontonummer kundennummer".split()),
        agreement=Agreement(
            limit=1,
            labels=frozenset(
                "kapitel platz nummer schritt seite zimmer typ formel teil gleis tor tür linie band version phase "
                "stufe "
                "klasse level punkt option artikel abschnitt raum etage paragraf tag woche nr der die das den dem "
                "am im "
                "frage antwort regel beispiel abbildung tabelle block variante plan grad terminal halle reihe".split()
            ),
            genders={
                "[A-ZÄÖÜ].*(?:ung|heit|keit|schaft|ion|tät|ik|ur|ei|enz|anz|in|e)": "feminine",
                "(?:Nacht|Person|Frau|Mutter|Tochter|Hand|Stadt|Woche|Bank|Wand|Uhr|Nummer|Gabel|Kartoffel|Zwiebel|"
                "Butter"
                "|Flasche|Karte|Tafel|Insel|Mark|Tür|Zahl|E-Mail|Mail|App|Datei|Kuh|Maus|Wurst|Zeit|Antwort|"
                "Million)": "feminine",
                "[A-ZÄÖÜ].*": "masculine",  # the neuter is the same
                "(?:oder|aber|ohne|über|unter|hinter|wieder|immer|heute|wurde|werden|wurden|waren|haben|sie|die|"
                "eine|der|"
                "alle|bitte|gerne|sehr|wäre|würde|habe|hätte|zwischen|gegen|neben|außer|statt|weniger|mehr)": "",
                ".*(?:e|er|es|en|em)": "?",
                ".*": "",
            },
            cases={"mit": "?", "von": "?", "bei": "?", "zu": "?", "aus": "?", "seit": "?", "nach": "?", "für": "?",
            "um": "",
                   "ohne": "?", "gegen": "", "durch": "?"},
        ),
    ),
)  # fmt: skip
