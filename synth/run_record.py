"""A run on file: what was run, with what, and what came of it, so that it can be had again and compared.

The file is JSON. It names everything that decides a result: versions, the words with a hash of each, the tasks with a
hash of each spec, seed, guide, switches, and for each task the evaluations at which its search ended.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from dsl.errors import InterfaceError
from dsl.type_system import show_type
from dsl.values import show_value
from synth.attempt import TaskReport
from synth.budget import Budget
from synth.evaluate import Plan, Repeat, SolverFactory
from synth.guide.asking import AUTO, guide_files
from synth.search.switches import Switches
from synth.workload import Item, read_library
from tasks.sketches import show_sketch
from tasks.suite import BrokenTask
from tasks.task import Spec

__all__ = [
    "RunFile",
    "RunRecord",
    "TaskRun",
    "differences",
    "guide_digests",
    "other_than",
    "plan_of",
    "read_run",
    "run_of",
    "spec_digest",
    "task_run",
]

FORMAT = 2
_UNREADABLE = "unreadable"
_DISTRIBUTIONS = ("sketchwright", "numpy", "numba")
_DECISIVE = ("guide", "seed", "hidden", "top", "min_mass")
_SETTINGS = (*_DECISIVE, "limit", "pattern", "sketches", "noise")


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task of a run. `spec` hashes what the search saw; `words` hashes the task's own definitions.

    `answered` says that the search came to its end at `evaluations`, so that it can be replayed; `guidance` is what it
    was given (see `recorded_guidance`), `full_at` the evaluations after which memory was short. `program` is also
    there where it was found and not claimed.
    """

    task: str
    spec: str
    stop: str
    evaluations: int
    program: str | None
    bits: float | None
    answered: bool
    guidance: Mapping[str, Any] = field(default_factory=dict)
    full_at: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run: `settings` are those of the plan, `files` hashes of every file that was named, by its name.

    `words` has, by qualified name, the type and the hash of every word that all tasks share; `guide` hashes of the file
    of the guide and of the JSON beside it, by name, empty where no guide could be asked.
    """

    command: str
    versions: Mapping[str, str]
    sources: tuple[str, ...]
    examples: tuple[str, ...]
    primitive_files: tuple[str, ...]
    module_files: tuple[str, ...]
    files: Mapping[str, str]
    words: Mapping[str, tuple[str, str]]
    settings: Mapping[str, Any]
    switches: Mapping[str, bool]
    budget: Mapping[str, Any]
    tasks: tuple[TaskRun, ...] = ()
    guide: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The record as plain data."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RunRecord:
        """A record from plain data; KeyError, TypeError or ValueError where it is none."""
        if value["format"] != FORMAT:
            raise ValueError(f"this one is of format {value['format']!r}, and this version reads format {FORMAT}")
        given = {"guide": {}, **{f.name: value[f.name] for f in fields(cls) if f.name != "guide" or "guide" in value}}
        lists = {name: tuple(given[name]) for name in ("sources", "examples", "primitive_files", "module_files")}
        settings = {name: tuple(v) if isinstance(v, list) else v for name, v in given["settings"].items()}
        words = {name: (str(t), str(digest)) for name, (t, digest) in given["words"].items()}
        tasks = tuple(TaskRun(**task) for task in given["tasks"])
        return cls(**{**given, **lists, "settings": settings, "words": words, "tasks": tasks})


def run_of(plan: Plan, command: str) -> RunRecord:
    """The record of a run that is about to start."""
    library = read_library(plan.primitive_files, plan.module_files)
    digests = library.digests()
    named = (*plan.sources, *plan.primitive_files, *plan.module_files)
    return RunRecord(
        command=command,
        versions=_versions(),
        sources=plan.sources,
        examples=plan.examples,
        primitive_files=plan.primitive_files,
        module_files=plan.module_files,
        files={name: digest for name in named if (digest := _content(name)) is not None},
        words={entry.name: (show_type(entry.type), digests[entry.name]) for entry in library},
        settings={name: getattr(plan, name) for name in _SETTINGS},
        switches=asdict(plan.switches),
        budget=asdict(plan.budget),
        guide=guide_digests(plan.guide),
    )


def guide_digests(name: str) -> dict[str, str]:
    """Hashes of the files of a guide, by name: those of the one shipped by their bare names, wherever it lies."""
    found = guide_files(name)
    return {str(path) if name != AUTO else path.name: _hash(path.read_bytes()) for path in found}


def task_run(item: Item, report: TaskReport, shared: Mapping[str, tuple[str, str]]) -> TaskRun:
    """What is kept of one task; `shared` are the words of the run."""
    spec, words = _identity(item, shared)
    return TaskRun(
        item.name,
        spec,
        report.status,
        report.evaluations,
        report.program or report.guess,
        report.bits,
        report.answered,
        dict(report.guidance),
        report.full_at,
        words,
    )


def _identity(item: Item, shared: Mapping[str, tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """The hash of a task's spec, and of each word that it has for itself."""
    if isinstance(item.content, BrokenTask):
        return _UNREADABLE, {}
    library = item.content.library
    own = replace(library, entries={name: e for name, e in library.entries.items() if name not in shared})
    return spec_digest(item.content.spec), own.digests()


