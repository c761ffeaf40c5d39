"""What tells in a language whether a thought is finished: words that need another one after them, and their exceptions.

Everything is as recognisers write it: lower case, no punctuation. Lists are ours, by grammar books and by ear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trialogue.actors.turn._words import words_of
from trialogue.frames._attrs import frozen

#: Phrases as tuples of words.
PhraseSet = frozenset[tuple[str, ...]]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())  # as words_of: "ß" is "ss"


def _phrase_set(text: str) -> PhraseSet:
    return frozenset(tuple(words_of(phrase)) for phrase in text.split(","))


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Lines of `key: value value`."""
    pairs = (line.split(":") for line in text.casefold().strip().splitlines())
    return {key.strip(): tuple(values.split()) for key, values in pairs}


@frozen(kw_only=True)
class Dictation:
    """How numbers and addresses are dictated.

    Args:
        digits: how many digits a word stands for.
        digit_endings: ends of words that stand for two digits, such as "zig".
        at: words for @.
        dot: words for the dot in an address.
        kinds: words in a question, or in what was said, by what they ask for.
    """

    digits: Mapping[str, int]
    digit_endings: tuple[str, ...] = ()
    at: frozenset[str]
    dot: frozenset[str]
    kinds: Mapping[str, tuple[str, ...]]


@frozen(kw_only=True)
class Pronouns:
    """Pronouns that have their verb after them.

    Args:
        subjects: nearly always.
        after_conjunction: if a conjunction is before them.
        conjunctions: see there.
    """

    subjects: frozenset[str]
    after_conjunction: frozenset[str]
    conjunctions: frozenset[str]


@frozen(kw_only=True)
class Verbs:
    """Verbs, and prepositions, which need a noun after them unless they belong to a verb.

    Args:
        prepositions: all of them.
        particle_verbs: by preposition, beginnings of verbs of which it may be a part.
        stranding: verbs after which a question or a relative clause may end in a preposition.
        auxiliaries: need more after them, unless a word of `embedding` came before.
        embedding: after these an auxiliary may come last ("I know what it is", "yes I do").
    """

    prepositions: frozenset[str]
    particle_verbs: Mapping[str, tuple[str, ...]]
    stranding: tuple[str, ...]
    auxiliaries: frozenset[str]
    embedding: frozenset[str]


@frozen(kw_only=True)
class Clauses:
    """How clauses begin.

    Args:
        question_words: begin questions.
        inverted: verbs that begin questions.
        subordinators: begin clauses that need a main one.
        modals: in a question, need a verb after their pronoun.
    """

    question_words: frozenset[str]
    inverted: frozenset[str]
    subordinators: frozenset[str]
    modals: frozenset[str]


@frozen(kw_only=True)
class Endings:
    """Phrases at the end, or all that was said.

    Args:
        closers: come last in what is finished.
        open_ends: more comes after them.
        open_alone: texts which are only a beginning.
        closed_ends: end a thought in spite of their last word.
    """

    closers: PhraseSet
    open_ends: PhraseSet
    open_alone: PhraseSet
    closed_ends: PhraseSet


@frozen(kw_only=True)
class EndWords:
    """What a language has for going on and for coming to an end.

    Args:
        open_words: need a word after them: articles, possessives, conjunctions, degrees.
        open_after: need one after them if the word before is one of these.
        pronouns: see there, as for the others.
    """

    open_words: frozenset[str]
    open_after: Mapping[str, tuple[str, ...]]
    pronouns: Pronouns
    verbs: Verbs
    clauses: Clauses
    phrases: Endings
    dictation: Dictation


def _digits(ones: str, twos: str, more: str = "") -> dict[str, int]:
    return {word: number for number, words in enumerate((ones, twos, more), start=1) for word in _set(words)}


