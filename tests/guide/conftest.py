"""The command line in tests, as in `tests/cli`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_harness import TASKS, Ran, Synth

from synth.cli import main


@pytest.fixture
def synth(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Synth:
    """Run `synth` with these words, in a folder that has `tasks.syn`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks.syn").write_text(TASKS, encoding="utf-8")

    def run(*words: str) -> Ran:
        code = main(words)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
