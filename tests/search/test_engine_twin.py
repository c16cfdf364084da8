"""The search's columns are what the interpreter says: every class, on every row, for every derivation kept."""

from __future__ import annotations

import pytest
from specs import INTS, T0, spec_of

from dsl.interpreter import run
from dsl.program import Lambda
from dsl.type_system import BOOL, INT, list_of
from dsl.values import Failure, agree, size_of
from synth.budget import Budget
from synth.search.engine import Engine
from synth.search.kernels.convention import DEFINED
from synth.search.search import Search
from synth.search.switches import Switches
from tasks.task import Spec

LISTS = ((3, 1, 2), (), (5, 5, -7, 0), (9,))


# Outputs that no small program gives, so that the search goes on to its budget.
ODD = ((91, 17), (48,), (), (66, 3, 29))
SPECS = {
    "lists": spec_of(*zip(LISTS, ODD, strict=True)),
    "int result": spec_of(*zip(LISTS, (912, 33, -58, 71), strict=True), result=INT),
    "bool result": spec_of(*zip(LISTS, (True, False, True, False), strict=True), result=BOOL),
    "two arguments": spec_of(*zip(zip(LISTS, (2, 0, -1, 7), strict=True), ODD, strict=True), types=(INTS, INT)),
    "lists of lists": spec_of(*zip(((xs, (1,)) for xs in LISTS), ODD, strict=True), types=(list_of(INTS),)),
    "numbers near the limit": spec_of(
        *zip((2**63 - 1, -(2**63), 0, 2**31), (37, 91, 44, 71), strict=True), types=(INT,), result=INT
    ),
    "few words": spec_of(*zip(LISTS, ODD, strict=True), library=T0),
}


def engine_after(spec: Spec, evaluations: int, switches: Switches = Switches()) -> Engine:  # noqa: B008 - frozen
    search = Search(spec, Budget(evaluations=evaluations).start(), switches=switches)
    search.run()
    return search.engine


@pytest.mark.parametrize("probing", [True, False])
@pytest.mark.parametrize("name", SPECS)
def test_every_class_is_what_the_interpreter_says(name: str, probing: bool) -> None:
    """A defined cell is the interpreter's value; an undefined one fails there too, or is too large to keep."""
    spec = SPECS[name]
    engine = engine_after(spec, 8_000, Switches(probing=probing))
    checked = 0
    for t, bank in engine.top.banks.items():
        for number in range(bank.count):
            for derivation in bank.derivations(number):
                program = Lambda(spec.parameters, engine.top.derived(derivation, engine.lambdas.inner))
                for row, example in enumerate(spec.examples):
                    outcome = run(program, example.arguments, spec.library)
                    if bank.status[number, row] == DEFINED:
                        cell = engine.store.decode(int(bank.cells[number, row]), t)
                        assert agree(outcome, cell), (program, example.arguments, outcome, cell)
                    else:
                        assert isinstance(outcome, Failure) or size_of(outcome) > engine.applier.largest, program
                    checked += 1
    assert checked > 100
