"""Simulated calls, and honest fakes: models and callers whose delays and faults are set exactly and recorded.

They keep the protocols of the real ones and cost little, so tests and benches measure what stands between them. Their
times are exact on a virtual clock.
"""

from trialogue.agents.testing._actions import Action as Action
from trialogue.agents.testing._actions import Beeps as Beeps
from trialogue.agents.testing._actions import Coughs as Coughs
from trialogue.agents.testing._actions import HangsUp as HangsUp
from trialogue.agents.testing._actions import Presses as Presses
from trialogue.agents.testing._actions import ProgramDoes as ProgramDoes
from trialogue.agents.testing._actions import Says as Says
from trialogue.agents.testing._actions import WireBreaks as WireBreaks
from trialogue.agents.testing._call import AgentSide as AgentSide
from trialogue.agents.testing._call import Call as Call
from trialogue.agents.testing._call import CallFailed as CallFailed
from trialogue.agents.testing._caller import Caller as Caller
from trialogue.agents.testing._caller import NotHeard as NotHeard
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
from trialogue.agents.testing._judge import CRITERIA as CRITERIA
from trialogue.agents.testing._judge import Judge as Judge
from trialogue.agents.testing._judge import Verdict as Verdict
from trialogue.agents.testing._laws import check_laws as check_laws
from trialogue.agents.testing._leases import LeaseStatistics as LeaseStatistics
from trialogue.agents.testing._mock_tools import MockCalls as MockCalls
from trialogue.agents.testing._mock_tools import mock_tools as mock_tools
from trialogue.agents.testing._record import Judged as Judged
from trialogue.agents.testing._scenario import Recognition as Recognition
from trialogue.agents.testing._scenario import Scenario as Scenario
from trialogue.agents.testing._scenario import Wire as Wire
from trialogue.agents.testing._simulate import simulate as simulate
from trialogue.agents.testing._simulated_user import Persona as Persona
from trialogue.agents.testing._simulated_user import Played as Played
from trialogue.agents.testing._simulated_user import play as play
from trialogue.agents.testing._suite import SuiteResult as SuiteResult
from trialogue.agents.testing._suite import run_suite as run_suite
from trialogue.agents.testing._suite_case import Case as Case
from trialogue.agents.testing._suite_case import CaseResult as CaseResult
from trialogue.agents.testing._text_session import TextTalk as TextTalk
from trialogue.agents.testing._text_session import text_session as text_session
from trialogue.agents.testing._text_turn import Turn as Turn
from trialogue.agents.testing._text_turn import TurnFailed as TurnFailed
from trialogue.agents.testing._timeline import Entry as Entry
from trialogue.agents.testing._voice import Saying as Saying
