"""What happens in conversations, for those who watch many of them: traces, metrics and logs.

Each is an observer: `Session(..., observers=[OpenTelemetry(), PrometheusMetrics(), EventLog("call 7")])`. None of them
tells what was said, unless it is asked to.
"""

from trialogue.agents.telemetry._log import EventLog as EventLog
from trialogue.agents.telemetry._measures import MEASURES as MEASURES
from trialogue.agents.telemetry._measures import Measure as Measure
from trialogue.agents.telemetry._measures import Measurement as Measurement
from trialogue.agents.telemetry._measures import measurements as measurements
from trialogue.agents.telemetry._open_telemetry import OpenTelemetry as OpenTelemetry
from trialogue.agents.telemetry._prometheus import PrometheusMetrics as PrometheusMetrics