ENGLISH: Final = EndWords(
    open_words=_set(
        "a an the and or but because cause if than as whether although unless while nor my your our their its whose "
        "very quite such every another next half approximately roughly plus i'm you're we're they're he's she's it's "
        "that's what's who's where's there's here's how's i've we've you've they've i'd you'd we'd he'd she'd they'd "
        "i'll you'll we'll they'll he'll she'll it'll let's gonna wanna gotta dot which last"
    ),
    open_after=_table(
        """
        that: think said say hope believe heard told wish is was so such mean find idea fact sure afraid everything one
        so: and or but well um uh is was
        like: something anything looks sounds feels more just would i'd he'd things places we'd kind that's it's
        not: is are was were do does did will would could should i'm we're it's have has or
        what: and but so know tell is was
        how: and but so know tell is was about
        when: and but so is was about
        where: and but so is was about
        he: and that if because when said but
        is: how what where who when why which
        are: how what where who when why which
        """
    ),
    pronouns=Pronouns(
        subjects=_set("i he she we they"),
        after_conjunction=_set("it you this there that"),
        conjunctions=_set("and or but because if that when so then while although"),
    ),
    verbs=Verbs(
        prepositions=_set(
            "for to from with at of in on by about into onto through between against without within under near behind "
            "per via during towards toward since until till except regarding concerning beside above below across upon"
        ),
        particle_verbs=_table(
            """
            in: log sign come check plug fill get put hand let move drop turn go chip am i'm he's she's
            on: turn switch put go come hold carry hang log sign move keep try what's going
            by: drop stop come pass swing
            through: put get go come
            about: talk think know worried sure happy
            """
        ),
        stranding=(
            *("talk", "come", "go", "speak", "ask", "look", "wait", "pay", "work", "made", "sent", "send", "start"),
            *("belong", "listen", "think", "thought", "complain", "live", "care", "stay", "call", "get", "got", "fly"),
            *("writ", "sign", "it", "this", "that", "you", "they", "it's", "that's", "know", "hear", "stand", "deal"),
        ),
        auxiliaries=_set(
            "is are was were am will would could should might must can be been being have has had do does did don't "
            "doesn't didn't won't wouldn't couldn't shouldn't can't isn't aren't wasn't weren't haven't hasn't"
        ),
        embedding=_set(
            "yes yeah yep no nope think know sure hope guess believe wish what where who how sorry afraid it'd so me "
            "neither"
        ),
    ),
    clauses=Clauses(
        question_words=_set("what when where who why how which whose whom what's where's who's when's how's"),
        inverted=_set(
            "is are was were do does did can could will would should may have has am isn't aren't don't doesn't didn't "
            "can't couldn't won't"
        ),
        subordinators=_set("if when because although though unless until while since once whenever after before as"),
        modals=_set("can could will would should may do does did"),
    ),
    phrases=Endings(
        closers=_phrase_set(
            "please, thanks, thank you, thank you very much, thanks a lot, bye, goodbye, bye bye, that's all, that's "
            "it, that's everything, right now, as well, too, instead, though, or something, or so, anymore, yet, "
            "already, tomorrow, today, tonight, yesterday, at all, for now, i guess, i think, you see"
        ),
        open_ends=_phrase_set(
            "let me think, let me see, let me check, let me look, let me just, give me a second, give me a minute, "
            "give me a moment, give me a sec, one second, one moment, just a second, just a moment, hold on, hang on, "
            "the thing is, the problem is, the question is, the point is, one more thing, one other thing, another "
            "thing, two things, two questions, three things, things first, a question, another question, one "
            "question, first, first of all, for example, for instance, you know, i mean, sort of, kind of, something "
            "like, such as, i was wondering, i was thinking, i wanted to ask, i'd like to know, could you please, can "
            "you please, would you please, could you, can you, would you, would it be possible, is it possible, is "
            "there any way, or maybe, and maybe, maybe like, what about, how about, as well as, half past, quarter "
            "to, quarter past, the twenty, the thirty, twenty or, can you tell me, could you tell me, i want, i need, "
            "i'd like, i would like, we'd like, we would like, i'm looking, i'm trying, i'm calling, i have, i've "
            "got, we have, and then, so then, and also, and the other, about the other, a couple, a few, a bit, "
            "either, i don't know if, it depends, my number, my address, one hundred and, and stuff like"
        ),
        open_alone=_phrase_set(
            "well, so, and, but, or, also, then, like, i think, i guess, yes but, yeah but, no but, okay so, alright "
            "so, actually, basically, anyway, maybe if, because, since, well actually, i mean, i don't, i can't, i "
            "didn't, not really but, hi i, hello i, okay well, now, oh and, the other"
        ),
        closed_ends=_phrase_set(
            "come in, log in, sign in, check in, hold on to it, is that it, what for, who for, who with, where to, "
            "where from, what about it, go on, turn it on, so i am, of course not, i think not, maybe not, probably "
            "not, why not, i hope not, if not, or not, either way, me either, how are you, thank you, the other one, "
            "it has to be, i used to, i'd love to, i don't want to, not that i know of, how much is it, how it is, "
            "both, i do have one, just a little bit, a little bit, quite a bit, at last, at first, not either, the "
            "next, the last, neither, a lot, that's what i have, all i have"
        ),
    ),
    dictation=Dictation(
        digits=_digits(
            "zero oh o one two three four five six seven eight nine double",
            "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty "
            "sixty seventy eighty ninety triple",
            "hundred",
        ),
        at=_set("at"),
        dot=_set("dot"),
        kinds=_table(
            """
            e-mail: mail email gmail
            card: card iban
            phone: phone telephone mobile cell number
            zip: zip
            pin: pin code
            spelling: spell spelled spelling
            """
        ),
    ),
)

