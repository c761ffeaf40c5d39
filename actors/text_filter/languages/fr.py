"""French: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "€": "euro/euros:m+centime/centimes:m", "$": "dollar/dollars:m+cent/cents:m",
    "£": "livre/livres:f+penny/pence:m", "¥": "yen/yens:m", "₹": "roupie/roupies:f",
    "EUR": "euro/euros:m+centime/centimes:m", "USD": "dollar américain/dollars américains:m+cent/cents:m",
    "GBP": "livre sterling/livres sterling:f", "CHF": "franc suisse/francs suisses:m+centime/centimes:m",
}  # fmt: skip
UNITS = {
    "x": "fois:f",
    "km": "kilomètre/kilomètres:m", "m": "mètre/mètres:m", "cm": "centimètre/centimètres:m",
    "mm": "millimètre/millimètres:m", "kg": "kilogramme/kilogrammes:m", "g": "gramme/grammes:m",
    "mg": "milligramme/milligrammes:m", "l": "litre/litres:m", "L": "litre/litres:m",
    "ml": "millilitre/millilitres:m", "km/h": "kilomètre par heure/kilomètres par heure:m",
    "m/s": "mètre par seconde/mètres par seconde:m", "h": "heure/heures:f", "min": "minute/minutes:f",
    "s": "seconde/secondes:f", "ms": "milliseconde/millisecondes:f", "Go": "gigaoctet/gigaoctets:m",
    "Mo": "mégaoctet/mégaoctets:m", "GB": "gigaoctet/gigaoctets:m", "MB": "mégaoctet/mégaoctets:m", "Hz": "hertz:m",
    "kHz": "kilohertz:m", "MHz": "mégahertz:m", "GHz": "gigahertz:m", "W": "watt/watts:m",
    "kW": "kilowatt/kilowatts:m", "kWh": "kilowattheure/kilowattheures:m", "V": "volt/volts:m",
    "°C": "degré Celsius/degrés Celsius:m", "°F": "degré Fahrenheit/degrés Fahrenheit:m",
    "m²": "mètre carré/mètres carrés:m", "km²": "kilomètre carré/kilomètres carrés:m",
    "m³": "mètre cube/mètres cubes:m", "°": "degré/degrés:m", "px": "pixel/pixels:m",
}  # fmt: skip
SIGNS = {
    "per": "par",
    "&": "et", "@": "arobase", ".": "point", "/": "barre oblique", "-": "tiret", "_": "tiret bas", "+": "plus",
    "#": "numéro", "№": "numéro", "=": "égale", "<": "inférieur à", ">": "supérieur à", "×": "fois", "°": "degrés",
    "→": "vers", "÷": "divisé par", "≈": "environ", "≤": "au plus", "≥": "au moins", "≠": "différent de",
    "±": "plus ou moins", "§": "paragraphe",
}  # fmt: skip

LANGUAGE = Language(
    code="fr",
    numerals=Numerals(
        of="de|d'",
        decimal=",",
        groups="   .",
        point="virgule",
        minus="moins",
        plus="plus",
        to="à",
        about="environ",
        plural="less than two",
        ordinal="er|ère|re|e|ème|nd|nde",
        scales={
            "mille": "mille",
            "million": "million",
            "millions": "millions",
            "milliard": "milliard",
            "milliards": "milliards",
        },
    ),
    calendar=Calendar(
        months=(
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ),
        day="first",
        short={"janv": 1, "févr": 2, "fév": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12},
    ),
    clock=Clock(time="{hour} heures {minute}", full="{hour} heures", gender="feminine", suffix="h"),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} pour cent",
    signs=SIGNS,
    fractions={
        "½": "un demi",
        "⅓": "un tiers",
        "⅔": "deux tiers",
        "¼": "un quart",
        "¾": "trois quarts",
        "1/2": "un demi",
        "1/3": "un tiers",
        "2/3": "deux tiers",
        "1/4": "un quart",
        "3/4": "trois quarts",
        "+": "et",
    },
    ordinals={
        "er": "spellout-ordinal-masculine",
        "ère|re": "spellout-ordinal-feminine",
        "e|ème": "spellout-ordinal-masculine",
    },
)
