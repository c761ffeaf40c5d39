"""Spanish: how signs and figures are said."""

from trialogue.actors.text_filter._language import Agreement, Calendar, Clock, Language, Numerals, Usage, counted

MONEY = {
    "€": "euro/euros:m+céntimo/céntimos:m", "$": "dólar/dólares:m+centavo/centavos:m",
    "£": "libra/libras:f+penique/peniques:m", "¥": "yen/yenes:m", "EUR": "euro/euros:m+céntimo/céntimos:m",
    "USD": "dólar estadounidense/dólares estadounidenses:m+centavo/centavos:m",
    "MXN": "peso mexicano/pesos mexicanos:m+centavo/centavos:m",
}  # fmt: skip
UNITS = {
    "x": "vez/veces:f",
    "km": "kilómetro/kilómetros:m", "m": "metro/metros:m", "cm": "centímetro/centímetros:m",
    "mm": "milímetro/milímetros:m", "kg": "kilogramo/kilogramos:m", "g": "gramo/gramos:m",
    "mg": "miligramo/miligramos:m", "l": "litro/litros:m", "L": "litro/litros:m", "ml": "mililitro/mililitros:m",
    "km/h": "kilómetro por hora/kilómetros por hora:m", "m/s": "metro por segundo/metros por segundo:m",
    "h": "hora/horas:f", "min": "minuto/minutos:m", "s": "segundo/segundos:m", "MB": "megabyte/megabytes:m",
    "GB": "gigabyte/gigabytes:m", "Hz": "hercio/hercios:m", "MHz": "megahercio/megahercios:m",
    "GHz": "gigahercio/gigahercios:m", "W": "vatio/vatios:m", "kW": "kilovatio/kilovatios:m",
    "kWh": "kilovatio hora/kilovatios hora:m", "V": "voltio/voltios:m", "°C": "grado Celsius/grados Celsius:m",
    "°F": "grado Fahrenheit/grados Fahrenheit:m", "m²": "metro cuadrado/metros cuadrados:m",
    "km²": "kilómetro cuadrado/kilómetros cuadrados:m", "m³": "metro cúbico/metros cúbicos:m", "°": "grado/grados:m",
    "‰": "por mil", "kHz": "kilohercio/kilohercios:m", "TB": "terabyte/terabytes:m",
    "KB": "kilobyte/kilobytes:m", "ms": "milisegundo/milisegundos:m", "ha": "hectárea/hectáreas:f",
}  # fmt: skip
SIGNS = {
    "per": "por",
    "&": "y", "@": "arroba", ".": "punto", "/": "barra", "-": "guion", "_": "guion bajo", "+": "más", "#": "número",
    "№": "número", "=": "igual a", "<": "menor que", ">": "mayor que", "×": "por", "°": "grados", "→": "a",
    "÷": "entre", "≈": "aproximadamente", "≤": "como máximo", "≥": "como mínimo", "≠": "distinto de",
    "²": "al cuadrado", "³": "al cubo", "§": "sección", "±": "más menos",
}  # fmt: skip

LANGUAGE = Language(
    code="es",
    numerals=Numerals(
        of="de",
        decimal=",",
        groups=".  ",
        point="coma",
        minus="menos",
        plus="más",
        to="a",
        about="unos",
        ordinal=r"\.?º|\.?ª|er",
        scales={"mil": "mil", "millón": "millón/millones:m", "millones": "millón/millones:m"},
    ),
    calendar=Calendar(
        months=(
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ),
        date="{day} de {month} de {year}",
        day_month="{day} de {month}",
        month_year="{month} de {year}",
        short={
            "ene": 1,
            "feb": 2,
            "abr": 4,
            "jun": 6,
            "jul": 7,
            "ago": 8,
            "sept": 9,
            "sep": 9,
            "oct": 10,
            "nov": 11,
            "dic": 12,
        },
    ),
    clock=Clock(time="{hour} y {minute}", full="{hour}", gender="feminine", suffix="h|horas", cues=frozenset({"las",
    "la"}), zero="cero"),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} por ciento",
    signs=SIGNS,
    fractions={
        "½": "un medio",
        "⅓": "un tercio",
        "⅔": "dos tercios",
        "¼": "un cuarto",
        "¾": "tres cuartos",
        "1/2": "un medio",
        "1/3": "un tercio",
        "2/3": "dos tercios",
        "1/4": "un cuarto",
        "3/4": "tres cuartos",
        "+": "y",
    },
    ordinals={
        "\\.?º": "spellout-ordinal-masculine",
        "\\.?ª": "spellout-ordinal-feminine",
        "er": "spellout-ordinal-masculine-adjective",
    },
    usage=Usage(
        titles={
            "n.º": "número", "N.º": "número", "nº": "número", "Nº": "número", "n°": "número", "núm.": "número",
            "Núm.": "número", "No.": "número", "pág.": "página", "págs.": "páginas", "cap.": "capítulo",
            "art.": "artículo",
            "aprox.": "aproximadamente", "tel.": "teléfono", "Tel.": "teléfono",
        },
        idioms={"24/7": "veinticuatro siete", "50/50": "cincuenta cincuenta"},
        phones=r"[6789]\d{2}(?: \d{3} \d{3}|(?: \d{2}){3})",
        services=frozenset("112 911 061 091 062 080 016 024 900".split()),
        calls=frozenset("al llame llama llamar marque marca marcar el".split()),
        codes=frozenset("código pin clave postal contraseña extensión".split()),
        agreement=Agreement(
            labels=frozenset(
                "capítulo página número paso sala habitación nivel opción parte tipo versión fase el la los las "
                "línea puerta vuelo grupo plan día ejemplo punto artículo núm tabla figura terminal del al".split()
            ),
            genders={
                "(?:y|o|u|e|de|en|que|con|por|para|es|son|a|más|menos|ni|si|no|se|ya|está|fue|era|será|del|al|como|"
                "pero|sin)": "",
                "(?:días?|mapas?|problemas?|programas?|temas?|sistemas?|idiomas?|clientes?|mes|meses|coches?|"
                "viajes?|hombres?|"
                "nombres?|postres?|puntos?|lugares|lugar|minutos?|euros?|billetes?|pasajes?|paquetes?|mensajes?|"
                "hotel|hoteles|"
                "restaurantes?|panes|pan|trenes|tren|aviones|avión|tés?|cafés?|menús?|personajes?|participantes?|"
                "asistentes?|"
                "estudiantes?|agentes?|vasos?)": "masculine",
                "(?:noches?|tardes?|veces|vez|clases?|llaves?|calles?|fotos?|motos?|manos?|mujeres|mujer|flores|flor|"
                "señales|señal|partes?|leches?|naves?)": "feminine",
                ".*(?:ción|ciones|sión|siones|dad|dades|tad|tades|tud|tudes|umbre|umbres|ez|eces)": "feminine",
                ".*(?:or|ores|aje|ajes|ones|es|ete|etes|al|ales)": "?",
                ".{3,}os?": "masculine",
                ".{3,}as?": "feminine",
            },
        ),
    ),
)  # fmt: skip
