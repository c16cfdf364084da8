"""Plug-ins: what works is offered, what does not is named, and neither hinders the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.library import Library
from dsl.plugins import Broken, Offer, offered, offered_functions

MODULE = """
from dsl import Library, primitive

@primitive
def double(x: int) -> int:
    "Twice the number."
    return x + x

LIBRARY = Library.of(double)
NUMBER = 3

def make(config):
    return config
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Install a distribution of one module, by hand."""

    def install(name: str, module: str, entry_points: str) -> None:
        (tmp_path / f"{name}.py").write_text(module, encoding="utf-8")
        information = tmp_path / f"{name}-1.2.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n", encoding="utf-8")
        (information / "entry_points.txt").write_text(entry_points, encoding="utf-8")

    monkeypatch.syspath_prepend(tmp_path)
    return install


def test_what_works_is_offered_beside_what_does_not(install) -> None:  # type: ignore[no-untyped-def]
    install(
        "plug_words",
        MODULE,
        "[dsl.libraries]\ngood = plug_words:LIBRARY\nwrong = plug_words:NUMBER\nmissing = plug_words:NOTHING\n",
    )
    install("plug_crash", "raise RuntimeError('no licence')", "[dsl.libraries]\ncrash = plug_crash:LIBRARY\n")
    install("plug_exit", "raise SystemExit(3)", "[dsl.libraries]\nexit = plug_exit:LIBRARY\n")
    install("plug_absent", "", "[dsl.libraries]\nabsent = plug_nowhere:LIBRARY\n")
    found = {item.name: item for item in offered("dsl.libraries", Library)}
    good = found.pop("good")
    assert isinstance(good, Offer)
    assert "double" in good.value
    assert good.source == "dsl.libraries: good = plug_words:LIBRARY of plug_words 1.2"
    assert [str(item) for item in found.values()] == [
        "dsl.libraries: absent = plug_nowhere:LIBRARY of plug_absent 1.2: it does not load: "
        "ModuleNotFoundError: No module named 'plug_nowhere'",
        "dsl.libraries: crash = plug_crash:LIBRARY of plug_crash 1.2: it does not load: RuntimeError: no licence",
        "dsl.libraries: exit = plug_exit:LIBRARY of plug_exit 1.2: it does not load: SystemExit: 3",
        "dsl.libraries: missing = plug_words:NOTHING of plug_words 1.2: it does not load: "
        "AttributeError: module 'plug_words' has no attribute 'NOTHING'",
        "dsl.libraries: wrong = plug_words:NUMBER of plug_words 1.2: expected a Library, found a value of type int",
    ]


def test_functions_are_offered_and_what_is_none_is_named(install) -> None:  # type: ignore[no-untyped-def]
    install("plug_solvers", MODULE, "[synth.solvers]\nmine = plug_solvers:make\nnone = plug_solvers:NUMBER\n")
    found = {item.name: item for item in offered_functions("synth.solvers")}
    assert isinstance(found["mine"], Offer)
    assert found["mine"].value(7) == 7
    assert isinstance(found["none"], Broken)
    assert found["none"].reason == "expected a function, found a value of type int"


def test_of_two_offers_of_one_name_the_second_is_broken(install) -> None:  # type: ignore[no-untyped-def]
    install("plug_one", MODULE, "[dsl.libraries]\nwords = plug_one:LIBRARY\n")
    install("plug_two", MODULE, "[dsl.libraries]\nwords = plug_two:LIBRARY\n")
    first, second = offered("dsl.libraries", Library)
    assert isinstance(first, Offer)
    assert isinstance(second, Broken)
    assert second.reason == f"the name is taken: {first.source}"
