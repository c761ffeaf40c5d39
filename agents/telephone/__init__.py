"""Work on the telephone: walking through menus."""

from trialogue.agents.telephone._menu_memory import MenuHeard as MenuHeard
from trialogue.agents.telephone._menu_memory import MenuMemory as MenuMemory
from trialogue.agents.telephone._menu_memory import MenuSettings as MenuSettings
from trialogue.agents.telephone._menus import MenuWalker as MenuWalker
from trialogue.agents.telephone._menus import press_keys as press_keys
