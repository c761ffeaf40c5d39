"""Turkish: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, Usage, counted

MONEY = {
    "₺": "lira+kuruş", "TL": "lira+kuruş", "TRY": "lira+kuruş", "$": "dolar+sent", "€": "avro+sent", "£": "sterlin",
    "USD": "dolar+sent", "EUR": "avro+sent",
}  # fmt: skip
UNITS = {
    "x": "kat",
    "km": "kilometre", "m": "metre", "cm": "santimetre", "mm": "milimetre", "kg": "kilogram", "g": "gram",
    "l": "litre", "ml": "mililitre", "dk": "dakika", "sn": "saniye", "MB": "megabayt", "GB": "gigabayt",
    "°C": "derece Celsius", "m²": "metrekare", "km/sa": "kilometre bölü saat", "km/s": "kilometre bölü saat",
    "km/h": "kilometre bölü saat", "°": "derece", "°F": "derece Fahrenheit", "mg": "miligram", "saat": "saat",
    "TB": "terabayt", "KB": "kilobayt", "W": "vat",
    "kW": "kilovat", "V": "volt", "Hz": "hertz", "MHz": "megahertz", "m³": "metreküp", "s": "saniye",
    "min": "dakika", "h": "saat",
}  # fmt: skip
SIGNS = {
    "per": "başına",
    "&": "ve", "@": "et", ".": "nokta", "/": "bölü", "-": "tire", "_": "alt çizgi", "+": "artı", "#": "numara",
    "№": "numara", "=": "eşittir", "<": "küçüktür", ">": "büyüktür", "×": "çarpı", "°": "derece", "→": "şuraya",
    "≈": "yaklaşık", "²": "kare", "³": "küp", "÷": "bölü", "≤": "en fazla", "≥": "en az", "≠": "eşit değildir",
    "±": "artı eksi",
}  # fmt: skip

LANGUAGE = Language(
    code="tr",
    numerals=Numerals(
        decimal=",",
        groups=".  ",
        point="virgül",
        minus="eksi",
        plus="artı",
        to="ila",
        about="yaklaşık",
        scales={"bin": "bin", "milyon": "milyon", "milyar": "milyar"},
    ),
    calendar=Calendar(
        months=(
            "Ocak",
            "Şubat",
            "Mart",
            "Nisan",
            "Mayıs",
            "Haziran",
            "Temmuz",
            "Ağustos",
            "Eylül",
            "Ekim",
            "Kasım",
            "Aralık",
        ),
    ),
    clock=Clock(zero="sıfır", cues=frozenset({"saat"})),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="yüzde {}",
    signs=SIGNS,
    fractions={
        "½": "yarım",
        "1/2": "yarım",
        "¼": "çeyrek",
        "1/4": "çeyrek",
        "¾": "üç çeyrek",
        "3/4": "üç çeyrek",
        "+": "",
    },
    ordinals={},
    usage=Usage(
        titles={
            "No.": "numara",
            "no.": "numara",
            "No:": "numara",
            "no:": "numara",
            "s.": "sayfa",
            "sf.": "sayfa",
            "Tel.": "telefon",
        },
        idioms={"24/7": "yedi yirmi dört", "7/24": "yedi yirmi dört", "50/50": "elli elli"},
        phones=r"0?5\d{2} \d{3} \d{2} \d{2}|0 ?\(\d{3}\) \d{3} \d{2} \d{2}",
        services=frozenset("112 155 110 156".split()),
        codes=frozenset("kodu kod pin şifre".split()),
    ),
)
