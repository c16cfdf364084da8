"""Kernels are used once they pay, their compiling is not charged, and results do not depend on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from scope_twin import engine_after
from specs import INTS, spec_of

from dsl.grammar import Production
from dsl.primitives import CORE
from dsl.program import Name
from dsl.type_system import BOOL, INT, REAL, Type
from synth.budget import Budget, Meter
from synth.search.engine import Engine
from synth.search.kernels import ready
from synth.search.kernels.convention import DEFINED, Kernel
from synth.search.kernels.ready import Kernels, compile_all, compiled_before, load
from synth.search.scope import Scope
from synth.search.switches import Switches
from tasks.task import Spec

NEGATE = Production(Name("int.negate"), (INT,), INT, 1.0, "int.negate")
SORT = Production(Name("list.sort"), (INTS,), INTS, 1.0, "list.sort")


@dataclass
class FakeLoop:
    """A compiled function as Numba makes it: it compiles when it is first called, or finds its code on disk."""

    on_disk: bool = False
    signatures: list[object] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *arguments: Any) -> None:
        if not self.signatures:
            burn(0.08)
            self.signatures.append("compiled")
        burn(0.02)
        self.calls.append(arguments)


def burn(seconds: float) -> None:
    """Work for so many CPU-seconds."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> FakeLoop:
    """The loop of all words' kernels."""
    made = FakeLoop()
    monkeypatch.setattr(ready, "kernel_for", lambda word, parameters, result: Kernel(made, "cell"))
    monkeypatch.setattr(ready, "compiled_before", lambda kernel: made.on_disk)
    return made


def kernels_of(meter: Meter, enabled: bool = True) -> tuple[Kernels, list[str]]:
    told: list[str] = []
    return Kernels(enabled, meter, told.append), told


def test_a_cold_word_runs_as_python_until_it_is_hot(loop: FakeLoop) -> None:
    kernels, told = kernels_of(Budget().start())
    assert kernels.find(NEGATE, 9_000) is None
    assert kernels.find(SORT, 15_000) is None  # each word is counted on its own
    assert kernels.find(NEGATE, 10_999) is None
    assert told == []
    found = kernels.find(NEGATE, 1)
    assert found is not None
    assert found.loop is loop
    assert told == ["int.negate"]
    assert kernels.find(NEGATE, 1) is found
    assert told == ["int.negate"]


@pytest.mark.parametrize("where", ["on disk", "in memory"])
def test_a_word_compiled_before_is_used_at_once(loop: FakeLoop, where: str) -> None:
    loop.on_disk = where == "on disk"
    loop.signatures = ["compiled"] if where == "in memory" else []
    kernels, told = kernels_of(Budget().start())
    assert kernels.find(NEGATE, 1) is not None
    assert told == []


