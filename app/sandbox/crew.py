"""Threads for what blocks, which take a job or refuse it, never both."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Crew(ThreadPoolExecutor):
    """As `ThreadPoolExecutor`, but a job whose `submit` raised is never run.

    That one queues a job before it starts a thread for it. Where the system has no thread left, `submit`
    raises and the job stays queued: the next free thread runs it, after its caller has given back what it
    works on.

    `shutdown` takes no `cancel_futures`: jobs that were taken are run.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Have a job run; it may be cancelled until it begins.

        Raises:
            RuntimeError: it is not run, for there is no thread for it or the crew has shut down.
        """
        future: Future[_T] = Future()
        try:
            super().submit(_run, future, fn, args, kwargs)
        except BaseException:
            if future.cancel():
                raise
            # A thread that was there has begun it.
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let no more jobs come; those that were taken are run."""
        if cancel_futures:
            raise ValueError("a crew runs what it took")
        super().shutdown(wait)


def _run(
    future: Future[_T], call: Callable[..., _T], arguments: tuple[object, ...], named: dict[str, object]
) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call(*arguments, **named)
    except BaseException as error:  # noqa: BLE001 - whoever asks the future meets it
        future.set_exception(error)
        del future  # it has the error, whose frames have it
    else:
        future.set_result(result)
