"""From a worker thread to another one: for what may take long and nobody waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable


def beside(call: Callable[[], None]) -> None:
    """Do it in a thread of its own, which keeps the program from nothing; `call` answers for its errors."""
    threading.Thread(target=call, name="beside", daemon=True).start()
