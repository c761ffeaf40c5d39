"""French: how signs and figures are said."""

from trialogue.actors.text_filter._language import Agreement, Calendar, Clock, Language, Numerals, Usage, counted

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
    "m³": "mètre cube/mètres cubes:m", "°": "degré/degrés:m", "‰": "pour mille", "Ko": "kilooctet/kilooctets:m",
    "To": "téraoctet/téraoctets:m",
    "ha": "hectare/hectares:m", "heure": "heure/heures:f", "personne": "personne/personnes:f",
    "dB": "décibel/décibels:m", "px": "pixel/pixels:m",
}  # fmt: skip
SIGNS = {
    "per": "par",
    "&": "et", "@": "arobase", ".": "point", "/": "barre oblique", "-": "tiret", "_": "tiret bas", "+": "plus",
    "#": "numéro", "№": "numéro", "=": "égale", "<": "inférieur à", ">": "supérieur à", "×": "fois", "°": "degrés",
    "→": "vers", "÷": "divisé par", "≈": "environ", "≤": "au plus", "≥": "au moins", "≠": "différent de",
    "±": "plus ou moins", "²": "au carré", "³": "au cube", "§": "paragraphe",
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
            **dict.fromkeys(("million", "millions", "M"), "million/millions:m"),
            **dict.fromkeys(("milliard", "milliards", "Md", "Mds"), "milliard/milliards:m"),
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
        year="spellout-numbering",
        short={"janv": 1, "févr": 2, "fév": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12},
    ),
    clock=Clock(time="{hour} heures {minute}", full="{hour} heures", one_time="{hour} heure {minute}",
    one_full="{hour} heure", gender="feminine", suffix="h|heures"),
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
    usage=Usage(
        titles={
            "n°": "numéro", "N°": "numéro", "nº": "numéro", "n^o": "numéro", "p.": "page", "pp.": "pages",
            "chap.": "chapitre", "art.": "article", "env.": "environ", "fig.": "figure", "vol.": "volume",
            "tél.": "téléphone", "Tél.": "téléphone",
        },
        idioms={"24/7": "vingt-quatre sept", "24h/24": "vingt-quatre heures sur vingt-quatre",
        "7j/7": "sept jours sur sept",
                "50/50": "cinquante cinquante"},
        phones=r"0\d(?:[ .]\d{2}){4}",
        codes=frozenset("code pin".split()),
        agreement=Agreement(
            labels=frozenset(
                "chapitre page numéro étape salle chambre niveau option partie type version phase le la les n° formule "
                "ligne porte vol groupe plan jour exemple point article tableau figure terminal du au".split()
            ),
            genders={
                "(?:et|ou|de|à|en|que|qui|avec|par|pour|est|sont|plus|moins|ni|si|ne|se|sur|dans|a|sans|mais|puis|"
                "au|aux|du|des)": "",
                "(?:personnes?|tables?|chambres?|nuits?|heures?|minutes?|secondes?|semaines?|places?|pommes?|"
                "pizzas?|questions?|"
                "fois|pages?|années?|bouteilles?|tasses?|voitures?|rues?|journées?|femmes?|filles?|maisons?|villes?|"
                "tomates?|"
                "salades?|cartes?|lettres?|portes?|clés?|fleurs?|bières?|eaux?|entrées?|portions?|parts?|offres?|"
                "commandes?|"
                "gares?|lignes?|photos?|raisons?|solutions?|étoiles?|cuillères?|tranches?|gousses?|poires?|"
                "oranges?)": "feminine",
                "(?:trucs?|jours?|mois|ans?|billets?|verres?|kilos?|tickets?|cafés?|thés?|livres?|lits?|étages?|"
                "numéros?|enfants?|"
                "hommes?|amis?|clients?|points?|plats?|desserts?|menus?|cours|trains?|bus|vols?|sacs?|œufs?|oeufs?|"
                "pains?|"
                "adultes?|invités?|messages?|produits?|articles?|appels?|rendez-vous|restaurants?|hôtels?|chiens?|"
                "chats?|"
                "oignons?|citrons?|bébés?|élèves?|problèmes?|exemples?|arbres?|siècles?|centres?|litres?|mètres?|"
                "membres?)": "masculine",
                ".*(?:tions?|sions?|ettes?|elles?|esses?|ances?|ences?|ures?|ées?|ies?|ités?|aines?|euses?|"
                "trices?)": "feminine",
                ".*(?:ments?|ages?|eaux?|ismes?|oirs?|iers?|eurs?|ants?|ails?|ets?|ots?)": "masculine",
            },
        ),
    ),
)  # fmt: skip
