"""Fast checks of results: a measure accepts exactly what `fault_of` accepts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dsl.result_checks import measure_of
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Type,
    TypeConstructor,
    TypeVariable,
    list_of,
    option_of,
    tuple_of,
)
from dsl.values import INT_MAX, INT_MIN, SIZE_LIMIT, Some, fault_of

ATOMS = st.sampled_from((INT, BOOL, REAL, TEXT, TypeVariable("A"), TypeConstructor("color"), FunctionType((INT,), INT)))
TYPES = st.recursive(
    ATOMS,
    lambda t: t.map(list_of) | t.map(option_of) | st.lists(t, max_size=3).map(lambda items: tuple_of(*items)),
    max_leaves=4,
)
LONG = SIZE_LIMIT // 2
VALUES = st.recursive(
    st.sampled_from(
        (0, True, 1.5, "ab", None, len, INT_MIN, INT_MAX, INT_MAX + 1, -(2**70), float("nan"), float("inf"), [], object)
    )
    | st.sampled_from(("a" * SIZE_LIMIT, "a" * (SIZE_LIMIT + 1), (1,) * LONG, (1,) * SIZE_LIMIT, (("a" * LONG),) * 2)),
    lambda v: st.lists(v, max_size=3).map(tuple) | v.map(Some),
    max_leaves=5,
)


def accepted(value: object, t: Type) -> bool:
    measure = measure_of(t)
    return measure is None or measure(value) <= SIZE_LIMIT


@given(VALUES, TYPES)
def test_measures_accept_what_has_no_fault(value: object, t: Type) -> None:
    assert accepted(value, t) == (fault_of(value, t) is None)


@given(st.data(), TYPES)
def test_measures_accept_what_has_no_fault_of_values_that_fit(data: st.DataObject, t: Type) -> None:
    value = data.draw(fitting(t))
    assert accepted(value, t) == (fault_of(value, t) is None)


def fitting(t: Type) -> st.SearchStrategy[object]:
    """Values of the right shape, of which some are too large or hold impossible numbers."""
    match t:
        case TypeConstructor("int"):
            return st.sampled_from((0, 5, INT_MAX, INT_MAX + 1))
        case TypeConstructor("bool"):
            return st.booleans()
        case TypeConstructor("real"):
            return st.sampled_from((0.0, 1e300, float("inf")))
        case TypeConstructor("text"):
            return st.sampled_from(("", "ab", "a" * LONG))
        case TypeConstructor("list", (item,)):
            return st.builds(
                lambda items, times: tuple(items) * times,
                st.lists(fitting(item), max_size=3),
                st.sampled_from((1, LONG)),
            )
        case TypeConstructor("tuple", items):
            return st.tuples(*map(fitting, items))
        case TypeConstructor("option", (item,)):
            return st.none() | fitting(item).map(Some)
        case FunctionType():
            return st.just(len)
        case _:
            return st.sampled_from((1, "red", (1, 2), (1,) * LONG, ("a" * LONG, "a" * LONG)))
