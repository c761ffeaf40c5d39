"""Portuguese: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "€": "euro/euros:m+cêntimo/cêntimos:m", "R$": "real/reais:m+centavo/centavos:m",
    "$": "dólar/dólares:m+centavo/centavos:m", "£": "libra/libras:f", "BRL": "real/reais:m+centavo/centavos:m",
    "EUR": "euro/euros:m+cêntimo/cêntimos:m", "USD": "dólar americano/dólares americanos:m+centavo/centavos:m",
}  # fmt: skip
UNITS = {
    "x": "vez/vezes:f",
    "km": "quilômetro/quilômetros:m", "m": "metro/metros:m", "cm": "centímetro/centímetros:m",
    "mm": "milímetro/milímetros:m", "kg": "quilograma/quilogramas:m", "g": "grama/gramas:m",
    "mg": "miligrama/miligramas:m", "l": "litro/litros:m", "L": "litro/litros:m", "ml": "mililitro/mililitros:m",
    "km/h": "quilômetro por hora/quilômetros por hora:m", "h": "hora/horas:f", "min": "minuto/minutos:m",
    "s": "segundo/segundos:m", "MB": "megabyte/megabytes:m", "GB": "gigabyte/gigabytes:m", "W": "watt/watts:m",
    "kW": "quilowatt/quilowatts:m", "kWh": "quilowatt-hora/quilowatts-hora:m", "°C": "grau Celsius/graus Celsius:m",
    "°F": "grau Fahrenheit/graus Fahrenheit:m", "m²": "metro quadrado/metros quadrados:m", "°": "grau/graus:m",
}  # fmt: skip
SIGNS = {
    "per": "por",
    "&": "e", "@": "arroba", ".": "ponto", "/": "barra", "-": "hífen", "_": "sublinhado", "+": "mais", "#": "número",
    "№": "número", "=": "igual a", "<": "menor que", ">": "maior que", "×": "vezes", "°": "graus", "→": "para",
    "÷": "dividido por", "≈": "cerca de", "≤": "no máximo", "≥": "no mínimo", "±": "mais ou menos",
}  # fmt: skip

LANGUAGE = Language(
    code="pt",
    numerals=Numerals(
        of="de",
        decimal=",",
        groups=".  ",
        point="vírgula",
        minus="menos",
        plus="mais",
        to="a",
        about="cerca de",
        ordinal=r"\.?º|\.?ª",
        scales={"mil": "mil", "milhão": "milhão", "milhões": "milhões", "bilhão": "bilhão", "bilhões": "bilhões"},
    ),
    calendar=Calendar(
        months=(
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ),
        date="{day} de {month} de {year}",
        day_month="{day} de {month}",
        month_year="{month} de {year}",
        day="first",
        short={
            "jan": 1,
            "fev": 2,
            "mar": 3,
            "abr": 4,
            "jun": 6,
            "jul": 7,
            "ago": 8,
            "set": 9,
            "out": 10,
            "nov": 11,
            "dez": 12,
        },
    ),
    clock=Clock(time="{hour} e {minute}", full="{hour} horas", gender="feminine", suffix="h|horas"),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} por cento",
    signs=SIGNS,
    fractions={
        "½": "meio",
        "⅓": "um terço",
        "⅔": "dois terços",
        "¼": "um quarto",
        "¾": "três quartos",
        "1/2": "meio",
        "1/3": "um terço",
        "2/3": "dois terços",
        "1/4": "um quarto",
        "3/4": "três quartos",
        "+": "e",
    },
    ordinals={
        "\\.?º": "spellout-ordinal-masculine",
        "\\.?ª": "spellout-ordinal-feminine",
    },
)
