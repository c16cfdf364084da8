"""Protocols by name, from files and from installed packages; what is refused, and where the fault is."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_protocol import SMALL

from dsl.errors import InterfaceError
from synth.compare import catalogue
from synth.compare.axis import Axis, Group, numbered_axis
from synth.compare.catalogue import PROTOCOLS, protocol_from_file, protocol_named, protocol_names
from synth.compare.fairness import forbidden_words
from synth.compare.protocol import Contest, Prediction
from synth.compare.streams import identity_of

GOLDEN = Path(__file__).parent.parent / "golden" / "compare_protocol_errors.txt"

COIN = """
from synth.compare import Axis, Effort, Learner, Protocol, ProtocolTask, Run, Score

def guess(source, effort, cell):
    return Run.of(cell, "reference", scores=(Score("heads", 1, 2, "2"),))

PROTOCOL = Protocol(
    name="coin", title="A coin", claim="Coins fall.", question="Which side?", source=str,
    tasks=(ProtocolTask("toss", "toss it"),),
    axis=Axis("side", "side of the coin", ("heads", "tails"), inside=("heads",), headline="heads"),
    learners=(Learner("guess", "a guess", "reference", guess, "guesses"),),
    efforts={"quick": Effort("quick", tasks=("toss",), seeds=1)},
)
"""


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_every_protocol_of_ours_fits_together_and_claims_nothing(name: str) -> None:
    found = protocol_named(name)
    assert found.name == name
    assert {"quick", "standard", "full"} <= set(found.efforts)
    for text in (found.claim, found.question, found.tuning.text, *found.threats, *(p.why for p in found.predictions)):
        assert forbidden_words(text) == []


def test_a_file_of_somebody_else_is_a_protocol(tmp_path: Path) -> None:
    path = tmp_path / "coin.py"
    path.write_text(COIN, encoding="utf-8")
    found = protocol_from_file(str(path))
    assert found.name == "coin"
    assert found.digest() == protocol_from_file(str(path)).digest(), "the same in every process"


def test_an_installed_package_names_protocols(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = importlib.metadata.EntryPoint("small", "small_protocol:SMALL", catalogue.ENTRY_POINTS)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda *, group: [entry])
    assert protocol_names() == (*PROTOCOLS, "small")
    assert protocol_named("small").name == "small"


def refused(action: Callable[[], object], folder: Path) -> str:
    with pytest.raises(InterfaceError) as caught:
        action()
    return str(caught.value).replace(str(folder), "FOLDER")


def test_a_file_with_a_fault_says_where(golden: Callable[[Path, str], None], tmp_path: Path) -> None:
    def of(text: str) -> Callable[[], object]:
        path = tmp_path / f"file{len(list(tmp_path.iterdir()))}.py"
        path.write_text(text, encoding="utf-8")
        return lambda: protocol_from_file(str(path))

    actions = [
        of("x = (1,\n"),
        of("x = 1\n\nraise ValueError('too small')\n"),
        of("x = 1\n"),
        of("PROTOCOL = 7\n"),
        of("import sys\n\nsys.exit(0)\n"),
        of("import no_such_package\n"),
        of(COIN.replace('headline="heads"', 'headline="edge"')),
        of(COIN.replace('tasks=("toss",)', 'tasks=("throw",)')),
        lambda: protocol_from_file(str(tmp_path / "nothing.py")),
        lambda: replace(SMALL, predictions=(Prediction("last_bit", "grue", 12, "", at_least=1.0),)).check(),
        lambda: replace(SMALL, contests=(Contest("last_bit", "program", "gru", 7),)).check(),
        lambda: replace(SMALL, learners=(*SMALL.learners, SMALL.learners[0])).check(),
    ]
    golden(GOLDEN, "\n\n".join(refused(action, tmp_path) for action in actions))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "found neither"),
        (["length", "--protocol", "coin.py"], "found both"),
        (["--protocol", "absent.py"], "expected a Python file with a PROTOCOL, found 'absent.py'"),
        (["lenght"], "did you mean 'length'"),
    ],
)
def test_the_command_says_what_it_wants(arguments: list[str], said: str, tmp_path: Path) -> None:
    found = command(tmp_path, *arguments)
    assert found.returncode == 4
    assert said in found.stderr


def test_a_broken_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = importlib.metadata.EntryPoint("broken", "no_such_package:PROTOCOL", catalogue.ENTRY_POINTS)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda *, group: [entry])
    with pytest.raises(InterfaceError, match=r"protocol 'broken' of an installed package \(no_such_package:PROTOCOL\)"):
        protocol_named("broken")


def test_a_fault_is_placed_in_a_file_by_its_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "coin.py").write_text("x = 1\n1 / 0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InterfaceError, match=r"^coin\.py:2: ZeroDivisionError"):
        protocol_from_file("coin.py")


def test_a_crash_in_a_file_is_no_bug_of_ours(tmp_path: Path) -> None:
    (tmp_path / "coin.py").write_text(COIN.replace("Score(", "Scoer(").replace(", Score", ""), encoding="utf-8")
    found = command(tmp_path, "--protocol", "coin.py", "--jobs", "1", "--out", "out")
    assert found.returncode == 4
    assert "crash in coin.py: toss, guess, seed 0: NameError: name 'Scoer' is not defined" in found.stderr
    assert "BUG" not in found.stderr
    assert "Traceback" in (tmp_path / "out" / "runs.jsonl").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "report.html").exists()


def test_the_command_runs_a_file(tmp_path: Path) -> None:
    (tmp_path / "coin.py").write_text(COIN, encoding="utf-8")
    found = command(tmp_path, "--protocol", "coin.py", "--jobs", "1")
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "runs" / "compare-coin-quick" / "report.html").exists()
    assert "a guess" in found.stdout
    assert "[1/1] toss, guess, seed 0: reference" in found.stderr


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    run = "import sys; from synth.cli import main; sys.argv[0] = 'synth'; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", run, "compare", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_points_of_an_axis_belong_together() -> None:
    with pytest.raises(InterfaceError, match="expected different points"):
        Axis("a", "a", (1, 1), (), 1)
    with pytest.raises(InterfaceError, match="expected points of the axis 'a', found 3"):
        Axis("a", "a", (1, 2), (), 1, groups=(Group("3", (3,)),))
    axis = Axis("strength", "strength of the attack", (0.0, 0.0625), (0.0,), 0.0625, attack=True)
    assert [group.title for group in axis.columns] == ["0", "0.0625"]
    assert axis.kept == axis.points
    assert numbered_axis("n", "n", (1, 2, 3), trained=(1, 2), headline=3).columns[0] == Group("1 to 2", (1, 2))


def test_identity_is_by_name_and_content() -> None:
    assert identity_of(SMALL.learner("gru").run) == identity_of(SMALL.learner("gru").run)
    assert identity_of(SMALL.learner("gru").run) != identity_of(SMALL.learner("other").run)
    assert replace(SMALL, claim="another").digest() == SMALL.digest(), "words that decide nothing"
    assert replace(SMALL, predictions=()).digest() != SMALL.digest()
