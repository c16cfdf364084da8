"""A whole small comparison on worker processes: what it leaves behind, how it goes on, how it is interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from small_protocol import SMALL, make_small, with_learner

import synth.compare.manifest as manifest
import synth.compare.runner as runner
from dsl.errors import InterfaceError
from synth.compare import comparison_lines, comparison_table, protocol_named, run_protocol
from synth.compare.manifest import code_digest
from synth.compare.protocol import Protocol
from synth.compare.records import Run
from synth.compare.run_file import RunFile, read_runs
from synth.compare.runner import ComparisonProgress, ComparisonResult, compare, planned_cells

CELLS = len(list(planned_cells(SMALL, SMALL.efforts["quick"], (0, 1))))


@pytest.fixture(scope="module", autouse=True)
def _settled_code() -> Iterator[None]:
    """The code's hash held still, so that an editor at work beside the tests makes no run stale."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "code_digest", lambda: "code")
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[ComparisonResult, list[ComparisonProgress]]:
    told: list[ComparisonProgress] = []
    out = tmp_path_factory.mktemp("small")
    return compare(make_small, budget="quick", jobs=2, out=out, progress=told.append, command="synth compare"), told


def again(out: Path, **options: object) -> ComparisonResult:
    return compare(make_small, budget="quick", jobs=1, out=out, command="synth compare", **options)  # type: ignore[arg-type]


def test_every_cell_has_one_run(finished: tuple[ComparisonResult, list[ComparisonProgress]]) -> None:
    result, told = finished
    assert not result.interrupted
    assert not result.crashed
    runs = read_runs(result.folder / "runs.jsonl")
    assert len(runs) == len({run.key for run in runs}) == CELLS == 16
    assert [progress.done for progress in told] == list(range(CELLS + 1))
    assert {run.outcome for run in runs if run.side == "program"} == {"correct"}


def test_only_the_rules_that_a_small_run_breaks_are_broken(
    finished: tuple[ComparisonResult, list[ComparisonProgress]],
) -> None:
    """Two seeds are too few, a net of 12 steps is under-trained, and nobody varied the words."""
    result, _ = finished
    assert {rule.number for rule in result.rules if not rule.passed} == {"F6", "F9", "F12"}


def test_the_manifest_says_how_it_was_run(finished: tuple[ComparisonResult, list[ComparisonProgress]]) -> None:
    result, _ = finished
    told = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
    assert (told["protocol"], told["budget"], told["seeds"]) == ("small", "quick", [0, 1])
    assert (told["planned"], told["done"], told["threads"]) == (CELLS, CELLS, 1)
    assert told["effort"]["steps"] == {"last_bit": 12, "backwards": 12}
    assert told["machine"]["cpu"]
    assert result.report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_table_and_the_lines_tell_it(finished: tuple[ComparisonResult, list[ComparisonProgress]]) -> None:
    result, _ = finished
    table = comparison_table(result)
    assert len(table.rows) == 8
    assert all(len(row) == len(table.headings) for row in table.rows)
    assert table.rows[0][:2] == ("last_bit", "learned program")
    lines = "\n".join(comparison_lines(result))
    assert "backwards: fold(lambda done, x: cons(x, done), [], xs)" in lines
    assert "programs: 4 draws of examples" in lines
    assert f"report: {result.report}" in lines


def test_a_finished_comparison_runs_nothing_again(
    finished: tuple[ComparisonResult, list[ComparisonProgress]], monkeypatch: pytest.MonkeyPatch
) -> None:
    result, _ = finished
    given: list[int] = []

    def no_jobs(prepare: object, config: object, jobs: list[object], **_: object) -> list[object]:
        given.append(len(jobs))
        return []

    monkeypatch.setattr(runner, "run_jobs", no_jobs)
    repeated = again(result.folder)
    assert given == [0]
    assert not repeated.interrupted
    assert repeated.analysis.runs == result.analysis.runs


def test_a_part_is_run_and_shares_its_runs_with_the_whole(
    finished: tuple[ComparisonResult, list[ComparisonProgress]], tmp_path: Path
) -> None:
    whole, _ = finished
    part = again(tmp_path, tasks=("last_bit",), learners=("oracle", "program"))
    assert {run.key[:2] for run in part.analysis.runs} == {("last_bit", "program"), ("last_bit", "oracle")}
    assert part.manifest.digest == whole.manifest.digest
    rest = again(tmp_path, tasks=("last_bit",))
    assert rest.manifest.resumed == part.manifest.done == 4
    assert "backwards" not in rest.analysis.tasks


