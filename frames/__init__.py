"""What flows: immutable messages between actors.

Facts are in the past tense, requests imperative, and units are in the names (`at_s`, `rate_hz`).
"""

from trialogue.frames._audio import SAMPLE_BYTES as SAMPLE_BYTES
from trialogue.frames._audio import SPEECH_FORMAT as SPEECH_FORMAT
from trialogue.frames._audio import AudioFormat as AudioFormat
from trialogue.frames._audio import AudioFrame as AudioFrame
from trialogue.frames._audio import SampleType as SampleType
from trialogue.frames._audio import SpeechEdge as SpeechEdge
from trialogue.frames._audio import SpeechEnded as SpeechEnded
from trialogue.frames._audio import SpeechStarted as SpeechStarted
from trialogue.frames._chat import AnswerForm as AnswerForm
from trialogue.frames._chat import AudioReference as AudioReference
from trialogue.frames._chat import ChatItem as ChatItem
from trialogue.frames._chat import ChatMessage as ChatMessage
from trialogue.frames._chat import ChatRequest as ChatRequest
from trialogue.frames._chat import Image as Image
from trialogue.frames._chat import ModelOutput as ModelOutput
from trialogue.frames._chat import Role as Role
from trialogue.frames._chat import TokenUsage as TokenUsage
from trialogue.frames._chat import ToolCall as ToolCall
from trialogue.frames._chat import ToolOutput as ToolOutput
from trialogue.frames._chat import ToolSchema as ToolSchema
from trialogue.frames._keys import KeyPressed as KeyPressed
from trialogue.frames._speech import Delivery as Delivery
from trialogue.frames._speech import DeliveryMark as DeliveryMark
from trialogue.frames._speech import LikelySentence as LikelySentence
from trialogue.frames._speech import PlayoutEdge as PlayoutEdge
from trialogue.frames._speech import PlayoutFinished as PlayoutFinished
from trialogue.frames._speech import PlayoutStarted as PlayoutStarted
from trialogue.frames._speech import Sentence as Sentence
from trialogue.frames._speech import SentenceFinished as SentenceFinished
from trialogue.frames._speech import SpeechAudio as SpeechAudio
from trialogue.frames._speech import SpeechItem as SpeechItem
from trialogue.frames._speech import ToSay as ToSay
from trialogue.frames._speech import WordTiming as WordTiming
from trialogue.frames._text import FinalTranscript as FinalTranscript
from trialogue.frames._text import InterimTranscript as InterimTranscript
from trialogue.frames._text import SpeakablePiece as SpeakablePiece
from trialogue.frames._text import TextChunk as TextChunk
from trialogue.frames._text import TextDelta as TextDelta
from trialogue.frames._text import Transcript as Transcript
from trialogue.frames._video import VideoFrame as VideoFrame
