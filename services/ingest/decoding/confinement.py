"""What the child may not do, enforced by the kernel: each process sets it on itself before it opens a stranger's file.

Resource limits work everywhere. The system call filter (no sockets, no way out of the process group) and the file system
rules (its own files only, so neither secrets nor another process's /proc) need seccomp (Linux 3.17) and Landlock (5.13);
where a kernel lacks one, that part is left out: it is the second wall, not the first.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2

_LOAD_WORD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW: Final = 0x7FFF_0000
_DENY: Final = 0x0005_0000 | 1  # EPERM
_X32_BIT: Final = 0x4000_0000

# machine -> (AUDIT_ARCH, socket, ptrace, process_vm_readv, process_vm_writev, setsid, setpgid).
# The rest has one number everywhere.
_CALLS: Final = {
    "x86_64": (0xC000_003E, 41, 101, 310, 311, 112, 109),
    "aarch64": (0xC000_00B7, 198, 117, 270, 271, 157, 154),
}
_IO_URING_SETUP, _PIDFD_GETFD = 425, 438

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_EVERYTHING: Final = (1 << 13) - 1  # the rights of Landlock's first version
_MAKE_AND_WRITE: Final = _WRITE_FILE | _READ_FILE | 1 << 5 | 1 << 8  # with removing and making regular files

_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """End this process when its parent, process `parent`, ends; at once where that has happened already."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def bound(memory_bytes: int, cpu_seconds: int, file_bytes: int, open_files: int = 64) -> None:
    """Cap address space, processor time, the size of any file written and open files, for this process and its heirs."""
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _cap(limit, most, most)
    # At the soft limit comes SIGXCPU, which says why; the hard one is for who ignores it.
    _cap(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 2)


def _cap(limit: int, soft: int, hard: int) -> None:
    _, present = resource.getrlimit(limit)
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    resource.setrlimit(limit, (soft, hard))


def forbid_calls() -> bool:
    """Deny sockets, reaching into other processes and leaving the process group, for this process and its heirs.

    False where the kernel cannot.
    """
    calls = _CALLS.get(platform.machine())
    if sys.platform != "linux" or calls is None:
        return False
    program = _filter(*calls)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _filter(architecture: int, *denied: int) -> bytes:
    """A BPF program over `struct seccomp_data` (call number at byte 0, architecture at byte 4)."""
    numbers = (*denied, _IO_URING_SETUP, _PIDFD_GETFD)
    to_deny = len(numbers) + 1
    steps = [
        (_LOAD_WORD, 0, 0, 4),
        (_JUMP_EQUAL, 0, to_deny + 2, architecture),  # another architecture numbers its calls differently
        (_LOAD_WORD, 0, 0, 0),
        (_JUMP_AT_LEAST, to_deny, 0, _X32_BIT),
        *((_JUMP_EQUAL, to_deny - index - 1, 0, number) for index, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    return b"".join(struct.pack("@HBBI", *step) for step in steps)


def forbid_files(readable: Path, runnable: Sequence[Path], writable: Path) -> bool:
    """Leave this process and its heirs little of the file system.

    The file `readable`; the folders `runnable` with all in them, to read and run; the folder `writable`. False where the
    kernel cannot.
    """
    if sys.platform != "linux" or _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    handled = struct.pack("@Q", _EVERYTHING)
    rules = _libc.syscall(_LANDLOCK_CREATE, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    try:
        _grant(rules, readable, _READ_FILE)
        _grant(rules, Path(os.devnull), _READ_FILE | _WRITE_FILE)
        for path in filter(Path.exists, runnable):
            _grant(rules, path, _EXECUTE | _READ_FILE | (_READ_DIR if path.is_dir() else 0))
        _grant(rules, writable, _MAKE_AND_WRITE | _READ_DIR)
        return bool(_libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _grant(rules: int, path: Path, access: int) -> None:
    descriptor = os.open(path, os.O_PATH)
    try:
        rule = struct.pack("=Qi", access, descriptor)
        if _libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), "cannot grant", str(path))
    finally:
        os.close(descriptor)
