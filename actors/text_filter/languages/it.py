"""Italian: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "€": "euro:m+centesimo/centesimi:m", "$": "dollaro/dollari:m+centesimo/centesimi:m",
    "£": "sterlina/sterline:f+penny:m", "¥": "yen:m", "EUR": "euro:m+centesimo/centesimi:m",
    "USD": "dollaro americano/dollari americani:m+centesimo/centesimi:m",
}  # fmt: skip
UNITS = {
    "x": "volta/volte:f",
    "km": "chilometro/chilometri:m", "m": "metro/metri:m", "cm": "centimetro/centimetri:m",
    "mm": "millimetro/millimetri:m", "kg": "chilogrammo/chilogrammi:m", "g": "grammo/grammi:m",
    "mg": "milligrammo/milligrammi:m", "l": "litro/litri:m", "L": "litro/litri:m", "ml": "millilitro/millilitri:m",
    "km/h": "chilometro orario/chilometri orari:m", "m/s": "metro al secondo/metri al secondo:m", "h": "ora/ore:f",
    "min": "minuto/minuti:m", "s": "secondo/secondi:m", "MB": "megabyte:m", "GB": "gigabyte:m", "Hz": "hertz:m",
    "MHz": "megahertz:m", "GHz": "gigahertz:m", "W": "watt:m", "kW": "chilowatt:m", "kWh": "chilowattora:m",
    "V": "volt:m", "°C": "grado Celsius/gradi Celsius:m", "°F": "grado Fahrenheit/gradi Fahrenheit:m",
    "m²": "metro quadrato/metri quadrati:m", "km²": "chilometro quadrato/chilometri quadrati:m",
    "m³": "metro cubo/metri cubi:m",
}  # fmt: skip
SIGNS = {
    "per": "al",
    "&": "e", "@": "chiocciola", ".": "punto", "/": "barra", "-": "trattino", "_": "trattino basso", "+": "più",
    "#": "numero", "№": "numero", "=": "uguale", "<": "minore di", ">": "maggiore di", "×": "per", "°": "gradi",
    "→": "a", "÷": "diviso", "≈": "circa", "≤": "al massimo", "≥": "almeno", "±": "più o meno",
}  # fmt: skip

LANGUAGE = Language(
    code="it",
    numerals=Numerals(
        of="di",
        decimal=",",
        groups=".  ",
        point="virgola",
        minus="meno",
        plus="più",
        to="a",
        about="circa",
        ordinal="º|°|ª",
        scales={
            "mila": "mila",
            "milione": "milione",
            "milioni": "milioni",
            "miliardo": "miliardo",
            "miliardi": "miliardi",
        },
    ),
    calendar=Calendar(
        months=(
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ),
        day="first",
        short={
            "gen": 1,
            "feb": 2,
            "apr": 4,
            "mag": 5,
            "giu": 6,
            "lug": 7,
            "ago": 8,
            "set": 9,
            "ott": 10,
            "nov": 11,
            "dic": 12,
        },
    ),
    clock=Clock(time="{hour} e {minute}", full="{hour} in punto", gender="feminine"),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} per cento",
    signs=SIGNS,
    fractions={
        "½": "un mezzo",
        "⅓": "un terzo",
        "⅔": "due terzi",
        "¼": "un quarto",
        "¾": "tre quarti",
        "1/2": "un mezzo",
        "1/3": "un terzo",
        "2/3": "due terzi",
        "1/4": "un quarto",
        "3/4": "tre quarti",
        "+": "e",
    },
    ordinals={
        "º|°": "spellout-ordinal-masculine",
        "ª": "spellout-ordinal-feminine",
    },
)
