"""Dense kernels against the interpreter, on drawn numbers and on the limits of 64 bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsl.interpreter import run
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Name, Variable
from dsl.type_system import BOOL, INT, REAL, Type
from dsl.values import INT_MAX, INT_MIN, Failure, agree
from synth.search.column import cells_dtype
from synth.search.kernels.dense import KERNELS

EDGES = [INT_MIN, INT_MIN + 1, -(2**32), -3, -2, -1, 0, 1, 2, 3, 7, 2**31, 3_037_000_500, 2**62, INT_MAX - 1, INT_MAX]
DRAWN: dict[Type, st.SearchStrategy[object]] = {
    INT: st.one_of(st.sampled_from(EDGES), st.integers(-9, 9), st.integers(INT_MIN, INT_MAX)),
    BOOL: st.booleans(),
    REAL: st.one_of(st.sampled_from([0.0, -1.5, 1e300, -1e300, 1e-300]), st.floats(-1e6, 1e6)),
}


def arity(word: str) -> int:
    return len(CORE[word].parameters)


@pytest.mark.parametrize(("word", "t"), KERNELS, ids=str)
def test_a_kernel_is_its_word(word: str, t: Type) -> None:
    names = tuple("abc"[: arity(word)])
    program = Lambda(names, Application(Name(word), tuple(map(Variable, names))))

    @given(st.lists(st.tuples(*[DRAWN[t]] * len(names)), min_size=1, max_size=8))
    def check(rows: list[tuple[object, ...]]) -> None:
        columns: list[NDArray[np.generic]] = [
            np.array([[value] for value in column], dtype=cells_dtype(t)) for column in zip(*rows, strict=True)
        ]
        with np.errstate(all="ignore"):
            cells, mask = KERNELS[word, t](*columns)
        for position, arguments in enumerate(rows):
            outcome = run(program, arguments, CORE)
            if mask is not None and not mask[position, 0]:
                assert isinstance(outcome, Failure), (arguments, outcome)
            else:
                assert agree(outcome, cells[position, 0].item()), (arguments, outcome)

    check()


def test_every_kernel_belongs_to_a_word() -> None:
    assert {word for word, _ in KERNELS} <= set(CORE.entries)
