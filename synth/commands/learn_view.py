"""What `synth learn` tells people: what it does, on stderr, and in the end a table of its iterations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer

from synth.attempt import Blame, TaskReport
from synth.commands.live import counted
from synth.commands.terminal import plural, print_json, print_table, say, warn, warn_of_bug
from synth.store import RunStore, StoredStep

__all__ = ["View", "print_run", "summary_of"]

_HEADINGS = ("iteration", "solved", "learned", "taken back", "bits before", "bits after", "mean evaluations")


@dataclass
class View:
    """Tells on stderr what a run does; `bug` says whether a search failed by a bug of ours."""

    context: typer.Context
    bug: bool = False

    @contextmanager
    def searching(self, what: str, total: int) -> Iterator[Callable[[TaskReport], None]]:
        """A bar over so many tasks, on a terminal."""
        if total:
            warn(f"{what}: {plural(total, 'task')}")
        with counted(total) as step:

            def heard(report: TaskReport) -> None:
                step(report)
                warn_of_bug(report, self.context)
                self.bug = self.bug or report.blame is Blame.BUG

            yield heard

    def say(self, text: str) -> None:
        """A line."""
        warn(text)


def summary_of(step: StoredStep) -> str:
    """A line about a step that is done."""
    data = step.data
    begin = f"iteration {step.iteration}: {step.step}"
    match step.step:
        case "wake":
            text = f"solved {data['solved']}/{data['tasks']}, {data['evaluations']:,} evaluations"
        case "compress":
            kept = ", ".join(word["name"] for word in data["learned"] if word["kept"]) or "nothing"
            text = f"learned {kept}" if _pays(data) else f"learned {kept}, and took it back: searches did worse with it"
        case "dream":
            text = f"{plural(data['dreams'], 'dream')}"
        case "train":
            text = f"learned from {plural(data['replays'], 'replay')}"
        case _:
            text = _test_line(data)
    return f"{begin}: {text}, {step.seconds:.1f} s"


def _pays(data: Mapping[str, Any]) -> bool:
    return data["live"] is None or bool(data["live"]["pays"])


def _test_line(data: Mapping[str, Any]) -> str:
    return (
        f"solved {data['solved with']}/{data['tasks']}{_held_out(data['held out right with'])} with what was learned, "
        f"{data['solved without']}/{data['tasks']}{_held_out(data['held out right without'])} without"
    )


def _held_out(right: int | None) -> str:
    return "" if right is None else f" (held out right {right})"


def print_run(store: RunStore, *, json: bool) -> None:
    """The iterations of a run, as a table or as JSON."""
    steps = [step for step in store.steps() if step.done]
    if json:
        print_json({"iterations": [_iteration(number, steps) for number in _numbers(steps)]})
        return
    print_table(_HEADINGS, [_row(number, steps) for number in _numbers(steps)])
    for step in steps:
        if step.step == "test" and step.data["tasks"]:
            say(f"test after iteration {step.iteration}: {_test_line(step.data)}")


def _numbers(steps: Sequence[StoredStep]) -> list[int]:
    return sorted({step.iteration for step in steps})


def _iteration(number: int, steps: Sequence[StoredStep]) -> dict[str, object]:
    return {"iteration": number} | {
        step.step: {"seconds": step.seconds, **step.data} for step in steps if step.iteration == number
    }


def _row(number: int, steps: Sequence[StoredStep]) -> tuple[str, ...]:
    found = {step.step: step.data for step in steps if step.iteration == number}
    wake, slept = found.get("wake"), found.get("compress")
    woken = (f"{wake['solved']}/{wake['tasks']}", _mean(wake)) if wake is not None else ("-", "-")
    if slept is None:
        return (str(number), woken[0], "-", "-", "-", "-", woken[1])
    kept = sum(word["kept"] for word in slept["learned"]) if _pays(slept) else 0
    counts = (str(kept), str(len(slept["learned"]) - kept))
    bits = (f"{slept['bits before']:,.1f}", f"{slept['bits after']:,.1f}")
    return (str(number), woken[0], *counts, *bits, woken[1])


def _mean(wake: Mapping[str, Any]) -> str:
    return f"{wake['evaluations'] / max(1, wake['tasks']):,.0f}"