def test_a_part_that_is_none_is_refused(tmp_path: Path) -> None:
    only = MappingProxyType({"program": ("backwards",)})

    def make() -> Protocol:
        return replace(SMALL, efforts=MappingProxyType({"quick": replace(SMALL.efforts["quick"], only=only)}))

    with pytest.raises(InterfaceError, match="of program nobody runs on last_bit"):
        compare(make, budget="quick", out=tmp_path, tasks=("last_bit",), learners=("program",))


def test_a_half_written_line_is_run_again(
    finished: tuple[ComparisonResult, list[ComparisonProgress]], tmp_path: Path
) -> None:
    result, _ = finished
    lines = (result.folder / "runs.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "runs.jsonl").write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    repeated = again(tmp_path)
    assert {run.key for run in read_runs(tmp_path / "runs.jsonl")} == {run.key for run in result.analysis.runs}
    assert (repeated.manifest.done, repeated.manifest.resumed) == (CELLS, CELLS - 1)


def test_an_interrupted_comparison_keeps_what_it_has(tmp_path: Path) -> None:
    done: list[ComparisonProgress] = []

    def stopping() -> bool:
        return sum(progress.run is not None for progress in done) >= 1

    result = again(tmp_path, progress=done.append, stopping=stopping)
    kept = read_runs(tmp_path / "runs.jsonl")
    assert result.interrupted
    assert 1 <= len(kept) < CELLS
    assert comparison_lines(result)[0].startswith(f"interrupted: {len(kept)} of {CELLS} runs are kept in")
    assert "Interrupted" in result.report.read_text(encoding="utf-8")


def test_ctrl_c_keeps_what_there_is(tmp_path: Path) -> None:
    def press(progress: ComparisonProgress) -> None:
        if progress.run is not None:
            raise KeyboardInterrupt

    result = again(tmp_path, progress=press)
    assert result.interrupted
    assert len(read_runs(tmp_path / "runs.jsonl")) == 1


def make_dying() -> Protocol:
    small = MappingProxyType({"quick": replace(SMALL.efforts["quick"], tasks=("last_bit",))})
    return replace(with_learner("program", run=die), efforts=small)


def die(source: object, effort: object, cell: object) -> Run:
    import os

    os._exit(9)


def test_a_worker_that_dies_is_a_crash_of_its_cell(tmp_path: Path) -> None:
    result = compare(make_dying, budget="quick", seeds=1, jobs=1, out=tmp_path, command="synth compare")
    assert {(run.learner, run.outcome) for run in result.crashed} == {("program", "crash")}
    assert "ended with code 9" in result.crashed[0].message
    assert len(result.analysis.runs) == 4


def test_runs_of_another_manifest_are_moved_aside(
    finished: tuple[ComparisonResult, list[ComparisonProgress]], tmp_path: Path
) -> None:
    result, _ = finished
    lines = (result.folder / "runs.jsonl").read_text(encoding="utf-8")
    (tmp_path / "runs.jsonl").write_text(lines.replace(result.manifest.digest, "another"), encoding="utf-8")
    store = RunFile.open(tmp_path, result.manifest.digest)
    store.close()
    assert store.runs == []
    assert store.set_aside == tmp_path / "runs-another.jsonl"
    assert len(read_runs(store.set_aside)) == CELLS


@pytest.mark.parametrize("text", ["not json\n", '{"format": 1}\n', "[]\n", '{"format": 7, "task": "x"}\n'])
def test_a_file_of_something_else_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(InterfaceError, match=r"runs\.jsonl:1: expected a run"):
        RunFile.open(tmp_path, "digest")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(InterfaceError, match="cannot write"):
        again(tmp_path / "out")


def test_unknown_names_get_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InterfaceError, match="did you mean 'length'"):
        protocol_named("lenght")
    with pytest.raises(InterfaceError, match="did you mean 'quick'"):
        run_protocol("length", budget="quik", out=tmp_path)
    with pytest.raises(InterfaceError, match="at least one seed"):
        run_protocol("length", seeds=0, out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_code_has_a_hash_and_the_machine_a_name() -> None:
    assert len(code_digest()) == 16
    assert manifest.cpu_model()
