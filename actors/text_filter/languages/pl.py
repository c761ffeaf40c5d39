"""Polish: how signs and figures are said."""

from trialogue.actors.text_filter._language import Agreement, Calendar, Clock, Language, Numerals, Usage, counted

MONEY = {
    "zł": "złoty/złote/złotych/złotego:m+grosz/grosze/groszy:m",
    "PLN": "złoty/złote/złotych/złotego:m+grosz/grosze/groszy:m",
    "€": "euro:n+cent/centy/centów:m", "$": "dolar/dolary/dolarów/dolara:m+cent/centy/centów:m",
    "£": "funt/funty/funtów:m",
    "EUR": "euro:n+cent/centy/centów:m", "USD": "dolar/dolary/dolarów/dolara:m+cent/centy/centów:m",
}  # fmt: skip
UNITS = {
    "x": "raz/razy/razy:m",
    "km": "kilometr/kilometry/kilometrów/kilometra:m", "m": "metr/metry/metrów/metra:m",
    "cm": "centymetr/centymetry/centymetrów/centymetra:m",
    "mm": "milimetr/milimetry/milimetrów/milimetra:m", "kg": "kilogram/kilogramy/kilogramów/kilograma:m",
    "g": "gram/gramy/gramów/grama:m",
    "l": "litr/litry/litrów/litra:m", "ml": "mililitr/mililitry/mililitrów/mililitra:m",
    "km/h": "kilometr na godzinę/kilometry na godzinę/kilometrów na godzinę/kilometra na godzinę:m",
    "min": "minuta/minuty/minut/minuty:f",
    "s": "sekunda/sekundy/sekund/sekundy:f", "h": "godzina/godziny/godzin/godziny:f",
    "°C": "stopień Celsjusza/stopnie Celsjusza/stopni Celsjusza/stopnia Celsjusza:m",
    "MB": "megabajt/megabajty/megabajtów:m",
    "°": "stopień/stopnie/stopni/stopnia:m", "%": "procent/procent/procent/procenta:m",
    "‰": "promil/promile/promili:m", "mg": "miligram/miligramy/miligramów/miligrama:m",
    "godz": "godzina/godziny/godzin/godziny:f", "m²": "metr kwadratowy/metry kwadratowe/metrów kwadratowych/metra "
    "kwadratowego:m",
    "km²": "kilometr kwadratowy/kilometry kwadratowe/kilometrów kwadratowych:m", "W": "wat/waty/watów:m",
    "kW": "kilowat/kilowaty/kilowatów:m",
    "TB": "terabajt/terabajty/terabajtów:m", "kWh": "kilowatogodzina/kilowatogodziny/kilowatogodzin:f",
    "V": "wolt/wolty/woltów:m",
    "°F": "stopień Fahrenheita/stopnie Fahrenheita/stopni Fahrenheita:m",
    "GB": "gigabajt/gigabajty/gigabajtów/gigabajta:m",
}  # fmt: skip
SIGNS = {
    "per": "na",
    "&": "i", "@": "małpa", ".": "kropka", "/": "ukośnik", "-": "myślnik", "_": "podkreślnik", "+": "plus",
    "#": "numer", "№": "numer", "=": "równa się", "<": "mniejsze niż", ">": "większe niż", "×": "razy",
    "°": "stopni", "→": "do", "≈": "około", "²": "do kwadratu", "³": "do sześcianu", "÷": "podzielone przez",
    "≤": "najwyżej", "≥": "co najmniej", "§": "paragraf", "±": "plus minus",
}  # fmt: skip

ONES = (
    "pierwszego drugiego trzeciego czwartego piątego szóstego siódmego ósmego dziewiątego dziesiątego jedenastego "
    "dwunastego trzynastego czternastego piętnastego szesnastego siedemnastego osiemnastego dziewiętnastego"
).split()
TENS = (
    "dwudziestego trzydziestego czterdziestego pięćdziesiątego sześćdziesiątego siedemdziesiątego osiemdziesiątego "
    "dziewięćdziesiątego"
).split()
DATED = (*ONES, *(f"{tens} {ones}".strip() for tens in TENS for ones in ("", *ONES[:9])))
"""Ordinals from 1 to 99 in the genitive."""
HOURS = (
    "zerowa pierwsza druga trzecia czwarta piąta szósta siódma ósma dziewiąta dziesiąta jedenasta dwunasta trzynasta "
    "czternasta piętnasta szesnasta siedemnasta osiemnasta dziewiętnasta dwudziesta"
).split()
HOURS += [f"dwudziesta {ones}" for ones in HOURS[1:5]]
OBLIQUE_HOURS = tuple(
    " ".join(f"{word.rstrip('a')}ej".replace("iej", "iej") for word in hour.split()) for hour in HOURS
)
"""Ordinals from 0 to 24 in the feminine, as they are said and as they are said behind a preposition."""

