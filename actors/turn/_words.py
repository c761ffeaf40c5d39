"""Which words take the floor and which only keep the other one going. Pure.

Matched by whole phrases, never by single words out of a longer sentence: "right" is a sign of listening, "right but
not on sunday" is an objection. How good that is, `docs/turn-detection.md` says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

import attrs

from trialogue.frames._attrs import frozen

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

#: Recognisers leave Spanish accents out at times; for the phrases here they make no difference.
_WITHOUT_ACCENTS: Final = str.maketrans("áéíóú’", "aeiou'")

#: What the agent does while somebody speaks: it `speaks`; it speaks, but a question of it was heard (`asking`); it is
#: silent after a question (`asked`); it is silent and has asked nothing.
AgentActivity = Literal["speaking", "asking", "asked", "silent"]

#: What speech is to the floor: it leaves it where it is, takes it from the agent, or is a turn of its own.
SpeechClaim = Literal["backchannel", "interruption", "answer"]


def words_of(text: str) -> list[str]:
    """The words of a transcript, in lower case, without punctuation."""
    return _WORD.findall(text.casefold())


def without_words(text: str, count: int) -> str:
    """The rest of a text after its first words, as `words_of` counts them."""
    begin = [word.start() for word in _WORD.finditer(text)]
    return text if not count else text[begin[count] :] if count < len(begin) else ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.translate(_WITHOUT_ACCENTS) for word in words_of(text))


def _phrases(*lines: str) -> frozenset[tuple[str, ...]]:
    """Phrases, written with commas between them."""
    return frozenset(_words(phrase) for line in lines for phrase in line.split(","))


@frozen
class Phrases:
    """Phrases that a text may consist of, or contain."""

    phrases: frozenset[tuple[str, ...]]
    first_words: frozenset[str] = attrs.field(init=False)
    longest: int = attrs.field(init=False)

    @first_words.default
    def _first_words(self) -> frozenset[str]:
        return frozenset(word for phrase in self.phrases for word in phrase[:1])

    @longest.default
    def _longest(self) -> int:
        return max((len(phrase) for phrase in self.phrases), default=0)

    def make_up(self, words: tuple[str, ...]) -> bool:
        """Whether the words are nothing but these phrases, one after another."""
        if words and words[0] not in self.first_words:
            return False
        reached = [True] + [False] * len(words)
        for end in range(1, len(words) + 1):
            starts = range(max(0, end - self.longest), end)
            reached[end] = any(reached[start] and words[start:end] in self.phrases for start in starts)
        return reached[-1]

    def are_in(self, words: tuple[str, ...]) -> bool:
        """Whether one of these phrases occurs among the words."""
        return any(
            words[start : start + length] in self.phrases
            for start in range(len(words))
            for length in range(1, self.longest + 1)
        )


@frozen(kw_only=True)
class FloorWords:
    """What a language has for keeping the other one going, and for stopping them.

    Args:
        hesitations: sounds of somebody who looks for words. No answer, even to a question.
        listening: what listeners say without wanting the floor.
        commands: what takes the floor even as a single word.
    """

    hesitations: Phrases
    listening: Phrases
    commands: Phrases


def _floor_words(*, hesitations: str, listening: tuple[str, ...], commands: tuple[str, ...]) -> FloorWords:
    sounds = _phrases(hesitations)
    return FloorWords(
        hesitations=Phrases(sounds),
        listening=Phrases(sounds | _phrases(*listening)),
        commands=Phrases(_phrases(*commands)),
    )


ENGLISH: Final = _floor_words(
    hesitations="um, uh, er, erm, uhm, hm, hmm, eh",
    listening=(
        "ah, aha, ahh, huh, m, mhm, mm, mm hm, mm hmm, mmm, mhmm, uh huh, uh hum, um hum, um hm, oh, ooh, o, yeah",
        "yes, yep, yup, ya, yea, ok, okay, k, okey, okay then, right, right then, alright, all right, all righty",
        "sure, sure thing, for sure, surely, of course, certainly, definitely, absolutely, totally, exactly",
        "precisely, indeed, true, so true, very true, that's true, that's right, that is right, you're right",
        "quite right, correct, i see, i understand, understood, i get it, i get that, got it, gotcha, got you",
        "i got it, i hear you, i know, i know right, i see what you mean, makes sense, that makes sense",
        "it makes sense, that makes a lot of sense, fair enough, fair, fair point, good point, noted, no way",
        "no kidding, you don't say, wow, whoa, gosh, my god, my goodness, goodness, really, oh really, is that so",
        "is it, did you, i bet, i guess, i guess so, i suppose, i think so, i agree, agreed, cool, very cool",
        "that's cool, good, very good, that's good, good to know, nice, very nice, that's nice, how nice, great",
        "that's great, that's interesting, interesting, very interesting, awesome, amazing, excellent, lovely",
        "wonderful, perfect, brilliant, fantastic, fine, that's fine, good good, sounds good, that sounds good",
        "sounds great, sounds fine, works for me, that works, no problem, not bad, thank you, thanks",
        "thank you very much, nice one, there you go, too bad, oh dear, oh no, oh man, please do, go on, go ahead",
        "you know, uh oh",
    ),
    commands=(
        "stop, wait, pause, quiet, be quiet, silence, enough, hush, shut up, shush, stop it, no, nope, nah, don't",
        "hold on, hold up, hang on, one moment, just a moment, a moment, one second, just a second, a second",
        "one sec, a minute, sorry, excuse me, pardon, pardon me, what, huh what, why, how, when, where, who, which",
        "hello, hey, but, actually, however, never mind, nevermind, cancel, abort, skip, next, back, repeat, again",
        "louder, slower, help, question, operator, human, agent, wrong, incorrect, later, goodbye, bye",
    ),
)

GERMAN: Final = _floor_words(
    hesitations="ähm, äh, öhm, öh, hm, hmm, em, eh, ehm, tja",
    listening=(
        "ah, aha, ahja, ach, ach so, achso, ach ja, ach was, ach wirklich, ach komm, ach nee, m, mhm, mm, mmm",
        "hm hm, ja, jaja, jo, joa, jawohl, jep, jupp, yep, doch, doch doch, ok, okay, okay gut, oh, oha, oho, na",
        "na ja, naja, na gut, na klar, na dann, na sowas, nun ja, genau, ganz genau, eben, ja eben, exakt, richtig",
        "ganz richtig, stimmt, das stimmt, stimmt schon, ja stimmt schon, da haben sie recht, da hast du recht",
        "sie haben recht, klar, alles klar, ist klar, logisch, natürlich, selbstverständlich, sicher, sicherlich",
        "sicher doch, bestimmt, freilich, verstehe, ich verstehe, verstanden, hab ich verstanden, versteh ich",
        "schon klar, weiß ich, ich weiß, gut, sehr gut, das ist gut, ist gut, schon gut, gut gut, gut zu wissen",
        "ist ja gut zu wissen, schön, sehr schön, wie schön, das ist schön, das ist ja schön, nett, super, prima",
        "toll, klasse, spitze, fein, cool, perfekt, wunderbar, hervorragend, ausgezeichnet, großartig, passt",
        "das passt, passt gut, in ordnung, geht in ordnung, einverstanden, abgemacht, gerne, gern, von mir aus",
        "meinetwegen, macht sinn, das macht sinn, ergibt sinn, das ergibt sinn, klingt gut, das klingt gut",
        "hört sich gut an, interessant, sehr interessant, spannend, echt, wirklich, tatsächlich, wahnsinn, krass",
        "wow, donnerwetter, nicht schlecht, nee echt, wahr, nicht wahr, sag bloß, sagen sie bloß, kann sein",
        "glaub ich, denke ich, danke, vielen dank, danke schön, schade, kein problem, gell",
    ),
    commands=(
        "stopp, stop, halt, warte, warten, warten sie, wart mal, pause, ruhe, still, sei still, seien sie still",
        "leise, genug, reicht, das reicht, es reicht, schluss, hör auf, hören sie auf, aufhören, nein, nee, nö",
        "ne danke, nicht, moment, momentchen, moment mal, augenblick, sekunde, eine sekunde, entschuldigung",
        "entschuldigen sie, sorry, verzeihung, pardon, wie bitte, bitte was, was, wie, wer, wo, wann, warum, wieso",
        "weshalb, welche, hallo, hey, aber, eigentlich, doch nicht, falsch, quatsch, unsinn, abbrechen, abbruch",
        "zurück, weiter, nächste, nächster, nächstes, überspringen, nochmal, noch mal, noch einmal, wiederholen",
        "lauter, langsamer, hilfe, frage, mensch, mitarbeiter, vergiss es, egal, später, tschüss",
    ),
)

SPANISH: Final = _floor_words(
    hesitations="eh, em, ehm, mm, mmm, hm, hmm, um, uh",
    listening=(
        "ah, aha, ajá, ajam, mhm, m, oh, o, uy, uf, huy, sí, sip, ah sí, sí ya, vale, okay, ok, okey, oka, ya",
        "ya ya, ya veo, ya entiendo, ya lo sé, ya claro, claro, claro que sí, claro está, pues claro, pues sí",
        "que sí, eso, eso es, eso sí, exacto, exactamente, justo, correcto, cierto, es cierto, es verdad, verdad",
        "verdad que sí, así es, efectivamente, en efecto, de acuerdo, estoy de acuerdo, conforme, por supuesto",
        "desde luego, naturalmente, seguro, sin duda, cómo no, entiendo, lo entiendo, le entiendo, te entiendo",
        "entendido, comprendo, lo comprendo, comprendido, bien, muy bien, está bien, esta bien, qué bien, bien bien",
        "bueno, muy bueno, qué bueno, buenísimo, ah bueno, pues bueno, perfecto, genial, estupendo, excelente",
        "fantástico, fenomenal, maravilloso, qué maravilla, magnífico, guay, chévere, súper, ideal, listo, dale",
        "órale, sale, venga, anda, vaya, hala, ostras, caramba, no me digas, no me diga, qué me dices, en serio",
        "de verdad, de veras, interesante, muy interesante, increíble, qué interesante, qué bonito, qué curioso",
        "qué lástima, qué pena, tiene sentido, eso tiene sentido, me parece bien, me parece, suena bien, me suena",
        "ya lo creo, creo que sí, supongo, supongo que sí, puede ser, tiene razón, tienes razón, gracias",
        "muchas gracias, no hay problema, sin problema, no pasa nada, mira, siga, sigue, continúe, dígame, dime",
        "hombre, wow, guau",
    ),
    commands=(
        "para, pare, pará, párate, stop, alto, basta, ya basta, suficiente, espera, espere, espérate, espérese",
        "aguarda, aguarde, un momento, momento, un momentito, un segundo, segundo, un minuto, silencio, cállate",
        "cállese, calla, calle, detente, deténgase, no, nop, tampoco, perdón, perdona, perdone, disculpa, disculpe",
        "lo siento, oye, oiga, hola, cómo, qué, quién, cuál, cuándo, cuánto, dónde, adónde, por qué, pausa, pero",
        "en realidad, olvídalo, olvídelo, olvida, cancela, cancele, cancelar, cancela eso, siguiente, atrás, repite",
        "repita, otra vez, más alto, más despacio, despacio, ayuda, pregunta, operador, operadora, persona, mal",
        "está mal, incorrecto, mentira, falso, déjame, déjeme, luego, después, adiós",
    ),
)

#: For languages without a table: sounds and words that nearly all share.
ANYWHERE: Final = _floor_words(
    hesitations="um, uh, eh, em, hm, hmm",
    listening=("ah, aha, m, mhm, mm, mmm, oh, ok, okay, okey, uh huh, wow",),
    commands=("stop", "pardon", "hello"),
)

#: By the language's code, without its region.
FLOOR_WORDS: Final[Mapping[str, FloorWords]] = {"en": ENGLISH, "de": GERMAN, "es": SPANISH}


@lru_cache(maxsize=64)
def language_code(language: str) -> str:
    """The language without its region: "en" for "en-GB" or "en_US"."""
    return re.split(r"[-_]", language.casefold(), maxsplit=1)[0]


def _floor_words_of(language: str) -> FloorWords:
    return FLOOR_WORDS.get(language_code(language), ANYWHERE)


def is_backchannel(text: str, language: str = "en") -> bool:
    """Whether it is nothing but signs of listening ("mhm", "yeah okay"), or no word at all.

    Args:
        text: what was said.
        language: its code, such as "en" or "de-AT".
    """
    return _floor_words_of(language).listening.make_up(_words(text))


def is_hesitation(text: str, language: str = "en") -> bool:
    """Whether it is nothing but the sounds of looking for words ("um"), or no word at all."""
    return _floor_words_of(language).hesitations.make_up(_words(text))


def is_command(text: str, language: str = "en") -> bool:
    """Whether it contains something that asks for silence or for the floor ("ok stop"), and is not just listening."""
    words = _words(text)
    known = _floor_words_of(language)
    return known.commands.are_in(words) and not known.listening.make_up(words)


def is_only_commands(text: str, language: str = "en") -> bool:
    """Whether it consists of nothing but such commands ("no wait"), or of no word at all."""
    return _floor_words_of(language).commands.make_up(_words(text))


def claim_of(text: str, agent: AgentActivity, language: str = "en", min_words: int = 2) -> SpeechClaim:
    """What this speech is to the floor, as the agent is now.

    The same word is a sign of listening while the agent speaks, and an answer once it has asked something.

    Args:
        text: what was said, at least one word.
        agent: what the agent does meanwhile.
        language: its code, such as "en" or "de-AT".
        min_words: so many words interrupt a speaking agent; a command needs only itself.
    """
    if agent in ("asked", "silent"):
        return "answer"
    if agent == "asking":
        return "backchannel" if is_hesitation(text, language) else "answer"
    if is_backchannel(text, language):
        return "backchannel"
    enough = len(words_of(text)) >= min_words or is_command(text, language)
    return "interruption" if enough else "backchannel"