GERMAN: Final = EndWords(
    open_words=_set(
        "der die den dem des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine deinen "
        "deinem deiner seine seinen seinem seiner ihre ihren ihrem unser unsere unseren unserem unserer kein keine "
        "keinen keinem keiner dieser diese diesen diesem welche welchen welcher welchem und oder aber weil dass ob "
        "wenn sondern obwohl falls bevor nachdem während sowie sowohl entweder weder beziehungsweise wie als sehr "
        "ungefähr etwa circa halb nächste nächsten nächster nächstes letzte letzten letzter jede jeden jeder jedes je "
        "ums fürs dessen deren zirka damit sodass indem"
    ),
    open_after=_table(
        """
        das: und oder aber für mit von ob dass weil wenn dann auf an in als kostet ist wann
        sie: und dass ob wenn weil aber oder
        es: und dass ob wenn weil aber oder
        ihr: mit von bei für und in an
        so: und oder aber also ist das war
        nicht: ist war bin habe hat kann will möchte oder
        denn: aber und
        ist: wo wer wie wann warum
        haben: wo was wann wie warum
        was: und aber ist
        """
    ),
    pronouns=Pronouns(
        subjects=_set("ich du er wir man"),
        after_conjunction=_set("sie es das ihr"),
        conjunctions=_set("und oder aber weil dass ob wenn als dann denn sondern obwohl"),
    ),
    verbs=Verbs(
        prepositions=_set(
            "für von zu nach mit aus bei seit auf in an im am beim zum zur vom ins ans vor hinter über unter zwischen "
            "neben gegen ohne um durch wegen trotz bis per pro innerhalb außer statt anstatt ab"
        ),
        particle_verbs=_table(
            """
            an: fang fäng ruf komm nehm nimm schau meld biet fühl hör geb gib gab zeig zieh pass klick leg seh sieh mach
            aus: mach seh sieh schalt fall fäll füll geh such wähl reich kenn probier druck schlaf
            vor: schlag schläg stell hab hat les lies bereit komm
            auf: hör mach steh leg pass ruf räum schreib wach tret nehm fall fäll
            mit: komm nehm nimm bring mach teil red geh fahr fähr spiel
            ab: sag hol fahr fähr lehn brech brich schalt geb gib lauf läuf meld schick stell sprech
            zu: mach hör stimm sag schick send ordn geb gib trifft
            nach: schau seh sieh frag denk les lies guck hol
            um: tausch buch zieh steig stell geht dreh
            bei: tret bring fügen
            unter: geht bring
            durch: führ les lies geh komm stell
            über: leg
            """
        ),
        stranding=(),
        auxiliaries=_set(
            "ist bin bist war habe hab hast hat hätte hätten wäre möchte will kann könnte muss soll sollte würde wird "
            "heiße lautet kostet"
        ),
        embedding=_set(
            "was wo wer wie wann warum wieso weshalb welche welcher welches ob dass wenn weil wohin woher womit wofür "
            "viel"
        ),
    ),
    clauses=Clauses(
        question_words=_set(
            "was wo wer wie wann warum wieso weshalb wohin woher womit wofür wen wem welche welcher welches welchen "
            "wieviel"
        ),
        inverted=_set(
            "ist sind war haben hat hast habt kann können könnte könnten könntest kannst darf dürfen muss müssen soll "
            "sollen wird werden würde würden gibt gibt's gibts geht möchten wollen willst machen bieten liegt nehmen "
            "wissen"
        ),
        subordinators=_set("wenn als weil obwohl falls nachdem bevor während sobald solange ob dass"),
        modals=_set("kann können könnte könnten soll sollen darf dürfen muss müssen möchten"),
    ),
    phrases=Endings(
        closers=_phrase_set(
            "bitte, danke, danke schön, vielen dank, tschüss, wiedersehen, wiederhören, das wär's, das wars, das "
            "war's, das war alles, nichts mehr, oder so, auch, mehr, nicht wahr, ja, oder nicht, morgen, heute, "
            "gestern, jetzt, bitte schön, gerade, so, glaube ich, denke ich, glaub ich, meine ich, hoffe ich, finde "
            "ich, weiß ich"
        ),
        open_ends=_phrase_set(
            "lassen sie mich überlegen, lass mich überlegen, lassen sie mich nachdenken, lassen sie mich kurz, mal "
            "sehen, mal schauen, mal überlegen, mal gucken, moment, moment mal, sekunde, sekunde mal, warten sie, "
            "warte mal, augenblick, einen moment, die sache ist, die sache ist die, das problem ist, die frage ist, "
            "noch was, noch etwas, noch eine frage, eine frage, zwei fragen, zwei dinge, drei dinge, folgendes, und "
            "zwar, ich wollte fragen, ich wollte wissen, ich würde gerne, ich hätte gerne, ich hätte gern, ich möchte "
            "gerne, ich möchte gern, ich wollte, ich brauche, ich suche, ich glaube, ich denke, könnten sie bitte, "
            "können sie bitte, würden sie bitte, könnten sie, können sie, würden sie, könntest du, kannst du, haben "
            "sie, wäre es möglich, ist es möglich, kann man, können sie mir sagen, erstens, zweitens, zum beispiel, "
            "sagen wir, so etwas, sowas wie, und außerdem, und dann, und auch, oder vielleicht, und vielleicht, wir "
            "haben, wir möchten, wir wollen, so gegen, viertel nach, viertel vor, was ist mit, wie wäre es, ein paar, "
            "es kommt darauf an, meine nummer, meine adresse, ich rufe an, ich heiße, ich habe, es geht, es geht "
            "darum, ich weiß nicht ob"
        ),
        open_alone=_phrase_set(
            "also, und, aber, oder, ja also, ja aber, ja und, nein aber, na ja, naja, nun, gut also, okay also, "
            "eigentlich, außerdem, ach und, nur, ich, ich kann, ich will, hallo ich, dann, vielleicht wenn, jedenfalls"
        ),
        closed_ends=_phrase_set(
            "was denn, wo denn, wie denn, wann denn, das ist es, ist es das, wie ist das, nach wie vor, ab und zu, "
            "von mir aus, immer zu, mal so mal so, so wie immer, das ist der, ich bin es, so ist es, wie immer, "
            "welche, nur zu, immer noch, noch keine, noch keinen, habe keine, habe keinen, weder noch, keine, keins, "
            "eine, einen, ja habe ich, nein habe ich nicht, ja hab ich, ja bin ich, ja möchte ich, ja will ich, ich "
            "auch"
        ),
    ),
    dictation=Dictation(
        digits=_digits(
            "null eins ein zwei zwo drei vier fünf sechs sieben acht neun doppel",
            "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
            "hundert",
        ),
        digit_endings=("zig", "ssig", "ßig"),
        at=_set("at ät ett klammeraffe"),
        dot=_set("punkt dot"),
        kinds=_table(
            """
            e-mail: mail email emailadresse mailadresse
            card: kartennummer kreditkarte kreditkartennummer iban
            phone: telefonnummer handynummer rufnummer mobilnummer telefon handy nummer
            zip: postleitzahl
            pin: pin code geheimzahl
            spelling: buchstabieren buchstabiert schreibt schreiben geschrieben
            """
        ),
    ),
)

