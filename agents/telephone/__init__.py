"""Work on the telephone: walking through menus, and connecting a caller with somebody."""

from trialogue.agents.telephone._line import PhoneLine as PhoneLine
from trialogue.agents.telephone._line import bridge as bridge
from trialogue.agents.telephone._line import line_of as line_of
from trialogue.agents.telephone._menu_memory import MenuHeard as MenuHeard
from trialogue.agents.telephone._menu_memory import MenuMemory as MenuMemory
from trialogue.agents.telephone._menu_memory import MenuSettings as MenuSettings
from trialogue.agents.telephone._menus import MenuWalker as MenuWalker
from trialogue.agents.telephone._menus import press_keys as press_keys
from trialogue.agents.telephone._transfer import Dial as Dial
from trialogue.agents.telephone._transfer import TransferOutcome as TransferOutcome
from trialogue.agents.telephone._transfer import TransferSettings as TransferSettings
from trialogue.agents.telephone._transfer import WarmTransfer as WarmTransfer
