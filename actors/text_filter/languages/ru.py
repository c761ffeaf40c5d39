"""Russian: how signs and figures are said."""

from trialogue.actors.text_filter._language import Calendar, Clock, Language, Numerals, counted

MONEY = {
    "₽": "рубль/рубля/рублей:m+копейка/копейки/копеек:f", "руб.": "рубль/рубля/рублей:m",
    "RUB": "рубль/рубля/рублей:m", "$": "доллар/доллара/долларов:m+цент/цента/центов:m",
    "€": "евро:m+цент/цента/центов:m", "£": "фунт/фунта/фунтов:m", "USD": "доллар США/доллара США/долларов США:m",
    "EUR": "евро:m",
}  # fmt: skip
UNITS = {
    "x": "раз/раза/раз:m",
    "км": "километр/километра/километров:m", "м": "метр/метра/метров:m", "см": "сантиметр/сантиметра/сантиметров:m",
    "мм": "миллиметр/миллиметра/миллиметров:m", "кг": "килограмм/килограмма/килограммов:m",
    "г": "грамм/грамма/граммов:m", "л": "литр/литра/литров:m", "мл": "миллилитр/миллилитра/миллилитров:m",
    "км/ч": "километр в час/километра в час/километров в час:m", "мин": "минута/минуты/минут:f",
    "ч": "час/часа/часов:m", "с": "секунда/секунды/секунд:f", "МБ": "мегабайт/мегабайта/мегабайт:m",
    "ГБ": "гигабайт/гигабайта/гигабайт:m", "°C": "градус Цельсия/градуса Цельсия/градусов Цельсия:m",
    "°": "градус/градуса/градусов:m",
}  # fmt: skip
SIGNS = {
    "per": "в",
    "&": "и", "@": "собака", ".": "точка", "/": "слэш", "-": "дефис", "_": "подчёркивание", "+": "плюс",
    "#": "номер", "№": "номер", "=": "равно", "<": "меньше", ">": "больше", "×": "умножить на", "°": "градусов",
    "→": "до", "≈": "около", "±": "плюс минус",
}  # fmt: skip

ENDINGS = {
    "й|ый|ий|ой": "masculine", "я|ая|ья": "feminine", "е|ое|ье": "neuter", "го|ого|его": "masculine-genitive",
    "му|ому|ему": "masculine-dative", "м|ом|ем": "masculine-locative", "ю|ую|ью": "feminine-accusative",
    "х|ых|их": "plural-genitive",
}  # fmt: skip
"""What is written behind the figure of an ordinal, and the form that ends so."""

LANGUAGE = Language(
    code="ru",
    numerals=Numerals(
        decimal=",",
        groups="   ",
        point="запятая",
        minus="минус",
        plus="плюс",
        to="до",
        about="около",
        plural="slavic",
        ordinal="-(?:" + "|".join(ending for endings in ENDINGS for ending in endings.split("|")) + ")",
        scales={
            "тыс.": "тысяч",
            "млн": "миллионов",
            "млрд": "миллиардов",
            "тысяч": "тысяч",
            "миллионов": "миллионов",
            "миллиона": "миллиона",
        },
    ),
    calendar=Calendar(
        year="spellout-numbering",
        day="ordinal",
        day_ruleset="spellout-ordinal-neuter-genitive",
        months=(
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ),
    ),
    clock=Clock(),
    money={sign: counted(words) for sign, words in MONEY.items()},
    units={sign: counted(words) for sign, words in UNITS.items()},
    percent="{} процентов",
    signs=SIGNS,
    fractions={
        "½": "половина",
        "1/2": "половина",
        "¼": "четверть",
        "¾": "три четверти",
        "1/4": "четверть",
        "3/4": "три четверти",
        "+": "и",
    },
    ordinals={f"-(?:{endings})": f"spellout-ordinal-{form}" for endings, form in ENDINGS.items()},
)
