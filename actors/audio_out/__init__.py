"""The audio-out track and its policy."""

from trialogue.actors.audio_out._fade import HEARD_GAIN as HEARD_GAIN
from trialogue.actors.audio_out._playout import AudioOutSettings as AudioOutSettings
from trialogue.actors.audio_out._playout import Playout as Playout
from trialogue.actors.audio_out._playout import PlayoutState as PlayoutState
from trialogue.actors.audio_out._track import AudioTrack as AudioTrack
from trialogue.actors.audio_out._track import audio_out as audio_out
