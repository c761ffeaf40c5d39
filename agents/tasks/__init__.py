"""Tasks: what takes over a conversation for a while and comes back with a value."""

from trialogue.agents.tasks._collect import Collect as Collect
from trialogue.agents.tasks._collect_figures import CollectCard as CollectCard
from trialogue.agents.tasks._collect_figures import CollectDigits as CollectDigits
from trialogue.agents.tasks._collect_figures import CollectFigures as CollectFigures
from trialogue.agents.tasks._collectors import Address as Address
from trialogue.agents.tasks._collectors import CollectAddress as CollectAddress
from trialogue.agents.tasks._collectors import CollectDate as CollectDate
from trialogue.agents.tasks._collectors import CollectEmail as CollectEmail
from trialogue.agents.tasks._collectors import CollectName as CollectName
from trialogue.agents.tasks._collectors import CollectPhone as CollectPhone
from trialogue.agents.tasks._collectors import CollectYesNo as CollectYesNo
from trialogue.agents.tasks._inquiry import Confirm as Confirm
from trialogue.agents.tasks._read_contact import read_email as read_email
from trialogue.agents.tasks._read_contact import read_name as read_name
from trialogue.agents.tasks._read_contact import read_phone as read_phone
from trialogue.agents.tasks._read_date import DateReader as DateReader
from trialogue.agents.tasks._read_figures import CardNumber as CardNumber
from trialogue.agents.tasks._read_figures import DigitsReader as DigitsReader
from trialogue.agents.tasks._read_figures import read_card as read_card
from trialogue.agents.tasks._read_yes_no import read_yes_no as read_yes_no
from trialogue.agents.tasks._reading import Reader as Reader
from trialogue.agents.tasks._reading import Reading as Reading
from trialogue.agents.tasks._reading import Unreadable as Unreadable
from trialogue.agents.tasks._task import Task as Task
