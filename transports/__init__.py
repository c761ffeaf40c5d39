"""The edges: where sound enters and leaves. Nothing heavy is imported before it is used."""

from trialogue.transports._file_call import FileCall as FileCall
from trialogue.transports._wav import AudioFileSink as AudioFileSink
from trialogue.transports._wav import AudioFileSource as AudioFileSource
from trialogue.transports._wav import FileMicrophone as FileMicrophone
from trialogue.transports._wav import microphone_from_file as microphone_from_file
