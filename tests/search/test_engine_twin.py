"""The search's columns are what the interpreter says: every class, on every row, for every derivation kept."""

from __future__ import annotations

import pytest
from scope_twin import check_scope, engine_after
from specs import INTS, T0, spec_of

from dsl.type_system import BOOL, INT, list_of
from synth.search.switches import Switches

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
    "a query": spec_of(*zip(LISTS, ODD, strict=True), queries=(((8, 8, 1),), ((-1,),))),
}


@pytest.mark.parametrize("probing", [True, False])
@pytest.mark.parametrize("name", SPECS)
def test_every_class_is_what_the_interpreter_says(name: str, probing: bool) -> None:
    """A defined cell is the interpreter's value; an undefined one fails there too, or is too large to keep."""
    engine = engine_after(SPECS[name], 5_000, Switches(probing=probing))
    assert check_scope(engine, engine.top) > 100


@pytest.mark.parametrize("name", SPECS)
def test_every_body_is_what_the_interpreter_says(name: str) -> None:
    """The same of all lambdas, on every argument tuple of their universes; some have grown while goals were opened."""
    engine = engine_after(SPECS[name], 3_000)
    inner = [scope for scope in engine.scopes if scope.outer is not None]
    assert inner
    assert sum(check_scope(engine, scope) for scope in inner) > 100
