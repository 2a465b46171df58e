"""Windows of several jobs in one batch, on one device.

One thread feeds the device, another waits for what it computes. While a batch computes, windows collect; when it is free, what
has collected goes as the next one. A full batch goes as soon as it is full, so that the device has its next work before it ends
the present one. Batches are padded to a few fixed sizes: a device can then record its work once per size, and with one size only
a window's result is the same whatever else is in its batch.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

import torch
from torch import Tensor

from services.separation.engine.errors import OutOfMemory
from services.separation.engine.registry import NetworkCard

LINGER_SECONDS: Final = 0.005
"""How long an idle device waits for company of a first window: its job needs a few milliseconds per window to read them."""

QUEUED_BATCHES: Final = 2
"""Batches on the device at once: one that computes, one whose input is on its way."""

T = TypeVar("T")


class BatchedNetwork(Protocol):
    """A network on its device that hears a batch at a time. One thread calls it; another calls what `launch` returns."""

    device_name: str

    def launch(self, windows: Sequence[Tensor], size: int) -> Callable[[], Tensor]:
        """Begins to separate windows of one length.

        Args:
            windows: at least one, at most `size`; float32 (channels, n) on the CPU.
            size: how many the device is to compute; the missing ones are silence.

        Returns:
            A function that waits for the stems: float32 (len(windows), stems, channels, n) on the CPU.

        Raises:
            torch.OutOfMemoryError: from here or from the returned function.
        """

    def memory(self) -> tuple[int, int]:
        """Bytes free and bytes in all on the device."""

    def release(self) -> None:
        """Gives memory back that is held for later use."""


@dataclass(slots=True)
class _Waiting:
    """A window that nobody has begun with."""

    window: Tensor
    arrived: float
    stems: "Future[Tensor]" = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Shortage:
    """Memory that ran out, and how much more was needed. The exception is not kept: its frames hold memory."""

    needed: str


@dataclass(slots=True)
class _Batch:
    """Windows that are computed together."""

    members: list[_Waiting]
    size: int
    outcome: "Future[Tensor | _Shortage | Exception] | None" = None
    """Set while the device has it."""

    @property
    def ended(self) -> bool:
        """Whether the device is done with it, well or not."""
        return self.outcome is not None and self.outcome.done()

    def fail(self, error: Exception) -> None:
        """Tells the members that have no answer yet, and nobody else."""
        for member in self.members:
            if not member.stems.done():
                member.stems.set_exception(error)


class BatchedInference:
    """An `Inference` that computes the windows of all its callers together.

    Attributes:
        card: of the network.
        device_name: where it computes.
        ahead: windows that one job alone has to keep submitted for full batches.
    """

    def __init__(
        self,
        card: NetworkCard,
        network: BatchedNetwork,
        sizes: Sequence[int],
        input_frames: Callable[[int], int],
        *,
        linger: float = LINGER_SECONDS,
    ) -> None:
        """Batches for `network`.

        Args:
            card: of the network.
            network: what computes; from now on only the batcher's thread calls it.
            sizes: the batch sizes that windows are padded to, each at least 1.
            input_frames: as `Inference.input_frames`.
            linger: seconds for which an idle device waits for more windows after the first.
        """
        self.card = card
        self.device_name = network.device_name
        self.ahead = QUEUED_BATCHES * max(sizes)
        self.input_frames = input_frames
        self._network = network
        self._sizes = sorted(set(sizes))
        self._linger = linger
        self._waiting: deque[_Waiting] = deque()
        self._running: deque[_Batch] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        # Waiting for a batch must not keep the next one from the device. Its thread begins with the first batch.
        self._waiter = ThreadPoolExecutor(1, thread_name_prefix=f"results-{card.name}")

    @property
    def largest(self) -> int:
        """The largest batch that is tried; it shrinks when memory runs out."""
        return self._sizes[-1]

    def submit(self, window: Tensor) -> "Future[Tensor]":
        """Queues a window, float32 (channels, n); the future holds float32 (stems, channels, n).

        A future that is cancelled before its batch begins costs nothing.

        Raises:
            RuntimeError: after `close`.
        """
        waiting = _Waiting(window, time.monotonic())
        with self._changed:
            if self._closed:
                raise RuntimeError(f"{self.card.name} was closed")
            if self._thread is None:
                # Not before somebody wants something: a batcher that was never used needs no end.
                self._thread = threading.Thread(target=self._serve, name=f"batches-{self.card.name}", daemon=True)
                self._thread.start()
            self._waiting.append(waiting)
            self._changed.notify()
        return waiting.stems

    def close(self) -> None:
        """Cancels what has not begun, waits for the rest and ends the thread."""
        with self._changed:
            self._closed = True
            for waiting in self._waiting:
                waiting.stems.cancel()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._waiter.shutdown()

    def _serve(self) -> None:
        while True:
            batch = self._next_batch()
            if batch is not None:
                self._launch(batch)
                del batch  # what is finished must not be held by a thread that waits
            elif self._running:
                self._finish(self._running.popleft())
            elif self._closed:
                return

    def _next_batch(self) -> _Batch | None:
        """The next batch; None when the oldest running one has ended, or nothing is left after `close`."""
        with self._changed:
            if not self._running:
                self._collect()
            elif not self._another():
                return None
            members = self._take()
        return self._batch(members) if members else None

    def _another(self) -> bool:
        """Waits until the device has room for another full batch; False if the oldest running one ends first."""
        while not self._running[0].ended:
            if len(self._running) < QUEUED_BATCHES and self._alike() >= self.largest:
                return True
            self._changed.wait()
        return False

    def _batch(self, members: list[_Waiting]) -> _Batch:
        return _Batch(members, next(size for size in self._sizes if size >= len(members)))

    def _collect(self) -> None:
        """Waits for a first window, and a little for its company."""
        while not self._closed and not self._alike():
            self._changed.wait()
        deadline = time.monotonic() if self._closed else self._waiting[0].arrived + self._linger
        while self._alike() < self.largest and (left := deadline - time.monotonic()) > 0:
            self._changed.wait(left)

    def _alike(self) -> int:
        """How many of the waiting windows could go now: those of the first one's shape."""
        while self._waiting and self._waiting[0].stems.cancelled():
            self._waiting.popleft()
        shapes = [waiting.window.shape for waiting in self._waiting if not waiting.stems.cancelled()]
        return shapes.count(shapes[0]) if shapes else 0

    def _take(self) -> list[_Waiting]:
        """The next windows of one shape, in the order of their arrival; none of them can be cancelled any more."""
        members: list[_Waiting] = []
        others: list[_Waiting] = []
        while self._waiting and len(members) < self.largest:
            waiting = self._waiting.popleft()
            if members and waiting.window.shape != members[0].window.shape:
                others.append(waiting)
            elif waiting.stems.set_running_or_notify_cancel():
                members.append(waiting)
        self._waiting.extendleft(reversed(others))
        return members

    def _launch(self, batch: _Batch) -> None:
        windows = [member.window for member in batch.members]
        launched = _settled(lambda: self._network.launch(windows, batch.size))
        if not callable(launched):
            self._mend(batch, launched)
            return
        batch.outcome = self._waiter.submit(_settled, launched)
        batch.outcome.add_done_callback(self._wake)
        self._running.append(batch)

    def _wake(self, _: object) -> None:
        with self._changed:
            self._changed.notify()

    def _finish(self, batch: _Batch) -> None:
        """Gives a batch's windows their stems, or what went wrong, once the device is done with it."""
        assert batch.outcome is not None  # noqa: S101  # only launched batches run
        stems = batch.outcome.result()
        if not isinstance(stems, Tensor):
            self._mend(batch, stems)
            return
        for member, of_member in zip(batch.members, stems, strict=True):
            member.stems.set_result(of_member)

    def _mend(self, batch: _Batch, trouble: _Shortage | Exception) -> None:
        """Whatever went wrong is the answer to these windows, unless less at a time helps."""
        if isinstance(trouble, Exception):
            batch.fail(trouble)
            return
        try:
            self._make_do(batch, trouble.needed)
        except Exception as error:  # noqa: BLE001  # a device that can't even say what is free
            batch.fail(error)

    def _make_do(self, batch: _Batch, needed: str) -> None:
        """Tries a batch that ran out of memory again, smaller or alone, or answers with the numbers."""
        free, total = self._network.memory()
        had_company = bool(self._running)
        self._finish_all()
        self._network.release()
        if batch.size > 1:
            self._shrink(batch.size // 2)
        elif not had_company:
            batch.fail(
                OutOfMemory(
                    f"The memory of {self.device_name} ran out: {self.card.name} needed {needed} more for a batch of one window,"
                    f" and {_mebibytes(free)} of {_mebibytes(total)} were free. Stop what else uses this device,"
                    " keep fewer models loaded, or use a smaller model."
                )
            )
            return
        members = deque(batch.members)
        while members:  # `largest` may shrink on the way
            self._launch(self._batch([members.popleft() for _ in range(min(self.largest, len(members)))]))
            self._finish_all()

    def _finish_all(self) -> None:
        while self._running:
            self._finish(self._running.popleft())

    def _shrink(self, largest: int) -> None:
        """Never again tries a batch larger than this."""
        largest = min(largest, self.largest)
        self._sizes = [size for size in self._sizes if size < largest] + [largest]


def _settled(step: Callable[[], T]) -> T | _Shortage | Exception:
    """What `step` returns, or what went wrong."""
    try:
        return step()
    except torch.OutOfMemoryError as error:
        return _Shortage(_needed(error))
    except Exception as error:  # noqa: BLE001  # the windows of the batch get it
        return error


def _needed(error: torch.OutOfMemoryError) -> str:
    """The size in PyTorch's own sentence, "Tried to allocate 2.00 GiB."; it has no other place."""
    found = re.search(r"allocate ([\d.]+ [KMGT]?i?B)", str(error))
    return found[1] if found else "memory"


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
