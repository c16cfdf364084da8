"""Types: unification makes equal, keeps constraints and finds the most general answer; hints name types."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Annotated, Any, NewType, ParamSpec, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.errors import PrimitiveError
from dsl.type_system import (
    BOOL,
    INT,
    REAL,
    TEXT,
    Equatable,
    FunctionType,
    Ordered,
    Range,
    Substitution,
    Type,
    TypeConstructor,
    TypeVariable,
    apply,
    function_type,
    generalise,
    has_equality,
    has_order,
    instantiate,
    list_of,
    option_of,
    show_type,
    tuple_of,
    type_from_hint,
    type_variables,
    unify,
)
from dsl.values import Some

A, E, K = TypeVariable("A"), TypeVariable("E", "eq"), TypeVariable("K", "ordered")
COLOR = TypeConstructor("color")


def types_over(*leaves: Type) -> st.SearchStrategy[Type]:
    return st.recursive(
        st.sampled_from(leaves),
        lambda t: t.map(list_of) | t.map(option_of) | st.builds(tuple_of, t, t) | st.builds(_function, t, t),
        max_leaves=5,
    )


def _function(parameter: Type, result: Type) -> Type:
    return FunctionType((parameter,), result)


GROUND = types_over(INT, BOOL, REAL, TEXT, COLOR)
TYPES = types_over(INT, BOOL, COLOR, A, E, K, TypeVariable("B"), TypeVariable("F", "eq"))


def fresh(prefix: str = "x") -> Iterator[str]:
    return map((prefix + "{}").format, itertools.count())


# ---- Unification ----------------------------------------------------------------------------------------------------


@given(TYPES, TYPES)
def test_unify_succeeds_either_way_or_neither(a: Type, b: Type) -> None:
    assert unify(a, b, {}) == unify(b, a, {})


@given(TYPES, TYPES)
def test_a_unifier_makes_both_equal(a: Type, b: Type) -> None:
    substitution: Substitution = {}
    if unify(a, b, substitution):
        assert apply(substitution, a) == apply(substitution, b)
        assert unify(apply(substitution, a), apply(substitution, b), {})


@given(TYPES, TYPES)
def test_constraints_travel_with_a_unifier(a: Type, b: Type) -> None:
    substitution: Substitution = {}
    if unify(a, b, substitution):
        for variable in (*type_variables(a), *type_variables(b)):
            bound = apply(substitution, variable)
            assert variable.constraint == "any" or has_equality(bound)
            assert variable.constraint != "ordered" or has_order(bound)


@given(TYPES, st.data())
def test_a_type_unifies_with_each_of_its_instances(t: Type, data: st.DataObject) -> None:
    """Where some types for the variables make two types equal, unify finds it, and nothing more special."""
    chosen = {v.name: data.draw(GROUND.filter(lambda g, v=v: _meets(g, v))) for v in type_variables(t)}
    instance = apply(chosen, t)
    for a, b in ((t, instance), (instance, t)):
        substitution: Substitution = {}
        assert unify(a, b, substitution)
        assert apply(substitution, t) == instance


def _meets(t: Type, variable: TypeVariable) -> bool:
    return variable.constraint == "any" or (has_equality(t) if variable.constraint == "eq" else has_order(t))


@given(TYPES, TYPES)
def test_unify_with_renamed_variables_finds_a_common_instance_or_a_clash(a: Type, b: Type) -> None:
    """Apart from shared names, an instance of one unifies with the other just if the whole does."""
    b = instantiate(b, fresh())
    substitution: Substitution = {}
    if unify(a, b, substitution):
        assert unify(apply(substitution, a), b, {})
        assert unify(a, apply(substitution, b), {})


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (INT, BOOL),
        (list_of(INT), option_of(INT)),
        (tuple_of(INT, INT), tuple_of(INT, INT, INT)),
        (FunctionType((INT,), INT), FunctionType((INT, INT), INT)),
        (FunctionType((INT,), INT), INT),
        (A, list_of(A)),  # it would be infinite
        (tuple_of(A, A), tuple_of(INT, BOOL)),
        (E, FunctionType((INT,), INT)),
        (E, list_of(FunctionType((INT,), INT))),
        (K, COLOR),
        (K, option_of(INT)),
        (tuple_of(K, A), tuple_of(A, FunctionType((INT,), INT))),
    ],
    ids=show_type,
)
def test_what_does_not_unify(a: Type, b: Type) -> None:
    assert not unify(a, b, {})


def test_a_constraint_reaches_into_a_type() -> None:
    substitution: Substitution = {}
    assert unify(K, list_of(A), substitution)
    assert show_type(generalise(apply(substitution, A))) == "A where A: ordered"
    assert not unify(A, COLOR, dict(substitution))
    assert unify(A, INT, substitution)
    assert apply(substitution, K) == list_of(INT)


def test_strengthened_variables_of_two_unifications_stay_apart() -> None:
    """A type that leaves one substitution may enter another without meeting itself."""
    first: Substitution = {}
    assert unify(E, list_of(A), first)
    second: Substitution = {}
    assert unify(K, list_of(apply(first, A)), second)
    assert has_order(apply(second, K))
    third: Substitution = {}
    assert unify(tuple_of(E, K), tuple_of(apply(first, E), list_of(list_of(TypeVariable("B")))), third)
    assert apply(third, E) == apply(first, E)


# ---- Names of variables ---------------------------------------------------------------------------------------------


@given(TYPES)
def test_a_scheme_has_one_spelling(t: Type) -> None:
    assert generalise(instantiate(t, fresh())) == generalise(t) == generalise(generalise(t))


def test_renaming_is_done_at_once() -> None:
    """The new names may be the old names of other variables."""
    pair = tuple_of(TypeVariable("B"), TypeVariable("A", "eq"))
    assert show_type(generalise(pair)) == "tuple[A, B] where B: eq"
    assert instantiate(list_of(A), iter("A")) == list_of(A)


def test_there_are_always_more_names() -> None:
    many = tuple_of(*(TypeVariable(f"v{i}") for i in range(60)))
    names = [v.name for v in type_variables(generalise(many))]
    assert names[:2] == ["A", "B"]
    assert names[26] == "A1"
    assert len(set(names)) == 60


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (INT, "int"),
        (list_of(tuple_of(INT, A)), "list[tuple[int, A]]"),
        (function_type(A, list_of(A), result=BOOL), "(A, list[A]) -> bool"),
        (function_type(function_type(A, result=E), result=K), "((A) -> E) -> K where E: eq, K: ordered"),
        (FunctionType((), INT), "() -> int"),
        (option_of(COLOR), "option[color]"),
    ],
)
def test_types_are_shown_as_they_are_written(t: Type, text: str) -> None:
    assert show_type(t) == text


@pytest.mark.parametrize(
    ("t", "equality", "order"),
    [
        (INT, True, True),
        (COLOR, True, False),
        (list_of(TEXT), True, True),
        (option_of(INT), True, False),
        (A, False, False),
        (E, True, False),
        (list_of(K), True, True),
        (tuple_of(INT, FunctionType((INT,), INT)), False, False),
    ],
    ids=lambda value: show_type(value) if not isinstance(value, bool) else str(value),
)
def test_which_types_have_equality_and_order(t: Type, equality: bool, order: bool) -> None:
    assert (has_equality(t), has_order(t)) == (equality, order)


# ---- Hints ----------------------------------------------------------------------------------------------------------

T = TypeVar("T")
P = ParamSpec("P")
H = TypeVar("H", bound=Equatable)
O = TypeVar("O", bound=Ordered)  # noqa: E741
Color = NewType("Color", int)


class Grid:
    """A domain's values."""

    dsl_type = "grid"


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (float, "real"),
        (str, "text"),
        (bool, "bool"),
        (tuple[int, ...], "list[int]"),
        (list[int], "list[int]"),
        (Sequence[T], "list[T]"),
        (tuple[int, bool], "tuple[int, bool]"),
        (Some[int] | None, "option[int]"),
        (typing.Optional[Some[int]], "option[int]"),  # noqa: UP045 - users write it
        (Callable[[H, O], T], "(H, O) -> T where H: eq, O: ordered"),
        (Annotated[int, Range(0, 9)], "int"),
        (Color, "color"),
        (Grid, "grid"),
        (tuple[Grid, ...], "list[grid]"),
        (list_of(INT), "list[int]"),
    ],
    ids=str,
)
def test_hints_name_types(hint: object, text: str) -> None:
    assert show_type(type_from_hint(hint)) == text


@pytest.mark.parametrize(
    ("hint", "why"),
    [
        (Any, "it would fit every hole and so prune nothing"),
        (object, "it would fit every hole and so prune nothing"),
        (int | str, "a union fits too many holes and so prunes little"),
        (int | None, "a union fits too many holes and so prunes little"),
        (Callable[..., int], "the parameters of a function must be named"),
        (dict[str, int], "it names no type of the language"),
        (complex, "it names no type of the language"),
        (Hashable, "it names no type of the language"),
        (tuple, "it names no type of the language"),
        (list, "it names no type of the language"),
        (Callable, "it names no type of the language"),
        (None, "it names no type of the language"),
        (tuple[()], "a tuple has at least two places, and tuple[A, ...] is a list"),
        (tuple[int], "a tuple has at least two places, and tuple[A, ...] is a list"),
        (Callable[P, int], "the parameters of a function must be named"),
        (3, "it names no type of the language"),
    ],
    ids=str,
)
def test_hints_that_name_no_type_are_refused_with_the_reason(hint: object, why: str) -> None:
    with pytest.raises(PrimitiveError) as error:
        type_from_hint(hint)
    assert error.value.message.endswith(f": {why}")
    assert error.value.hint is not None
