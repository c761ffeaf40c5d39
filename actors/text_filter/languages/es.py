"""Spanish: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "€": "euro/euros:m+céntimo/céntimos:m", "$": "dólar/dólares:m+centavo/centavos:m",
    "£": "libra/libras:f+penique/peniques:m", "¥": "yen/yenes:m", "EUR": "euro/euros:m+céntimo/céntimos:m",
    "USD": "dólar estadounidense/dólares estadounidenses:m+centavo/centavos:m",
    "MXN": "peso mexicano/pesos mexicanos:m+centavo/centavos:m",
}  # fmt: skip
UNITS = {
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
}  # fmt: skip
SIGNS = {
    "per": "por",
    "&": "y", "@": "arroba", ".": "punto", "/": "barra", "-": "guion", "_": "guion bajo", "+": "más", "#": "número",
    "№": "número", "=": "igual a", "<": "menor que", ">": "mayor que", "×": "por", "°": "grados", "→": "a",
    "÷": "entre", "≈": "aproximadamente", "≤": "como máximo", "≥": "como mínimo", "±": "más menos",
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
        scales={"mil": "mil", "millón": "millón", "millones": "millones"},
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
    clock=Clock(time="{hour} y {minute}", full="{hour} en punto", gender="feminine", suffix="h|horas"),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="por ciento",
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
)