SPANISH: Final = EndWords(
    open_words=_set(
        "el la los las un una unos unas mi tu su mis tus sus nuestro nuestra nuestros nuestras y e o u pero porque que "
        "si como cuando donde aunque mientras ni sino muy tan cada algún ningún próximo próxima primer gran casi cuyo "
        "aproximadamente cualquier mil pues punto lo se le les me te nos medio"
    ),
    open_after=_table(
        """
        no: que es son he ha está pero o si
        cuál: y pero es
        qué: y pero es para
        esta: en de a para con por
        este: en de a para con por
        ese: en de a para con por
        más: mucho es lo los las el la
        """
    ),
    pronouns=Pronouns(
        subjects=_set("yo nosotros"),
        after_conjunction=_set("él ella ellos ellas usted ustedes esto eso"),
        conjunctions=_set("y o pero porque que si cuando entonces como aunque"),
    ),
    verbs=Verbs(
        prepositions=_set(
            "a ante bajo con contra de desde en entre hacia hasta para por según sin sobre tras durante mediante del "
            "al vía excepto salvo"
        ),
        particle_verbs={},
        stranding=(),
        auxiliaries=_set(
            "es son era eran he ha han había hemos hay soy estoy está están voy va vamos tengo tiene quiero quisiera "
            "puedo puede podría debo necesito fue sería llamo queremos tenemos"
        ),
        embedding=_set(
            "qué quién cuál cómo cuándo dónde cuánto cuánta adónde sí no ya como donde que cuando lo así quien también "
            "ahí aquí"
        ),
    ),
    clauses=Clauses(
        question_words=_set("qué quién quiénes cuál cuáles cómo cuándo dónde cuánto cuánta cuántos cuántas adónde"),
        inverted=_set(
            "puede puedo podemos podría podrían tiene tienen hay es son está están aceptan hacen abren sirven me te "
            "sabe quiere se"
        ),
        subordinators=_set("si cuando porque aunque mientras como donde"),
        modals=_set("puede puedo podemos podría podrían"),
    ),
    phrases=Endings(
        closers=_phrase_set(
            "por favor, gracias, muchas gracias, adiós, hasta luego, eso es todo, nada más, algo más, también, ahora, "
            "hoy, mañana, ayer, o algo así, o así, no, verdad, de acuerdo, vale, ya, creo, usted, ahora mismo, todavía"
        ),
        open_ends=_phrase_set(
            "déjeme pensar, déjame pensar, déjeme ver, déjame ver, déjeme mirar, a ver, vamos a ver, deme un segundo, "
            "dame un segundo, deme un momento, dame un momento, un momento, un segundo, un minuto, la cosa es, el "
            "problema es, la pregunta es, lo que pasa, lo que pasa es, otra cosa, una cosa, dos cosas, tres cosas, "
            "dos preguntas, una pregunta, otra pregunta, primero, en primer lugar, por ejemplo, o sea, es decir, "
            "digamos, quería preguntar, quería saber, quisiera saber, quería, me gustaría, nos gustaría, podría por "
            "favor, puede por favor, puedes por favor, me puede decir, podría, sería posible, es posible, busco, "
            "estoy buscando, quisiera, algo así como, me dijo, me dijeron, llamo, y además, y luego, y entonces, y "
            "también, o quizás, o tal vez, qué tal, un par, unos pocos, depende, mi número, mi dirección, más o menos "
            "a, cuarto para, no estoy seguro, no sé si, el próximo, la próxima, así que, me llamo, mi nombre, creo, "
            "pienso, para qué día"
        ),
        open_alone=_phrase_set(
            "bueno, pues, y, o, pero, entonces, sí pero, no pero, bueno pues, además, es que, sí es que, este, luego, "
            "ah y, hola yo, yo, la verdad, o sea, primero, en realidad, quizás si, vale pero, yo no, no he, yo no he"
        ),
        closed_ends=_phrase_set(
            "para qué, por qué, de qué, con quién, de nada, qué tal, cómo que no, soy yo, yo también, como siempre, "
            "claro que sí, creo que sí, creo que no, me parece que sí, me parece que no, no lo sé, el mío, la mía, "
            "cómo es, cuánto es, así es, lo que hay, qué hay, a mí, yo tampoco, ya voy, sí tengo, no tengo, no puedo, "
            "sí quiero, sí puedo, no quiero, no está, ya está, aquí está, sí hay, no hay, el primero, la primera, lo "
            "primero, el punto, cómo se llama, cómo está"
        ),
    ),
    dictation=Dictation(
        digits=_digits(
            "cero uno un dos tres cuatro cinco seis siete ocho nueve doble",
            "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte treinta cuarenta "
            "cincuenta sesenta setenta ochenta noventa veintiuno veintidós veintitrés veinticuatro veinticinco "
            "veintiséis veintisiete veintiocho veintinueve triple",
            "cien ciento",
        ),
        at=_set("arroba"),
        dot=_set("punto"),
        kinds=_table(
            """
            e-mail: correo mail email electrónico
            card: tarjeta iban
            phone: teléfono telefono móvil celular número
            zip: postal
            pin: pin código
            spelling: deletrea deletree deletrear escribe
            """
        ),
    ),
)

#: By the language's code, without its region.
END_WORDS: Final[Mapping[str, EndWords]] = {"en": ENGLISH, "de": GERMAN, "es": SPANISH}
