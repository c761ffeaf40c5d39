"""Portuguese: how signs and figures are said."""

from trialogue.actors.text_filter._language import Agreement, Calendar, Clock, Language, Numerals, Usage, counted

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
    "‰": "por mil", "ms": "milissegundo/milissegundos:m", "Hz": "hertz:m", "V": "volt/volts:m",
    "TB": "terabyte/terabytes:m", "m³": "metro cúbico/metros cúbicos:m",
    "km²": "quilômetro quadrado/quilômetros quadrados:m",
    "m/s": "metro por segundo/metros por segundo:m", "ha": "hectare/hectares:m",
}  # fmt: skip
SIGNS = {
    "per": "por",
    "&": "e", "@": "arroba", ".": "ponto", "/": "barra", "-": "hífen", "_": "sublinhado", "+": "mais", "#": "número",
    "№": "número", "=": "igual a", "<": "menor que", ">": "maior que", "×": "vezes", "°": "graus", "→": "para",
    "÷": "dividido por", "≈": "cerca de", "≤": "no máximo", "≥": "no mínimo", "≠": "diferente de",
    "²": "ao quadrado", "³": "ao cubo", "§": "parágrafo", "±": "mais ou menos",
}  # fmt: skip

LANGUAGE = Language(
    code="pt",
    numerals=Numerals(
        of="de",
        decimal=",",
        groups=".  ",
        point="vírgula",
        plural="less than two",
        minus="menos",
        plus="mais",
        to="a",
        about="cerca de",
        ordinal=r"\.?º|\.?ª",
        scales={"mil": "mil", "milhão": "milhão/milhões:m", "milhões": "milhão/milhões:m", "bilhão": "bilhão/bilhões:m",
                "bilhões": "bilhão/bilhões:m", "mi": "milhão/milhões:m", "bi": "bilhão/bilhões:m"},
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
    clock=Clock(time="{hour} e {minute}", full="{hour} horas", one_full="{hour} hora", gender="feminine",
    suffix="h|horas", cues=frozenset({"às", "as"}), zero="zero"),
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
    usage=Usage(
        titles={
            "n.º": "número", "N.º": "número", "nº": "número", "Nº": "número", "n°": "número", "núm.": "número",
            "pág.": "página", "p.": "página", "cap.": "capítulo", "art.": "artigo", "tel.": "telefone",
            "Tel.": "telefone",
        },
        idioms={"24/7": "vinte e quatro sete", "50/50": "cinquenta cinquenta", "24h": "vinte e quatro horas"},
        phones=r"[29]\d{2} \d{3} \d{3}|\d{2} 9\d{4}-\d{4}|9?\d{4}-\d{4}",
        services=frozenset("112 190 192 193 911".split()),
        calls=frozenset("o ao para ligue ligar disque".split()),
        codes=frozenset("código pin cep senha".split()),
        agreement=Agreement(
            labels=frozenset(
                "capítulo página número passo sala quarto nível opção parte tipo versão fase o a os as linha porta voo "
                "grupo plano dia exemplo ponto artigo tabela figura terminal do da ao".split()
            ),
            genders={
                "(?:e|ou|de|em|que|com|por|para|é|são|a|o|mais|menos|nem|se|não|mas|do|da|no|na|até|sem|foi|era|"
                "está|ao)": "",
                "(?:dias?|mapas?|problemas?|programas?|temas?|sistemas?|idiomas?|clientes?|mês|meses|homens|homem|"
                "nomes?|"
                "lugares|lugar|pães|pão|hotéis|hotel|restaurantes?|ingressos?|cafés?|irmãos?|cães|cão|aviões|avião|"
                "corações|"
                "coração|milhões|tomates?|leites?|trens|trem|bilhetes?|pacotes?|sanduíches?)": "masculine",
                "(?:noites?|tardes?|vezes|vez|chaves?|fotos?|motos?|mãos?|mulheres|mulher|flores|flor|partes?|maçãs?|"
                "manhãs?|irmãs?|lãs?|colheres|colher|naves?|cidades?)": "feminine",
                ".*(?:ção|ções|são|sões|dade|dades|gem|gens|tude|tudes|ez)": "feminine",
                ".{3,}os?": "masculine",
                ".{3,}as?": "feminine",
                ".*(?:or|ores)": "masculine",
            },
        ),
    ),
)  # fmt: skip
