"""Italian: how signs and figures are said."""

from trialogue.actors.text_filter._language import Agreement, Calendar, Clock, Language, Numerals, Usage, counted

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
    "m³": "metro cubo/metri cubi:m", "°": "grado/gradi:m", "‰": "per mille", "ms": "millisecondo/millisecondi:m",
    "kHz": "kilohertz:m", "TB": "terabyte:m", "KB": "kilobyte:m", "ha": "ettaro/ettari:m",
}  # fmt: skip
SIGNS = {
    "per": "al",
    "&": "e", "@": "chiocciola", ".": "punto", "/": "barra", "-": "trattino", "_": "trattino basso", "+": "più",
    "#": "numero", "№": "numero", "=": "uguale", "<": "minore di", ">": "maggiore di", "×": "per", "°": "gradi",
    "→": "a", "÷": "diviso", "≈": "circa", "≤": "al massimo", "≥": "almeno", "≠": "diverso da", "²": "al quadrato",
    "³": "al cubo", "§": "paragrafo", "±": "più o meno",
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
            **dict.fromkeys(("milione", "milioni"), "milione/milioni:m"),
            **dict.fromkeys(("miliardo", "miliardi"), "miliardo/miliardi:m"),
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
    clock=Clock(time="{hour} e {minute}", full="{hour}", gender="feminine", zero="zero",
    cues=frozenset("alle ore dalle le".split())),
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
    usage=Usage(
        titles={
            "n.": "numero", "N.": "numero", "n°": "numero", "nº": "numero", "pag.": "pagina", "p.": "pagina",
            "cap.": "capitolo", "art.": "articolo", "ca.": "circa", "tel.": "telefono", "Tel.": "telefono",
        },
        idioms={"24/7": "ventiquattro sette", "50/50": "cinquanta e cinquanta"},
        phones=r"3\d{2} \d{3} \d{3,4}|3\d{2} \d{7}|0\d{1,3} \d{4,8}",
        services=frozenset("112 113 115 118 117 1522".split()),
        calls=frozenset("il al chiama chiamare chiami chiamate".split()),
        codes=frozenset("codice pin".split()),
        agreement=Agreement(
            limit=1,
            labels=frozenset(
                "capitolo pagina numero passo sala camera livello opzione parte tipo versione fase il lo la i gli le "
                "linea porta volo gruppo piano giorno esempio punto articolo tabella figura terminal del al "
                "binario".split()
            ),
            genders={
                "(?:e|o|ed|od|di|in|che|con|per|è|sono|a|da|più|meno|né|se|non|si|ma|su|del|al|alla|nel)": "",
                "(?:notte|notti|chiave|chiavi|carne|parte|parti|volte|mano|mani|auto|foto|moto|radio|bottiglie|classe|"
                "moglie|madre|nave|pelle|torre|voce|croce|luce|legge)": "feminine",
                "(?:mese|mesi|cane|cani|pane|ristorante|cliente|hotel|bar|caffè|tè|film|treno|mare|nome|fiore|pesce|"
                "ponte|"
                "problema|sistema|tema|programma|clima|panorama|bicchiere|bus|computer|letto|biglietto|"
                "paio)": "masculine",
                ".*(?:zione|sione|tà|tù|trice|udine|gione)": "feminine",
                ".*(?:ore|ale|ile|iere|ante|ente|ese)": "?",
                "(?:s[bcdfghlmnpqrtvz]|z|gn|ps|x|y).*o": "",  # "uno studente", like in counting
                ".{3,}o": "masculine",
                ".{3,}a": "feminine",
                ".*[ei]": "?",
            },
        ),
    ),
)  # fmt: skip
