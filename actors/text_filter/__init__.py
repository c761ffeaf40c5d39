"""The text filter: what a model wrote becomes what a voice can say, and the way back stays known."""

from trialogue.actors.text_filter._filter import TextFilter as TextFilter
from trialogue.actors.text_filter._filter import speakable as speakable
from trialogue.actors.text_filter._scan import UnclosedBlock as UnclosedBlock
from trialogue.actors.text_filter._settings import Rule as Rule
from trialogue.actors.text_filter._settings import TextFilterSettings as TextFilterSettings
from trialogue.actors.text_filter._stages import hyphenation as hyphenation
from trialogue.actors.text_filter._stages import transliteration as transliteration
