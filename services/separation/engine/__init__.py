"""The separation engine: arrays in, arrays out.

It knows no gRPC, SQL, NATS or object store, and it is the only place where torch and demucs are imported. Importing this
package, `registry`, `choice` or `errors` costs nothing; `track` and `resampling` bring numpy; the others bring torch, so
only the worker imports them.

A track goes through it like this (docs/separation.md says why):

    track       decoded audio that can be read anywhere; its level
    resampling  to the networks' sample rate and back, second by second, to the exact sample
    windows     the overlapping windows in which a network hears a track, from any frame on
    inference   a network as the windows see it: submit a window, get its stems
    stems       several networks in step -> blocks of stems at the track's own rate

What it needs for that:

    errors      what can go wrong, each with a sentence that says what to do
    registry    the networks and models there are (data only, in models.toml)
    choice      which networks make which stems
    network     verified weights -> a network of its `architecture`
    loading     a network -> an inference, as the installation wants it computed: plain, or
    batching    windows of several jobs in one batch, on one device
"""

import sys

# OpenVINO tells its maker whenever it is imported, without asking, unless the package that tells cannot be imported.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # how Python is told that there is none
