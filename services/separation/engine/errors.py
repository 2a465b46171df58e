"""What the engine can refuse, each with a sentence for the person who can change it:

    EngineError
    ├── UnknownModel         no model of that name in the registry
    ├── WeightsMissing       the model's file is not in the weights directory
    ├── WeightsCorrupt       the file is there, but it is not the pinned one
    ├── DeviceUnavailable    the device asked for is not in this machine
    ├── UnsupportedAudio     samples the engine cannot separate (shape, rate, channels, not finite)
    ├── TrackUnreadable      the track ends early or is damaged: its samples cannot be read
    ├── OutOfMemory          the device's memory ran out even for one window; the sentence has the numbers
    ├── DeviceFailed         the device does not answer any more, until the process is a new one
    └── SeparationCancelled  the caller's `cancelled()` said so, between two windows

The caller maps them to its own answers; nothing here knows of requests.
"""


class EngineError(Exception):
    """Anything the engine refuses to do; `str(error)` is a sentence for people."""


class UnknownModel(EngineError):
    """No model of that name in the registry."""


class WeightsMissing(EngineError):
    """The model's weights are not in the weights directory."""


class WeightsCorrupt(EngineError):
    """The weights are there, but their SHA-256 is not the pinned one."""


class DeviceUnavailable(EngineError):
    """The device asked for is not in this machine; the engine never falls back to another one silently."""


class UnsupportedAudio(EngineError):
    """Samples the engine cannot separate."""


class TrackUnreadable(EngineError):
    """A track does not give the samples it said it had."""


class OutOfMemory(EngineError):
    """The device's memory does not suffice for a single window; the engine can go on with other work."""


class DeviceFailed(EngineError):
    """The device failed in a way after which this process can compute nothing on it."""


class SeparationCancelled(EngineError):
    """The caller asked to stop; nothing of the unfinished stems is of use."""
