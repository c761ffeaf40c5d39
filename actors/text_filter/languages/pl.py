"""Polish: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "zł": "złoty/złote/złotych:m+grosz/grosze/groszy:m", "PLN": "złoty/złote/złotych:m+grosz/grosze/groszy:m",
    "€": "euro:n+cent/centy/centów:m", "$": "dolar/dolary/dolarów:m+cent/centy/centów:m", "£": "funt/funty/funtów:m",
    "EUR": "euro:n+cent/centy/centów:m", "USD": "dolar/dolary/dolarów:m+cent/centy/centów:m",
}  # fmt: skip
UNITS = {
    "x": "raz/razy/razy:m",
    "km": "kilometr/kilometry/kilometrów:m", "m": "metr/metry/metrów:m", "cm": "centymetr/centymetry/centymetrów:m",
    "mm": "milimetr/milimetry/milimetrów:m", "kg": "kilogram/kilogramy/kilogramów:m", "g": "gram/gramy/gramów:m",
    "l": "litr/litry/litrów:m", "ml": "mililitr/mililitry/mililitrów:m",
    "km/h": "kilometr na godzinę/kilometry na godzinę/kilometrów na godzinę:m", "min": "minuta/minuty/minut:f",
    "s": "sekunda/sekundy/sekund:f", "h": "godzina/godziny/godzin:f",
    "°C": "stopień Celsjusza/stopnie Celsjusza/stopni Celsjusza:m", "MB": "megabajt/megabajty/megabajtów:m",
    "GB": "gigabajt/gigabajty/gigabajtów:m",
}  # fmt: skip
SIGNS = {
    "per": "na",
    "&": "i", "@": "małpa", ".": "kropka", "/": "ukośnik", "-": "myślnik", "_": "podkreślnik", "+": "plus",
    "#": "numer", "№": "numer", "=": "równa się", "<": "mniejsze niż", ">": "większe niż", "×": "razy",
    "°": "stopni", "→": "do", "≈": "około", "±": "plus minus",
}  # fmt: skip

LANGUAGE = Language(
    code="pl",
    numerals=Numerals(
        decimal=",",
        groups="   ",
        point="przecinek",
        minus="minus",
        plus="plus",
        to="do",
        about="około",
        plural="polish",
        scales={
            "tys.": "tysięcy",
            "mln": "milionów",
            "mld": "miliardów",
            "tysięcy": "tysięcy",
            "milionów": "milionów",
            "miliony": "miliony",
        },
    ),
    calendar=Calendar(
        months=(
            "stycznia",
            "lutego",
            "marca",
            "kwietnia",
            "maja",
            "czerwca",
            "lipca",
            "sierpnia",
            "września",
            "października",
            "listopada",
            "grudnia",
        )
    ),
    clock=Clock(),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} procent",
    signs=SIGNS,
    fractions={
        "½": "pół",
        "1/2": "pół",
        "¼": "jedna czwarta",
        "¾": "trzy czwarte",
        "1/4": "jedna czwarta",
        "3/4": "trzy czwarte",
        "+": "i",
    },
    ordinals={},
)
