"""What a user uploaded, decoded into the one form everybody else reads.

`decode` runs a bounded child process over an original and returns the `Master` it made, or raises `Rejected` with a
`Reason` and a sentence for the person who uploaded it. Knows no grpc, sql, nats or object store.

    decoder.py        the parent: starts, listens to and kills the child; never parses audio
    child.py          the child: confines itself, then does everything below
    confinement.py    rlimits, no sockets, no files but its own
    signatures.py     which container the first bytes announce
    iff.py mpeg.py ogg.py boxes.py adts.py
                      what each container claims, read without decoding (mapped.py: as bytes in memory)
    sndfile.py ffmpeg.py
                      the two decoders; each opens a file as a source (opened.py)
    canonical.py      blocks of samples -> 24-bit FLAC, hash, waveform
    waveform.py       peaks: measure, store, read, resample
"""

from services.ingest.decoding.decoder import Cancelled, DecoderUnavailable, decode
from services.ingest.decoding.limits import Limits
from services.ingest.decoding.master import Master
from services.ingest.decoding.rejection import Reason, Rejected

__all__ = ["Cancelled", "DecoderUnavailable", "Limits", "Master", "Reason", "Rejected", "decode"]
