"""Becomes another program that dies with its supervisor: `launcher.py PARENT SIGNAL UID GID program args...`.

A program of its own rather than a `preexec_fn`, which is not safe in a process with threads. UID and GID are
`-` where the program stays who the supervisor is.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _change_user(uid: str, gid: str) -> None:
    if uid == "-":
        return
    os.setgroups([])
    os.setresgid(int(gid), int(gid), int(gid))
    os.setresuid(int(uid), int(uid), int(uid))


def _die_with(parent: int, signal_number: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The supervisor may have died before prctl was called: then nobody would ever send the signal.
    if os.getppid() != parent:
        sys.exit("the supervisor is gone")


def main(arguments: list[str]) -> None:
    """Change user, bind this process's life to the parent's, become the program."""
    parent, signal_number, uid, gid, *program = arguments
    os.umask(0o077)
    # In this order: a change of user clears the death signal.
    _change_user(uid, gid)
    _die_with(int(parent), int(signal_number))
    os.execvp(program[0], program)  # noqa: S606 - becoming the program is the point


if __name__ == "__main__":
    main(sys.argv[1:])
