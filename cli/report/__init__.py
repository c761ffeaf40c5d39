"""A call as one HTML page: what was said, heard and waited for, and how the channels fared."""

from trialogue.cli.report._call_log import CallLog as CallLog
from trialogue.cli.report._call_log import Circumstances as Circumstances
from trialogue.cli.report._call_log import circumstances as circumstances
from trialogue.cli.report._page import write_report as write_report
