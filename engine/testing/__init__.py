"""For tests: what every provider must do, as functions that take a factory; and cancelling work at each step."""

from trialogue.engine.testing._cancelling import cancel_at_step as cancel_at_step
from trialogue.engine.testing._contract import ContractBroken as ContractBroken
from trialogue.engine.testing._denoiser import check_denoiser as check_denoiser
from trialogue.engine.testing._language_model import check_language_model as check_language_model
from trialogue.engine.testing._speech_to_text import check_speech_to_text as check_speech_to_text
from trialogue.engine.testing._text_to_speech import check_text_to_speech as check_text_to_speech
from trialogue.engine.testing._transport import check_transport as check_transport
from trialogue.engine.testing._voice_activity import check_voice_activity_detector as check_voice_activity_detector
