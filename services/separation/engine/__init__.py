"""The separation engine: arrays in, arrays out.

It knows no gRPC, SQL, NATS or object store, and it is the only place where torch and demucs are imported. Importing
this package, `registry` or `errors` costs nothing; `network`, `windows` and `stems` bring torch, so only the worker
imports them.

    registry    the models there are: stems, licence, pinned weights (data only)
    errors      what can go wrong, each with a sentence that says what to do
    network     weights -> a network on a device
    windows     the overlapping windows in which a network hears a track
    resampling  to the network's sample rate and back, to the exact sample
    stems       a track -> its stems
"""
