"""`--guide FILE` and `--guide auto`: what is said, what is refused, and that torch is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_harness import Synth

from dsl.errors import InterfaceError
from synth.guide.asking import Asking, is_guide_file, later_for, load_guide, shipped_checkpoint
from synth.pipeline import make_solver

ODD = """
task odd(xs: list[int]) -> list[int]
    example [3, 1, 2] -> [91, 7, 1055, 23]
    example [5, 5] -> [8, 977]
"""
MINE = """
from synth.guidance import Guidance


class Mine:
    name = "mine"

    def predict(self, spec):
        return Guidance("my own rule", {"list.reverse": -3.0, "list.map": -1.5})


guide = Mine()
"""
MUTE = """
from synth.guide.guide import CannotGuide


class Mute:
    name = "mute"

    def predict(self, spec):
        raise CannotGuide("no encoder for type list[int]")


guide = Mute()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "odd.syn").write_text(ODD, encoding="utf-8")
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    (tmp_path / "mute.py").write_text(MUTE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def without_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.guide.asking.shipped_checkpoint", lambda: None)


@pytest.mark.parametrize("command", ["solve", "eval", "explain"])
def test_a_guide_in_a_file_guides(synth: Synth, folder: Path, command: str) -> None:
    ran = synth(command, "tasks.syn", "odd.syn", "--guide", "mine.py", "--evaluations", "3000")
    assert ran.code == 1, ran.err
    assert "my own rule" in ran.out or "guide: mine.py" in ran.err


def test_a_run_under_it_replays_without_it(synth: Synth, folder: Path) -> None:
    synth("solve", "odd.syn", "tasks.syn", "--guide", "mine.py", "--evaluations", "9000", "--out", "run.json")
    (folder / "mine.py").unlink()
    ran = synth("replay", "run.json")
    assert (ran.code, ran.out) == (0, "3 of 3 the same\n"), ran.err


def test_one_that_cannot_help_says_so_and_the_search_goes_on(synth: Synth, folder: Path) -> None:
    ran = synth("solve", "tasks.syn", "--guide", "mute.py")
    assert ran.code == 0
    assert ran.out.count("guide: off (no encoder for type list[int])") == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('never seen')", "mute.py failed: ValueError: never seen"),
        (
            "from synth.guidance import Guidance; return Guidance('nan', {'list.map': float('nan')})",
            "it said list.map nan",
        ),
        (
            "from synth.guidance import Guidance; return Guidance('n', contexts={('', 0): {'list.map': float('inf')}})",
            "it said list.map inf",
        ),
        (
            "from synth.guidance import Guidance; return Guidance('n', subgoals=((None, 0.0),))",
            "it said a subgoal of probability 0.0",
        ),
        ("return None", "mute.py failed: AttributeError"),
    ],
)
def test_one_of_yours_that_fails_is_no_bug_of_ours(synth: Synth, folder: Path, body: str, reason: str) -> None:
    (folder / "mute.py").write_text(MUTE.replace('raise CannotGuide("no encoder for type list[int]")', body))
    ran = synth("solve", "tasks.syn", "--guide", "mute.py")
    assert ran.code == 0, ran
    assert f"guide: off ({reason}" in ran.out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.py", None, "cannot read the guide 'gone.py': there is no such file"),
        ("gone.safetensors", None, "cannot read the guide 'gone.safetensors': there is no such file"),
        ("torn.py", "guide = (", "the guide failed to load: SyntaxError"),
        ("empty.py", "", "expected a guide named `guide`, found none"),
        ("seven.py", "guide = 7", "found int, which lacks `name` or `predict`"),
    ],
)
def test_a_file_that_is_no_guide_is_an_error_at_once(
    synth: Synth, folder: Path, name: str, content: str | None, message: str
) -> None:
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    ran = synth("solve", "tasks.syn", "--guide", name)
    assert (ran.code, ran.out) == (4, "")
    assert message in ran.err


@pytest.mark.parametrize("command", ["solve", "eval", "explain"])
def test_a_torn_checkpoint_is_an_error_at_once(synth: Synth, folder: Path, command: str) -> None:
    (folder / "torn.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
    ran = synth(command, "tasks.syn", "--guide", "torn.safetensors")
    assert (ran.code, ran.out) == (4, "")
    assert "torn.safetensors" in ran.err


@pytest.mark.usefixtures("without_checkpoint")
def test_without_a_checkpoint_auto_says_that_there_is_none_and_the_default_says_nothing(synth: Synth) -> None:
    assert "this version has none" in synth("solve", "tasks.syn", "--guide", "auto").err
    ran = synth("solve", "tasks.syn")
    assert ran.err == ""
    assert ran.out.count("guided by none") == 2
    assert "this version has none" in synth("eval", "tasks.syn").err


@pytest.mark.usefixtures("without_checkpoint")
def test_asking_a_guide_that_is_not_there_is_answered() -> None:
    from specs import EVENS

    assert Asking()(EVENS).source == "off (this version ships no guide that pays)"


def test_what_is_shipped_is_asked_when_a_search_has_come_far(
    synth: Synth, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synth.guide.asking.shipped_checkpoint", lambda: folder / "mine.py")
    ran = synth("solve", "tasks.syn", "odd.syn", "--evaluations", "30000", "--out", "run.json")
    assert ran.out.count("guided by none") == 2
    assert ran.out.count("guided by my own rule (asked after 20,000 evaluations)") == 1
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert synth("replay", "run.json").out == "3 of 3 the same\n"


def test_names_of_guides() -> None:
    assert [is_guide_file(name) for name in ("a.py", "b/c.safetensors", "auto", "model.pt")] == [
        True,
        True,
        False,
        False,
    ]
    assert (later_for("auto").after, later_for("mine.py").after) == (20_000, 0)
    with pytest.raises(ValueError, match="expected a guide of none, online, auto or the name of a file"):
        make_solver("oracle")
    with pytest.raises(InterfaceError, match="no such file"):
        load_guide(Path("nowhere.safetensors"))
    shipped = shipped_checkpoint()
    assert shipped is None or shipped.is_file()


@pytest.mark.parametrize("guide", [("--guide", "none"), ("--guide", "online"), ()])
def test_an_easy_search_never_imports_torch(folder: Path, guide: tuple[str, ...]) -> None:
    (folder / "tasks.syn").write_text(
        "task back(xs: list[int]) -> list[int]\n    example [1, 2, 3] -> [3, 2, 1]\n    example [4, 9] -> [9, 4]\n"
    )
    code = (
        "import sys\nfrom synth.cli import main\n"
        f"code = main(['solve', 'tasks.syn', {', '.join(map(repr, guide))}])\n"
        "assert code == 0, code\nassert 'torch' not in sys.modules, 'torch was imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_a_long_search_without_a_guide_never_imports_torch(folder: Path) -> None:
    code = (
        "import sys\nfrom synth.cli import main\n"
        "code = main(['solve', 'odd.syn', '--guide', 'none', '--evaluations', '40000'])\n"
        "assert code == 1, code\nassert 'torch' not in sys.modules, 'torch was imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
