"""What satisfies the engine's provider protocols: models that run here. Nothing heavy loads until it is used."""

from trialogue.providers._cached_voice import CachedVoice as CachedVoice
from trialogue.providers._chat_blocks import anthropic_body as anthropic_body
from trialogue.providers._chat_blocks import gemini_body as gemini_body
from trialogue.providers._espeak import Espeak as Espeak
from trialogue.providers._factories import voice_activity_detector as voice_activity_detector
from trialogue.providers._models import MODEL_FILES as MODEL_FILES
from trialogue.providers._models import ModelFile as ModelFile
from trialogue.providers._models import fetch_model as fetch_model
from trialogue.providers._models import find_model as find_model
from trialogue.providers._models import need_model as need_model
from trialogue.providers._openai_chat import OpenAIChat as OpenAIChat
from trialogue.providers._openai_messages import openai_body as openai_body
from trialogue.providers._pocketsphinx import PocketSphinx as PocketSphinx
from trialogue.providers._pysilero import PySilero as PySilero
from trialogue.providers._rnnoise import RNNoise as RNNoise
from trialogue.providers._rule_script import RuleScript as RuleScript
from trialogue.providers._rules import RuleModel as RuleModel
from trialogue.providers._silero import Silero as Silero
from trialogue.providers._smart_turn import SmartTurn as SmartTurn
