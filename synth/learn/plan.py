"""What a run of `synth learn` is to do, as plain data that is kept with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from dsl.errors import InterfaceError
from synth.budget import Budget
from synth.evaluate import Plan
from synth.guide.asking import is_guide_file
from synth.pipeline import make_solver
from synth.run_record import RunRecord, other_than, run_of, spec_digest
from synth.workload import Item
from tasks.task import Task

__all__ = ["PARTS", "LearnPlan", "StoredPlan", "is_trained_guide"]

PARTS = ("compress", "validate", "test")
"""What tasks are for: to learn from, to judge by what was learned, and to look at once, in the end."""
_FREE = ("iterations", "steps", "dreams", "sources", "primitive_files", "module_files")
"""What may be another when a run goes on: what was done before does not depend on it, or it is files, which may have
moved, and are compared by what is in them."""


@dataclass(frozen=True, slots=True)
class LearnPlan:
    """Tasks, budgets of each search, and how much is learned: `most` definitions of at most `arity` parameters a round.

    `dreams` and `steps` are those of a round; they count where `guide` is a trained one.
    """

    sources: tuple[str, ...]
    iterations: int
    evaluations: int | None = None
    timeout: float | None = None
    memory: int | None = None
    seed: int = 0
    guide: str = "none"
    limit: int | None = None
    pattern: str | None = None
    primitive_files: tuple[str, ...] = ()
    module_files: tuple[str, ...] = ()
    most: int = 10
    arity: int = 3
    dreams: int = 2_000
    steps: int = 300

    @property
    def trains(self) -> bool:
        """Whether there is a guide that gets used to what is learned."""
        return is_trained_guide(self.guide)

    def searching(self, guide: str, *words: Path) -> Plan:
        """How tasks are searched under a guide, with the words of more modules."""
        return Plan(
            self.sources,
            make_solver,
            Budget(self.evaluations, self.timeout, self.memory),
            guide=guide,
            seed=self.seed,
            limit=self.limit,
            pattern=self.pattern,
            primitive_files=self.primitive_files,
            module_files=(*self.module_files, *map(str, words)),
        )


def is_trained_guide(guide: str) -> bool:
    """Whether the name is that of a checkpoint, which can be trained on."""
    return guide.endswith(".safetensors")


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan with what decides its results and may change behind its back: files, words, versions, tasks.

    `record` is as for `synth replay`; `specs` has a hash for each task, `parts` which of `PARTS` it is in.
    """

    plan: LearnPlan
    record: RunRecord
    specs: Mapping[str, str]
    parts: Mapping[str, str]

    @classmethod
    def of(cls, plan: LearnPlan, items: tuple[Item, ...], parts: Mapping[str, str]) -> StoredPlan:
        """A plan as it stands now."""
        specs = {item.name: spec_digest(item.content.spec) for item in items if isinstance(item.content, Task)}
        return cls(plan, run_of(plan.searching(plan.guide), "learn"), specs, parts)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        record = self.record.to_json()
        return {"plan": asdict(self.plan), "record": record, "specs": dict(self.specs), "parts": dict(self.parts)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], folder: Path) -> StoredPlan:
        """From plain data; InterfaceError where it is none."""
        try:
            given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in data["plan"].items()}
            return cls(LearnPlan(**given), RunRecord.from_json(data["record"]), data["specs"], data["parts"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InterfaceError(
                f"expected a run of `synth learn`, found one that this version cannot go on with ({error})",
                path=str(folder),
                hint="begin anew in another directory; its learned.syn can be given as --library",
            ) from None

    def refuse_other(self, now: StoredPlan, folder: Path) -> None:
        """Raise InterfaceError, with every difference, where what is to go on is another run than this one."""
        reasons = [*self._other_options(now.plan), *other_than(self.record, now.record), *self._other_tasks(now)]
        if reasons:
            listed = "\n".join(f"    {reason}" for reason in reasons)
            raise InterfaceError(
                f"expected to go on with the same run, found another\n{listed}",
                path=str(folder),
                hint="give another --out to begin anew",
            )

    def _other_options(self, now: LearnPlan) -> Iterator[str]:
        for f in fields(LearnPlan):
            then, found = getattr(self.plan, f.name), getattr(now, f.name)
            is_free = f.name in _FREE or (f.name == "guide" and is_guide_file(then) and is_guide_file(found))
            if then != found and not is_free:
                yield f"{f.name}: {then} then, {found} now"

    def _other_tasks(self, now: StoredPlan) -> Iterator[str]:
        yield from (f"task {name}: gone" for name in self.specs if name not in now.specs)
        yield from (f"task {name}: not there then" for name in now.specs if name not in self.specs)
        yield from (
            f"task {name}: its examples, types or words are others"
            for name, digest in self.specs.items()
            if name in now.specs and now.specs[name] != digest
        )
