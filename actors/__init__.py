"""actors"""

from trialogue.actors.text_filter import Rule as Rule
from trialogue.actors.text_filter import TextFilter as TextFilter
from trialogue.actors.text_filter import TextFilterSettings as TextFilterSettings
from trialogue.actors.text_filter import UnclosedBlock as UnclosedBlock
from trialogue.actors.text_filter import speakable as speakable