def spec_digest(spec: Spec) -> str:
    """A content hash of what a search sees: types, names, examples, queries, which words, sketches, and the noise."""
    request = spec.type_request

    def given(values: Sequence[object]) -> list[str]:
        return [show_value(v, t) for v, t in zip(values, request.parameters, strict=True)]

    content = {
        "parameters": spec.parameters,
        "type": show_type(request),
        "examples": [[*given(e.arguments), show_value(e.output, request.result)] for e in spec.examples],
        "queries": [given(query) for query in spec.queries],
        "words": sorted(spec.library.entries),
        "sketches": [show_sketch(sketch, spec.library, request) for sketch in spec.sketches],
        "noise": spec.noise,
    }
    return _hash(json.dumps(content).encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _content(source: str) -> str | None:
    """A hash of the file or folder that a source names; None for a suite's name, which the version stands for."""
    path = Path(source)
    if not path.exists():
        path = Path(source.partition(":")[2] or source)
    if path.is_file():
        return _hash(path.read_bytes())
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return _hash(b"".join(str(p.relative_to(path)).encode() + p.read_bytes() for p in files))
    return None


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in _DISTRIBUTIONS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def plan_of(record: RunRecord, make_solver: SolverFactory) -> Plan:
    """The plan that does a run again: every search ends at the evaluations at which it ended, and no clock counts."""
    return Plan(
        sources=record.sources,
        make_solver=make_solver,
        budget=Budget(**record.budget),
        primitive_files=record.primitive_files,
        module_files=record.module_files,
        examples=record.examples,
        switches=Switches(**record.switches),
        repeats={task.task: Repeat(task.evaluations, task.guidance, task.full_at) for task in record.tasks},
        **record.settings,
    )


def differences(record: RunRecord, now: RunRecord, items: Sequence[Item]) -> tuple[str, ...]:
    """Why a run cannot be had again here, a line each: versions, words, files of words, and tasks that are others."""
    return (*_other_versions(record, now), *_other_words(record, now), *_other_tasks(record, items))


def other_than(record: RunRecord, now: RunRecord) -> tuple[str, ...]:
    """What decides the results of a run and is another now, a line each: versions, words and their files, the guide.

    Files may have moved; what counts is what is in them.
    """
    pairs = zip(_word_files(record), _word_files(now), strict=False)
    found = {then: now.files[name] for then, name in pairs if name in now.files}
    moved = replace(now, primitive_files=record.primitive_files, module_files=record.module_files, files=found)
    guide = list(record.guide.values()) != list(now.guide.values())
    said = [f"guide {record.settings['guide']}: its content is another"] if guide else []
    return (*_other_versions(record, moved), *_other_words(record, moved), *said)


def _word_files(record: RunRecord) -> tuple[str, ...]:
    return (*record.primitive_files, *record.module_files)


def _other_versions(record: RunRecord, now: RunRecord) -> Iterator[str]:
    for name, version in record.versions.items():
        if now.versions.get(name) != version:
            yield f"{name}: {version} then, {now.versions.get(name)} now"


def _other_words(record: RunRecord, now: RunRecord) -> Iterator[str]:
    for name in _word_files(record):
        if record.files.get(name) != now.files.get(name):
            yield f"file {name}: its content is another"
    for name, (t, digest) in record.words.items():
        found = now.words.get(name)
        if found is None:
            yield f"word {name}: gone"
        elif found[0] != t:
            yield f"word {name}: of type {t} then, {found[0]} now"
        elif found[1] != digest:
            yield f"word {name}: its definition is another"
    yield from (f"word {name}: not there then" for name in now.words if name not in record.words)


def _other_tasks(record: RunRecord, items: Sequence[Item]) -> Iterator[str]:
    known = {item.name: item for item in items}
    for task in record.tasks:
        if task.task not in known:
            yield f"task {task.task}: gone"
            continue
        spec, words = _identity(known[task.task], record.words)
        if _UNREADABLE in (spec, task.spec) and spec != task.spec:
            yield f"task {task.task}: {'cannot be read now' if spec == _UNREADABLE else 'could not be read then'}"
            continue
        changed = [name for name in sorted({*words, *task.words}) if words.get(name) != task.words.get(name)]
        yield from (f"task {task.task}: its word {name} is another" for name in changed)
        if spec != task.spec and not changed:
            yield f"task {task.task}: its examples, types or words are others"


def read_run(path: Path) -> RunRecord:
    """A record from its file; InterfaceError where it is none."""
    try:
        return RunRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InterfaceError(f"cannot read {str(path)!r}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        detail = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise InterfaceError(
            "expected the record of a run, found something else",
            path=str(path),
            hint=f"`synth solve --out FILE` and `synth eval --out FILE.jsonl` write such records ({detail})",
        ) from None


@dataclass(slots=True)
class RunFile:
    """The file of a running run, whole after every task; a kill leaves the state before."""

    path: Path
    record: RunRecord
    _runs: dict[str, TaskRun] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, record: RunRecord, *, resume: bool = False) -> RunFile:
        """Start a file anew, or (`resume`) keep the tasks of the one that is there.

        Raises InterfaceError for a file that cannot be written, and where what is there was run in another way.
        """
        opened = cls(path, record)
        if resume and path.exists():
            earlier = read_run(path)
            _same_way(path, earlier, record)
            opened._runs = {run.task: run for run in earlier.tasks}
        opened._write()
        return opened

    def add(self, item: Item, report: TaskReport) -> None:
        """Keep what came of a task, at once."""
        self._runs[item.name] = task_run(item, report, self.record.words)
        self._write()

    def _write(self) -> None:
        whole = replace(self.record, tasks=tuple(self._runs.values()))
        half = self.path.with_name(f"{self.path.name}.part")
        try:
            half.write_text(json.dumps(whole.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            os.replace(half, self.path)
        except OSError as error:
            raise InterfaceError(f"cannot write {str(self.path)!r}: {error.strerror or error}") from None


def _same_way(path: Path, earlier: RunRecord, record: RunRecord) -> None:
    reasons = [*_other_versions(earlier, record), *_other_words(earlier, record)]
    pairs = ((name, earlier.settings[name], record.settings[name]) for name in _DECISIVE)
    reasons += [f"{name}: {then} then, {now} now" for name, then, now in pairs if then != now]
    if earlier.guide and earlier.guide != record.guide and earlier.settings["guide"] == record.settings["guide"]:
        reasons.append(f"guide {record.settings['guide']}: its content is another")
    reasons += [f"{name}: another than then" for name, on in earlier.switches.items() if record.switches[name] != on]
    if reasons:
        listed = "\n".join(f"    {reason}" for reason in reasons)
        raise InterfaceError(
            f"expected to go on with the same run, found another\n{listed}",
            path=str(path),
            hint="leave out --resume to start anew, or give another --out",
        )
