"""Figures with goals, printed as a table by `make bench`."""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving import Bench, served

REFERENCE_MS = 0.23
"""The cost of the bare "hello" on the core to which goals in milliseconds refer."""

COLUMNS = "{what:58} {figure:>14} {hellos:>9} {goal:>12}  {verdict:4}  {command}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number and its upper (or lower) limit.

    `hellos` is the cost as a multiple of the bare "hello", if that is meaningful. `note` says how
    the number was computed.
    """

    what: str
    value: float
    unit: str
    goal: float
    hellos: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal


Measure = Callable[[Bench], Iterable[Figure]]


def times_hello(what: str, ms: float, hello_ms: float, goal: float) -> Figure:
    """Return a cost as a multiple of the bare "hello" that was measured in the same rounds."""
    return Figure(what, ms / hello_ms, "x hello", goal, ms / hello_ms, note=f"{ms:.3f} ms here")


def scaled_ms(what: str, ms: float, hello_ms: float, goal: float) -> Figure:
    """Return a cost in milliseconds on the core to which goals refer."""
    scaled = ms * REFERENCE_MS / hello_ms
    return Figure(what, scaled, "ms", goal, ms / hello_ms, note=f"{ms:.2f} ms here")


def run(measures: Iterable[tuple[str, Measure]]) -> None:
    """Print every figure of the measures; exit with 1 if a goal is missed."""
    print(
        COLUMNS.format(
            what="what",
            figure="figure",
            hellos="in hellos",
            goal="goal",
            verdict="",
            command="command",
        )
    )
    missed = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        hello = stack.enter_context(served({}, folder / "hello.log", "benchmarks.hello:app"))
        bench = Bench(hello, folder)
        for name, measure in measures:
            for line, is_met in _lines(name, measure(bench)):
                print(line, flush=True)
                missed += not is_met
    print(f"{missed} goals missed" if missed else "every goal is met")
    sys.exit(1 if missed else 0)


def _lines(name: str, figures: Iterable[Figure]) -> Iterator[tuple[str, bool]]:
    for figure in figures:
        yield (
            COLUMNS.format(
                what=figure.what,
                figure=f"{figure.value:.2f} {figure.unit}",
                hellos="" if figure.hellos is None else f"{figure.hellos:.2f}",
                goal=f"{'>=' if figure.at_least else '<='} {figure.goal:g}",
                verdict="ok" if figure.is_met else "OVER",
                command=f"python -m benchmarks.{name}" + (f"  ({figure.note})" * bool(figure.note)),
            ),
            figure.is_met,
        )
