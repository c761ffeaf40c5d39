"""Scripts: what they give a recogniser, and what is said about their mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialogue.engine import ConfigurationError
from trialogue.providers import RuleScript
from trialogue.providers._rule_words import plain_words

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
name = "Library"

[slots.title]
kind = "text"
prompt = "Which book?"

[topics.find]
patterns = ["have [you] [got] a book"]
slots = ["title"]
say = "We have {title}."
"""


def load(folder: Path, text: str) -> RuleScript:
    path = folder / "library.toml"
    path.write_text(text, encoding="utf-8")
    return RuleScript.load(path)


def test_a_small_script_is_enough(tmp_path: Path) -> None:
    script = load(tmp_path, GOOD)
    assert script.says["greeting"] == ("Hello! How can I help you?",)
    assert set(script.topics) >= {"find", "thanks"}


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ('kind = "text"', 'kind = "number "', "slots.title: kind: there is no kind 'number '; there are: number, time"),
        ('kind = "text"', "", "slots.title: kind: is missing"),
        ('prompt = "Which book?"', "", "slots.title: prompt: is missing; the topic 'find' must ask for it"),
        ('prompt = "Which book?"', "prompt = 3", "slots.title: prompt: must be a text or a list of texts"),
        ("have [you]", "have (you]", "topics.find: patterns: the pattern 'have (you] [got] a book': ')' is missing"),
        ('slots = ["title"]', 'slots = ["titel"]', "topics.find: slots: there is no 'titel'; there are: title"),
        ("{title}", "{author}", "there is no 'author'; there are: title"),
        ('say = "We', 'sya = "We', "topics.find: sya: this key means nothing here; known are: "),
        ('name = "Library"', "", "name: is missing"),
        ("[topics.find]", "[topics.find", "is not TOML"),
        ('say = "We have {title}."', 'aside = "yes"', "topics.find: aside: must be true or false, not 'yes'"),
        ('say = "We have {title}."', 'offers = "fidn"', "topics.find: offers: there is no 'fidn'"),
        ('name = "Library"', 'name = "Library"\nunderstands = 3', "understands: must be a table: [understands]"),
        ("[slots.title]", "[says]\ngreting = 'hi'\n[slots.title]", "says: greting: this key means nothing here"),
        (
            'say = "We have {title}."',
            'tool = "find"',
            "topics.find: outcomes: is missing; give what is said when the tool",
        ),
        ('kind = "text"', 'kind = "choice"', "slots.title: choices: is missing"),
    ],
)
def test_mistakes_name_file_key_and_remedy(tmp_path: Path, change: str, to: str, message: str) -> None:
    assert change in GOOD
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, GOOD.replace(change, to))
    assert "library.toml" in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_script_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"library\.toml cannot be read: No such file"):
        RuleScript.load(tmp_path / "library.toml")
    with pytest.raises(ConfigurationError, match=r"there is no bundled script 'zoo'; there are: .*restaurant"):
        RuleScript.bundled("zoo")


def test_the_vocabulary_has_what_callers_say_and_no_braces() -> None:
    phrases = RuleScript.bundled("restaurant").vocabulary()
    words = set(" ".join(plain_words(phrase) for phrase in phrases).split())
    assert {"table", "vegetarian", "tomorrow", "half", "past", "mary", "mhm", "goodbye", "20"} <= words
    assert not any(set(phrase) & set("{}()[]|*") for phrase in phrases)
    assert len(set(phrases)) == len(phrases)