LANGUAGE = Language(
    code="pl",
    numerals=Numerals(
        decimal=",",
        groups="   ",
        point="przecinek",
        minus="minus",
        plus="plus",
        to="-",
        about="około",
        plural="polish",
        scales={
            **dict.fromkeys(("tys.", "tysiąc", "tysiące", "tysięcy"), "tysiąc/tysiące/tysięcy/tysiąca:m"),
            **dict.fromkeys(("mln", "milion", "miliony", "milionów", "miliona"), "milion/miliony/milionów/miliona:m"),
            **dict.fromkeys(("mld", "miliard", "miliardy", "miliardów"), "miliard/miliardy/miliardów/miliarda:m"),
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
        ),
        dated=DATED,
        year_cue=frozenset("w rok roku od do".split()),
    ),
    clock=Clock(
        zero="zero",
        hours=tuple(HOURS),
        hours_after=dict.fromkeys(("o", "po", "do", "od", "około"), OBLIQUE_HOURS),
        cues=frozenset({"o", "godz", "godzinie", "godzina"}),
    ),
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
    usage=Usage(
        titles={
            "godz.": "godzina",
            "nr": "numer",
            "Nr": "numer",
            "nr.": "numer",
            "str.": "strona",
            "s.": "strona",
            "rozdz.": "rozdział",
            "ok.": "około",
            "tel.": "telefon",
            "Tel.": "telefon",
            "art.": "artykuł",
        },
        idioms={"24/7": "dwadzieścia cztery na siedem", "50/50": "pięćdziesiąt na pięćdziesiąt"},
        phones=r"[4-8]\d{2} \d{3} \d{3}",
        services=frozenset("112 997 998 999".split()),
        calls=frozenset("numer pod".split()),
        codes=frozenset("kod pin hasło".split()),
        agreement=Agreement(
            two={
                "(?:i|lub|albo|oraz|a|do|na|w|z|się|to|jest|są|nie|że|ale|czy|po|od|za|o|u|więcej|mniej)": "",
                "(?:godziny|minuty|sekundy|osoby|noce|kawy|herbaty|strony|pizze|książki|kobiety|córki|łyżki|"
                "szklanki|butelki|"
                "tabletki|wizyty|sztuki|zupy|karty|siostry|rzeczy|drogi|próby|grupy|porcje|.*cje)": "feminine",
                "(?:dni|miesiące|tygodnie|kilometry|bilety|pokoje|stoliki|domy|psy|koty|euro|złote|razy|numery|"
                "produkty|"
                "punkty|kroki|komputery|kilogramy|litry|stoły|telefony|samochody|sposoby|filmy|poziomy|"
                ".{2,}a)": "masculine",
            },
            labels=frozenset(
                "rozdział strona numer krok pokój poziom opcja część typ wersja faza linia drzwi lot grupa plan dzień "
                "przykład punkt artykuł tabela terminal peron sala etap".split()
            ),
            genders={
                "(?:i|lub|albo|oraz|a|do|na|w|z|się|to|jest|są|nie|że|ale|czy|po|od|za|o|u|więcej|mniej|było|był|"
                "była)": "",
                "(?:mężczyzna|kolega|noc|osób|rzecz|mysz|część|sól|kość|wieś|twarz|odpowiedź)": "?",
                ".{2,}a": "feminine",
                ".{2,}o": "neuter",
                ".*(?:y|i|ów|ych|ich|ą|ę|e|u|ej|ego|emu|ym|im|ć|ść|ń|dz|rz|sz|cz|ż|ź|ś|l)": "?",
                ".{3,}": "masculine",
            },
            cases={
                **dict.fromkeys(
                    ("około", "do", "od", "bez", "dla", "oprócz", "spośród", "powyżej", "poniżej", "wśród", "ok."),
                    "genitive",
                ),
                **dict.fromkeys(
                    (
                        "z",
                        "ze",
                        "w",
                        "we",
                        "o",
                        "po",
                        "przy",
                        "przed",
                        "nad",
                        "pod",
                        "za",
                        "między",
                        "ku",
                        "dzięki",
                        "przeciw",
                    ),
                    "?",
                ),
            },
            years={"roku": "?"},
            oblique={".{2,}(?:ach|ami)": "?"},
        ),
    ),
)
