"""`synth suites`: the tasks that come with synth, and what else `solve` and `eval` can read."""

from __future__ import annotations

from synth.commands.options import Json
from synth.commands.terminal import print_json, print_table, say
from tasks.load import LOADERS, shipped_suites

__all__ = ["suites"]


def suites(json: Json = False) -> None:
    """List the suites that come with synth, and the formats of others that it reads."""
    shipped = shipped_suites()
    if json:
        print_json([{"name": s.name, "tasks": s.n_tasks, "description": s.description} for s in shipped])
        return
    print_table(("suite", "tasks", "about"), [(s.name, f"{s.n_tasks}", s.description) for s in shipped])
    say()
    print_table(("also", "reads"), [*_loaders(), ("FILE.syn, FOLDER", "task files of your own")])


def _loaders() -> list[tuple[str, str]]:
    """Every loader with the first sentence of its documentation."""
    return [(f"{name}:PATH", (load.__doc__ or "").strip().partition("\n")[0]) for name, load in LOADERS.items()]
