"""Work that must not be felt: the lowest priority for processor and disk, and rests between."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import threading
import time
from collections.abc import Callable

_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
_WHO_PROCESS = 1
_IDLE_CLASS = 3 << 13
_BACKGROUND_BEGIN = 0x00010000


def rest_in_the_background() -> None:
    """Give this thread the lowest priority; what the system does not allow is left as it is."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        try:
            os.setpriority(os.PRIO_PROCESS, thread, 19)  # of Linux: of the thread alone
        except OSError:
            return
        number = _IOPRIO_SET.get(platform.machine())
        if number is not None:
            ctypes.CDLL(None).syscall(number, _WHO_PROCESS, thread, _IDLE_CLASS)
    elif sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentThread.restype = ctypes.c_void_p  # a handle has the size of an address
        kernel.SetThreadPriority.argtypes = (ctypes.c_void_p, ctypes.c_int)
        kernel.SetThreadPriority(kernel.GetCurrentThread(), _BACKGROUND_BEGIN)


class Breather:
    """Keeps a thread's share of a processor small: after work it rests in proportion."""

    def __init__(
        self,
        stop: threading.Event,
        *,
        share: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Rest so that work takes `share` of the time; `stop` ends every rest."""
        self._stop = stop
        self._rest = (1 - share) / share
        self._clock = clock
        self._began = clock()

    def __call__(self) -> None:
        """Rest for what was done since the last rest."""
        worked = self._clock() - self._began
        self._stop.wait(min(worked * self._rest, 1.0))
        self._began = self._clock()
