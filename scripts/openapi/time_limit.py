"""Ends work on a document that takes too long, such as a search for a pathological pattern, and tells its place."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

DEFAULT_SECONDS = 120.0
REPEAT_SECONDS = 0.1
_task, _pointer = "reading it", ""


class TimeLimitExceeded(BaseException):
    """The work took too long. It is no Exception, so that the libraries that do the work do not catch it."""

    def __init__(self, seconds: float, task: str, pointer: str) -> None:
        remedy = "simplify this part, such as a pattern or nested schemas, or allow more seconds with --time-limit"
        super().__init__(f"{task} takes more than {seconds:g} seconds; {remedy}")
        self.pointer = pointer
        """The JSON pointer of the part of the document."""


def working_on(task: str, pointer: str) -> None:
    """Note what is done now, and with which part of the document, for the message of TimeLimitExceeded."""
    global _task, _pointer
    _task, _pointer = task, pointer


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitExceeded in the context after some seconds; 0 means no limit. Works in the main thread only.

    A signal interrupts a search with `re`, too, which a thread cannot:
    https://github.com/python/cpython/blob/3.11/Modules/_sre/sre_lib.h (MAYBE_CHECK_SIGNALS)
    """

    def end(*_: object) -> None:
        raise TimeLimitExceeded(seconds, _task, _pointer)

    previous = signal.signal(signal.SIGALRM, end)
    # Python swallows an exception in a destructor. So the signal is repeated until the context ends.
    signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT_SECONDS if seconds else 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
