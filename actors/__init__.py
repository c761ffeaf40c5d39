"""actors"""

from trialogue.actors.recorder._policy import AlignerStatistics as AlignerStatistics
from trialogue.actors.recorder._policy import RecordingSide as RecordingSide
from trialogue.actors.recorder._policy import StereoAligner as StereoAligner
from trialogue.actors.recorder._policy import StereoRecording as StereoRecording
from trialogue.actors.recorder._recorder import RecorderSettings as RecorderSettings
from trialogue.actors.recorder._recorder import recorder as recorder
from trialogue.actors.text_filter import Rule as Rule
from trialogue.actors.text_filter import TextFilter as TextFilter
from trialogue.actors.text_filter import TextFilterSettings as TextFilterSettings
from trialogue.actors.text_filter import UnclosedBlock as UnclosedBlock
from trialogue.actors.text_filter import speakable as speakable
from trialogue.actors.sentence_chunker._chunker import SentenceChunker as SentenceChunker
from trialogue.actors.sentence_chunker._chunker import split_sentences as split_sentences
from trialogue.actors.sentence_chunker._settings import SentenceChunkerSettings as SentenceChunkerSettings
