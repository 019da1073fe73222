"""Progress of a long command: one line on a terminal after two seconds, nothing in a pipe."""

import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TextIO, TypeVar

DELAY_SECONDS = 2.0
PERIOD_SECONDS = 0.5

T = TypeVar("T")


class Progress:
    """What a command is counting: one thread counts, another shows `words`."""

    def __init__(self) -> None:
        self.words = ""

    def count(self, items: Iterable[T], noun: str) -> Iterator[T]:
        """Yield the items and count them as `noun`, such as "rows": "3 of 12 rows" if sized."""
        of = f" of {len(items):,}" if isinstance(items, Sized) else ""
        for number, item in enumerate(items, start=1):
            self.words = f"{number:,}{of} {noun}"
            yield item


@contextmanager
def shown(command: str, stream: TextIO, delay: float = DELAY_SECONDS) -> Iterator[Progress]:
    """Show how far `command` is, such as "Importing talks.csv", if `stream` is a terminal.

    The line appears after `delay` seconds and is removed at the end.
    """
    progress = Progress()
    if not stream.isatty():
        yield progress
        return
    ended = threading.Event()
    display = threading.Thread(
        target=_show, args=(command, progress, stream, delay, ended), daemon=True
    )
    display.start()
    try:
        yield progress
    finally:
        ended.set()
        display.join()


def _show(
    command: str, progress: Progress, stream: TextIO, delay: float, ended: threading.Event
) -> None:
    began, pause, width = time.monotonic(), delay, 0
    while not ended.wait(pause):
        pause = PERIOD_SECONDS
        seconds = f"{time.monotonic() - began:.0f} s"
        line = f"{command}: {', '.join(filter(None, (progress.words, seconds)))}"
        line = line[: shutil.get_terminal_size().columns - 1]
        stream.write(f"\r{line:{width}}")
        stream.flush()
        width = max(width, len(line))
    if width:
        stream.write(f"\r{'':{width}}\r")
        stream.flush()
