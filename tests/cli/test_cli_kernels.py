"""`synth kernels`: compile beforehand, say where machine code is, remove it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_harness import Synth

from dsl.primitives import CORE
from synth.search.kernels.compiled import cached_in, is_loaded, is_on_disk
from synth.search.kernels.lexicographic import KERNELS as OF_LISTS
from synth.search.kernels.scalars import KERNELS
from synth.search.warming import machine_code_files, machine_code_folder, warm_up


def test_words_are_ready_afterwards(synth: Synth) -> None:
    ran = synth("kernels", "order.l", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["kernels"], ran.json["folder"]) == (4, str(machine_code_folder()))
    assert ran.json["megabytes"] > 0
    for kernels in (KERNELS, OF_LISTS):
        for word in ("order.lt", "order.le"):
            assert is_loaded(kernels[word].loop)
            assert is_on_disk(kernels[word].loop)


def test_a_line_for_people(synth: Synth) -> None:
    ran = synth("kernels", "bool.not")
    assert ran.out.startswith("1 kernel ready after ")
    assert ran.out.endswith(f" MB in {machine_code_folder()}\n")
    assert ran.err == ""


def test_all_that_is_kept_can_be_removed(synth: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.search.warming.machine_code_folder", lambda: tmp_path)
    for name in ("scalars._add-1.py311.nbi", "scalars._add-1.py311.1.nbc", "scalars.cpython-311.pyc"):
        (tmp_path / name).write_bytes(b"x" * 60_000)
    ran = synth("kernels", "--clear", "--json")
    assert ran.json == {"removed": 2, "megabytes": 0.1, "folder": str(tmp_path)}
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".syn"] == ["scalars.cpython-311.pyc"]
    assert synth("kernels", "--clear").out == f"removed 0 files, 0.0 MB, from {tmp_path}\n"


def test_every_word_is_told_once_before_it_is_compiled() -> None:
    told: list[tuple[str, int, int]] = []
    words = [CORE["bool.not"], CORE["bool.and"]]
    assert warm_up(lambda *where: told.append(where), words) == 1
    assert told == [("bool.not", 0, 1)]


def test_machine_code_is_where_it_is_said_to_be() -> None:
    warm_up(words=[])
    assert cached_in(KERNELS["int.add"].loop) == machine_code_folder()
    assert any(path.name.startswith("columns.classify") for path in machine_code_files())