def test_a_word_without_a_kernel_stays_python(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(ready, "kernel_for", lambda word, parameters, result: asked.append(word))
    kernels, _ = kernels_of(Budget().start())
    assert kernels.find(NEGATE, 10**9) is kernels.find(NEGATE, 10**9) is None
    assert asked == ["int.negate"]


def test_no_kernel_is_used_where_they_are_off(loop: FakeLoop) -> None:
    loop.signatures = ["compiled"]
    kernels, _ = kernels_of(Budget().start(), enabled=False)
    assert kernels.find(NEGATE, 10**9) is None


def test_compiling_is_not_charged_and_running_is(loop: FakeLoop) -> None:
    meter = Budget(seconds=60).start()
    kernels, _ = kernels_of(meter)
    kernel = Kernel(loop, "cell")
    kernels.call(kernel, (1,))
    first = meter.seconds
    assert meter.not_counted >= 0.1  # compiled and run
    kernels.call(kernel, (2,))
    assert meter.seconds - first >= 0.02
    assert meter.not_counted < 0.2
    assert loop.calls == [(1,), (2,)]


def test_what_is_rehearsed_is_not_charged_either_and_only_once(loop: FakeLoop) -> None:
    meter, times = Budget().start().branch(), []

    def rehearse() -> None:
        times.append(meter.seconds)
        loop()

    load(meter, loop, rehearse)
    load(meter, loop, rehearse)
    assert len(times) == 1
    assert meter.root.not_counted >= 0.1
    assert meter.seconds < 0.1


def test_all_kernels_of_some_words() -> None:
    told: list[tuple[str, int, int]] = []
    count = compile_all(lambda *where: told.append(where), [CORE["int.add"], CORE["order.lt"], CORE["bool.and"]])
    assert count == 3  # of `lt` one for numbers and one for lists; `and` needs none
    assert told == [("int.add", 0, 3), ("order.lt", 1, 3), ("order.lt", 2, 3)]
    for word, t, result in (("int.add", INT, INT), ("order.lt", INT, BOOL), ("order.lt", INTS, BOOL)):
        kernel = ready.kernel_for(word, (t, t), result)
        assert kernel is not None
        assert compiled_before(kernel)


def test_a_users_word_of_a_built_in_name_has_no_kernel() -> None:
    other = CORE["int.subtract"]
    assert compile_all(words=[type(other)(**{f: getattr(other, f) for f in fields_of(other)} | {"weight": 3.0})]) == 0


def fields_of(thing: Any) -> Iterator[str]:
    """The names of a dataclass's arguments."""
    return (name for name, made in type(thing).__dataclass_fields__.items() if made.init)


# ---- The same with kernels and without ------------------------------------------------------------------------------

LISTS = ((3, 1, 2), (), (5, 5, -7, 0), (9,))
REALS = (1.5, -0.25, 3e300, 0.0)
SPECS = {
    "lists": spec_of(*zip(LISTS, ((91, 17), (48,), (), (66, 3, 29)), strict=True)),
    "limits": spec_of(*zip((2**63 - 1, -(2**63), 0, 2**31), (37, 91, 44, 71), strict=True), types=(INT,), result=INT),
    "reals": spec_of(*zip(REALS, (77.1, 3.3, 1e9, 4.25), strict=True), types=(REAL,), result=REAL),
}


@contextmanager
def all_words_hot(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every word is worth compiling from the first cell on."""
    with monkeypatch.context() as patched:
        patched.setattr(ready, "_WORTH_COMPILING", 0)
        yield


def classes_of(engine: Engine, scope: Scope) -> Iterator[tuple[Type, Any]]:
    """Everything that is known of the classes of a scope, with values for cells."""
    for t, bank in scope.banks.items():
        for number in range(bank.count):
            cells = zip(bank.cells[number].tolist(), bank.status[number].tolist(), strict=True)
            column = [repr(engine.store.decode(c, t)) if s == DEFINED else None for c, s in cells]
            heads = [(repr(scope.heads[d.production]), d.arguments) for d in bank.derivations(number)]
            yield t, (number, column, int(bank.cost[number]), float(bank.mass[number]), heads)


@pytest.mark.parametrize("name", SPECS)
def test_a_search_is_the_same_with_kernels_and_without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes, their order, cost, mass and derivations, in the top scope and in all lambdas."""

    def search(spec: Spec, kernels: bool) -> Engine:
        return engine_after(spec, 6_000, Switches(kernels=kernels))

    with all_words_hot(monkeypatch):
        compiled = search(SPECS[name], True)
    plain = search(SPECS[name], False)
    assert [s.key for s in compiled.scopes] == [s.key for s in plain.scopes]
    assert compiled.classes > 150
    for mine, other in zip(compiled.scopes, plain.scopes, strict=True):
        assert np.array_equal(mine.owner, other.owner)
        assert list(classes_of(compiled, mine)) == list(classes_of(plain, other))
    assert compiled.judge.near.keys() == plain.judge.near.keys()


@pytest.mark.parametrize("word", ["list.sort", "list.map", "int.add"])
def test_hot_words_are_compiled_in_a_search(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would show nothing if all words ran as Python."""
    used: list[str] = []
    find: Callable[..., Kernel | None] = Kernels.find

    def watched(self: Kernels, production: Production, cells: int) -> Kernel | None:
        found = find(self, production, cells)
        if found is not None:
            used.append(production.key)
        return found

    monkeypatch.setattr(Kernels, "find", watched)
    with all_words_hot(monkeypatch):
        engine_after(SPECS["lists"], 1_500)
    assert word in used
