"""What all tests share: the hypothesis profile, golden files, and running commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli_harness import TASKS, Ran, Synth
from hypothesis import HealthCheck, settings

from synth.cli import main

settings.register_profile(
    "ci", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="record the texts of golden files anew")


@pytest.fixture
def synth(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Synth:
    """Run `synth` with these words, inside this process, in a folder that has `tasks.syn`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks.syn").write_text(TASKS, encoding="utf-8")

    def run(*words: str) -> Ran:
        code = main(words)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare text with a recorded file; `--update-golden` records it anew."""

    def check(path: Path, text: str) -> None:
        text = text.rstrip("\n") + "\n"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        recorded = path.read_text(encoding="utf-8") if path.exists() else "(no such file)"
        assert text == recorded, f"{path.name} differs; if meant: pytest --update-golden"

    return check
