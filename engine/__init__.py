"""How it flows: channels, actors, graphs, supervision, time, and what providers must satisfy."""

from trialogue.engine._errors import AudioError as AudioError
from trialogue.engine._errors import ChannelBroken as ChannelBroken
from trialogue.engine._errors import ChannelClosed as ChannelClosed
from trialogue.engine._errors import ChannelEnded as ChannelEnded
from trialogue.engine._errors import ConfigurationError as ConfigurationError
from trialogue.engine._errors import GraphError as GraphError
from trialogue.engine._errors import PolicyError as PolicyError
from trialogue.engine._errors import ProviderError as ProviderError
from trialogue.engine._errors import TransportBroken as TransportBroken
from trialogue.engine._errors import TransportClosed as TransportClosed
from trialogue.engine._errors import TrialogueError as TrialogueError
from trialogue.engine._protocols import Denoiser as Denoiser
from trialogue.engine._protocols import LanguageModel as LanguageModel
from trialogue.engine._protocols import ModelConnection as ModelConnection
from trialogue.engine._protocols import NoiseReducer as NoiseReducer
from trialogue.engine._protocols import RecognitionStream as RecognitionStream
from trialogue.engine._protocols import SpeechDetector as SpeechDetector
from trialogue.engine._protocols import SpeechToText as SpeechToText
from trialogue.engine._protocols import TextToSpeech as TextToSpeech
from trialogue.engine._protocols import Voice as Voice
from trialogue.engine._protocols import VoiceActivityDetector as VoiceActivityDetector
