"""Honest fakes: models and a caller whose delays and faults are set exactly and recorded.

They keep the protocols of the real ones and cost little, so tests and benches measure what stands between them. Their
times are exact on a virtual clock.
"""

from trialogue.agents.testing._fake_call import FakeCall as FakeCall
from trialogue.agents.testing._fake_call import Line as Line
from trialogue.agents.testing._fake_llm import DEFAULT_ANSWER as DEFAULT_ANSWER
from trialogue.agents.testing._fake_llm import Answer as Answer
from trialogue.agents.testing._fake_llm import AnswerRecord as AnswerRecord
from trialogue.agents.testing._fake_llm import FakeLlm as FakeLlm
from trialogue.agents.testing._fake_stt import FakeStt as FakeStt
from trialogue.agents.testing._fake_stt import Utterance as Utterance
from trialogue.agents.testing._fake_stt import UtteranceRecord as UtteranceRecord
from trialogue.agents.testing._fake_tts import FakeTts as FakeTts
from trialogue.agents.testing._fake_tts import Speech as Speech
from trialogue.agents.testing._fake_tts import SpeechRecord as SpeechRecord
from trialogue.agents.testing._fake_vad import FakeVad as FakeVad
from trialogue.agents.testing._leases import LeaseStatistics as LeaseStatistics
