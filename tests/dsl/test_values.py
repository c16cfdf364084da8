"""Values: equality that knows types, agreement of outputs, sizes, and what is wrong with a result."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import types, values

from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    FunctionType,
    Type,
    TypeConstructor,
    TypeVariable,
    generalise,
    list_of,
    option_of,
    show_type,
    tuple_of,
    unify,
)
from dsl.values import (
    INT_MAX,
    INT_MIN,
    SIZE_LIMIT,
    Cause,
    Failure,
    Some,
    agree,
    conforms,
    fault_of,
    holds_function,
    key,
    show_value,
    size_of,
    type_of,
)

A = TypeVariable("A")
PLAIN = types(2, functions=False)
ANY = PLAIN.flatmap(values)


# ---- Equality -------------------------------------------------------------------------------------------------------


@given(ANY, ANY)
def test_keys_are_equal_only_for_equal_values_of_one_type(a: object, b: object) -> None:
    if key(a) == key(b):
        assert a == b
        assert repr(a) == repr(b)
        assert hash(key(a)) == hash(key(b))


@given(ANY)
def test_a_value_has_one_key(a: object) -> None:
    assert key(a) == key(a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, True),
        (0, False),
        (1, 1.0),
        (0.0, -0.0),
        ((1,), (True,)),
        (Some(1), Some(True)),
        (Some(None), None),
        ((), ""),
    ],
)
def test_what_python_calls_equal_the_language_tells_apart(a: object, b: object) -> None:
    assert key(a) != key(b)


@given(ANY, ANY)
def test_agreement_goes_both_ways_and_equals_agree(a: object, b: object) -> None:
    assert agree(a, a)
    assert agree(a, b) == agree(b, a)
    assert agree(a, b) or key(a) != key(b)


@given(PLAIN.filter(lambda t: "real" not in show_type(t)).flatmap(lambda t: st.tuples(values(t), values(t))))
def test_without_reals_agreement_is_equality(pair: tuple[object, object]) -> None:
    a, b = pair
    assert agree(a, b) == (key(a) == key(b))


@pytest.mark.parametrize(
    ("a", "b", "agreed"),
    [
        (1.0, 1.0 + 1e-7, True),
        (1.0, 1.0 + 1e-5, False),
        (0.0, 1e-10, True),
        (0.0, 1e-8, False),
        (0.0, -0.0, True),
        (1e300, 1e300 * (1 + 1e-7), True),
        ((1.0, (2.0,)), (1.0, (2.0000001,)), True),
        ((1.0,), (1.0, 1.0), False),
        (Some(1.0), Some(1.0000001), True),
        (Some(1.0), None, False),
        (1, 1.0, False),
        (1, True, False),
    ],
)
def test_reals_agree_within_a_tolerance(a: object, b: object, agreed: bool) -> None:
    assert agree(a, b) is agreed


# ---- Types and sizes ------------------------------------------------------------------------------------------------


@given(st.data(), PLAIN, PLAIN)
def test_a_value_is_of_its_type(data: st.DataObject, t: Type, other: Type) -> None:
    value = data.draw(values(t))
    assert conforms(value, t)
    assert fault_of(value, t) is None
    # Of another type only where the value does not show which: empty lists, none, and lists and tuples alike.
    if t != other and conforms(value, other):
        assert any(part in repr(value) for part in ("(", "None", "''"))


@given(ANY)
def test_sizes_add_up(value: object) -> None:
    assert size_of((value, value)) == 1 + 2 * size_of(value)
    assert size_of(Some(value)) == 1 + size_of(value)


def test_a_size_is_counted_no_further_than_needed() -> None:
    tower: object = 1
    for _ in range(60):
        tower = (tower, tower)  # 2**60 leaves, shared
    start = time.process_time()
    assert size_of(tower) > SIZE_LIMIT
    block = (1,) * SIZE_LIMIT
    wide = ((block,) * 5_000,) * 2  # 100 million items, shared
    assert fault_of(wide, list_of(list_of(list_of(INT)))) == Failure(Cause.TOO_LARGE)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("value", "t", "cause"),
    [
        (INT_MAX, INT, None),
        (INT_MIN, INT, None),
        (INT_MAX + 1, INT, Cause.OVERFLOW),
        (INT_MIN - 1, list_of(INT), Cause.FAULT),  # no list
        ((1, INT_MIN - 1), list_of(INT), Cause.OVERFLOW),
        (((1, 2**64),), list_of(tuple_of(INT, INT)), Cause.OVERFLOW),
        (Some(2**64), option_of(INT), Cause.OVERFLOW),
        (True, INT, Cause.FAULT),
        (1, BOOL, Cause.FAULT),
        (1, REAL, Cause.FAULT),
        (1.0, INT, Cause.FAULT),
        (math.nan, REAL, Cause.UNDEFINED),
        ((math.inf,), list_of(REAL), Cause.UNDEFINED),
        ("a" * SIZE_LIMIT, TEXT, None),
        ("a" * (SIZE_LIMIT + 1), TEXT, Cause.TOO_LARGE),
        ((1,) * SIZE_LIMIT, list_of(INT), Cause.TOO_LARGE),
        (("a" * SIZE_LIMIT,), list_of(TEXT), Cause.TOO_LARGE),
        (("a" * SIZE_LIMIT,), list_of(A), Cause.TOO_LARGE),
        ([1], list_of(INT), Cause.FAULT),
        ((1, 2, 3), tuple_of(INT, INT), Cause.FAULT),
        (None, INT, Cause.FAULT),
        (None, TypeConstructor("color"), Cause.FAULT),
        (len, TypeConstructor("color"), Cause.FAULT),
        ("red", TypeConstructor("color"), None),
        (len, FunctionType((INT,), INT), None),
        (1, FunctionType((INT,), INT), Cause.FAULT),
        (2**64, A, None),  # a variable's value came from the arguments
    ],
    ids=str,
)
def test_what_is_wrong_with_a_result(value: object, t: Type, cause: Cause | None) -> None:
    fault = fault_of(value, t)
    assert (fault.cause if fault else None) is cause


class _Shy:
    def __repr__(self) -> str:
        raise RuntimeError("not me")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("abc", "'abc'"),
        ("a" * 200, "'aaaaaaaaaaaa...aaaaaaaaaaaaa'"),
        (10**5000, "a value of Python's int"),
        (_Shy(), "<_Shy instance>"),
        (object(), "<object>"),
        (iter(()), "<tuple_iterator>"),
        ((1, object()), "(1, <object>)"),
    ],
    ids=["short", "long", "unprintable", "shy", "object", "iterator", "inside"],
)
def test_a_fault_shows_what_was_found_alike_in_every_run(value: object, found: str) -> None:
    fault = fault_of(value, list_of(INT))
    assert fault is not None
    assert fault.detail == f"expected a value of list[int], found {found}"


def test_functions_are_found_wherever_they_hide() -> None:
    assert holds_function(len)
    assert holds_function((1, (Some(len),)))
    assert not holds_function((1, ("a", Some((True,)), None)))


# ---- Literals -------------------------------------------------------------------------------------------------------


@given(st.data(), types(2, functions=False).filter(lambda t: not {"tuple", "option"} & {*_names(t)}))
def test_the_spelling_of_a_literal_decides_its_type(data: st.DataObject, t: Type) -> None:
    value = data.draw(values(t))
    assert unify(type_of(value), t, {})
    assert conforms(value, type_of(value))


def _names(t: Type) -> list[str]:
    return [t.name, *(n for a in t.arguments for n in _names(a))] if isinstance(t, TypeConstructor) else []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((), "list[A]"),
        (((), (1,)), "list[list[int]]"),
        (((), ((),)), "list[list[list[A]]]"),
        ((((),), ((1,),), ()), "list[list[list[int]]]"),
        ((True, 1), "list[bool]"),  # mixed: the first item's, which the second does not conform to
        ("", "text"),
        (2.0, "real"),
    ],
)
def test_the_type_of_a_literal_is_that_of_its_most_definite_items(value: object, text: str) -> None:
    assert show_type(generalise(type_of(value))) == text


@pytest.mark.parametrize("value", [None, Some(1), object(), (None,), [1]])
def test_what_has_no_spelling_has_no_type(value: object) -> None:
    with pytest.raises(TypeError, match="no literal spells"):
        type_of(value)


@pytest.mark.parametrize(
    ("value", "t", "text"),
    [
        ((), list_of(INT), "[]"),
        (((1, True), (2, False)), list_of(tuple_of(INT, BOOL)), "[(1, True), (2, False)]"),
        (Some((1,)), option_of(list_of(INT)), "some([1])"),
        (None, option_of(INT), "none"),
        (-0.0, REAL, "-0.0"),
        (1e16, REAL, "1.0e+16"),
        (1e-7, REAL, "1.0e-07"),
        ("a'b", TEXT, '"a\'b"'),
        (3, TypeConstructor("color"), "<3>"),
        (Failure(Cause.UNDEFINED, "list.head"), INT, "<undefined in list.head>"),
        (Failure(Cause.FAULT, "a.b", "why"), INT, "<fault in a.b: why>"),
        (Failure(Cause.OUT_OF_FUEL), INT, "<out of fuel>"),
    ],
)
def test_values_are_shown_as_files_spell_them(value: object, t: Type, text: str) -> None:
    assert show_value(value, t, lambda atom: f"<{atom}>") == text
