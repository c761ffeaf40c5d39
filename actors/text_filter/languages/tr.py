"""Turkish: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "₺": "lira+kuruş", "TL": "lira+kuruş", "TRY": "lira+kuruş", "$": "dolar+sent", "€": "avro+sent", "£": "sterlin",
    "USD": "dolar+sent", "EUR": "avro+sent",
}  # fmt: skip
UNITS = {
    "x": "kat",
    "km": "kilometre", "m": "metre", "cm": "santimetre", "mm": "milimetre", "kg": "kilogram", "g": "gram",
    "l": "litre", "ml": "mililitre", "dk": "dakika", "sn": "saniye", "MB": "megabayt", "GB": "gigabayt",
    "°C": "derece", "m²": "metrekare", "km/sa": "kilometre bölü saat", "km/s": "kilometre bölü saat",
    "km/h": "kilometre bölü saat", "°": "derece",
}  # fmt: skip
SIGNS = {
    "per": "başına",
    "&": "ve", "@": "et", ".": "nokta", "/": "bölü", "-": "tire", "_": "alt çizgi", "+": "artı", "#": "numara",
    "№": "numara", "=": "eşittir", "<": "küçüktür", ">": "büyüktür", "×": "çarpı", "°": "derece", "→": "şuraya",
    "≈": "yaklaşık", "±": "artı eksi",
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
        )
    ),
    clock=Clock(),
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
)
