"""Laws: what they say about values, and the normal form of programs that they give."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.errors import PrimitiveError
from dsl.laws import (
    Law,
    absorbing,
    argument_types,
    associative,
    commutative,
    holds,
    idempotent,
    identity,
    involution,
    left_identity,
    misfit,
    normalise,
    right_identity,
    specialised,
)
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.program import DEPTH_LIMIT, Application, Hole, Lambda, Let, Literal, Name, Program, Variable, call
from dsl.type_system import BOOL, INT, FunctionType, Type, function_type, show_type
from dsl.values import Undefined

GOLDEN = Path(__file__).parent.parent / "golden"
X, Y, XS = Variable("x"), Variable("y"), Variable("xs")
ZERO, ONE, EMPTY = Literal(0), Literal(1), Literal(())


@pytest.mark.parametrize(
    ("law", "function", "arguments", "wanted"),
    [
        (commutative, operator.add, (2, 3), True),
        (commutative, operator.sub, (2, 3), False),
        (associative, max, (1, 2, 3), True),
        (associative, operator.sub, (1, 2, 3), False),
        (idempotent, abs, (-2,), True),
        (idempotent, operator.neg, (-2,), False),
        (idempotent, max, (2, 5), True),
        (idempotent, operator.add, (2, 5), False),
        (involution, operator.neg, (2,), True),
        (involution, abs, (-2,), False),
        (identity(0), operator.add, (2,), True),
        (identity(0), operator.sub, (2,), False),
        (left_identity(0), operator.add, (2,), True),
        (left_identity(0), operator.sub, (2,), False),
        (right_identity(0), operator.sub, (2,), True),
        (right_identity(1), operator.sub, (2,), False),
        (absorbing(0), operator.mul, (2,), True),
        (absorbing(0), operator.add, (2,), False),
    ],
    ids=str,
)
def test_holds(law: Law, function: Callable[..., object], arguments: tuple[object, ...], wanted: bool) -> None:
    assert holds(law, function, arguments) is wanted


def test_a_law_says_nothing_where_a_side_has_no_value() -> None:
    def undefined(_x: int, _y: int) -> int:
        raise Undefined

    assert holds(commutative, undefined, (1, 2))
    assert holds(commutative, operator.floordiv, (1, 0), undefined=[ZeroDivisionError])
    with pytest.raises(ZeroDivisionError):
        holds(commutative, operator.floordiv, (1, 0))


def test_wrong_number_of_values(golden: Callable[[Path, str], None]) -> None:
    with pytest.raises(PrimitiveError) as caught:
        holds(associative, operator.add, (1, 2))
    golden(GOLDEN / "law_values.txt", str(caught.value))


def test_misfits(golden: Callable[[Path, str], None]) -> None:
    int_to_bool = function_type(INT, result=BOOL)
    add = function_type(INT, INT, result=INT)
    cases: list[tuple[Law, Type]] = [
        (commutative, int_to_bool),
        (associative, function_type(INT, INT, result=BOOL)),
        (idempotent, int_to_bool),
        (involution, INT),
        (identity("a"), add),
        (left_identity(True), add),
        (absorbing(0.0), add),
    ]
    found = [f"{law} of {show_type(t)}: {misfit(law, t)}" for law, t in cases]
    golden(GOLDEN / "law_misfits.txt", "\n".join(found))


def test_laws_of_all_words_fit_their_types() -> None:
    for word in CORE:
        for law in word.laws:
            assert misfit(law, word.type) is None, f"{word.name}: {law}"


def test_the_type_a_law_speaks_of() -> None:
    swap = specialised(involution, CORE["tuple.swap"].type)
    assert isinstance(swap, FunctionType)
    assert swap.parameters[0] == swap.result
    drop = CORE["list.drop"].type
    assert isinstance(drop, FunctionType)
    assert [show_type(t) for t in argument_types(left_identity(0), drop)] == ["list[A]"]
    assert [show_type(t) for t in argument_types(associative, function_type(INT, INT, result=INT))] == ["int"] * 3


def test_laws_as_text() -> None:
    assert [str(commutative), str(identity(0)), str(absorbing(False))] == [
        "commutative",
        "identity(0)",
        "absorbing(False)",
    ]


# ---- The normal form ------------------------------------------------------------------------------------------------


def add(x: Program, y: Program) -> Program:
    return call("int.add", x, y)


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        (add(X, ZERO), X),
        (add(ZERO, ZERO), ZERO),
        (add(Literal(False), X), add(X, Literal(False))),
        (add(ONE, X), add(X, ONE)),
        (add(X, add(ONE, Y)), add(add(X, Y), ONE)),
        (call("int.multiply", X, call("int.multiply", ZERO, Y)), ZERO),
        (call("int.subtract", X, ZERO), X),
        (call("int.subtract", ZERO, X), call("int.subtract", ZERO, X)),
        (call("list.drop", ZERO, XS), XS),
        (call("list.drop", XS, ZERO), call("list.drop", XS, ZERO)),
        (call("list.reverse", call("list.reverse", XS)), XS),
        (call("list.sort", call("list.sort", XS)), call("list.sort", XS)),
        (call("list.concat", XS, EMPTY), XS),
        (call("list.concat", XS, XS), call("list.concat", XS, XS)),
        (call("order.max", X, call("order.max", Y, X)), call("order.max", X, Y)),
        (call("order.eq", ZERO, X), call("order.eq", X, ZERO)),
        (call("order.lt", ONE, X), call("order.lt", ONE, X)),
        (call("bool.and", Y, call("bool.and", Y, X)), call("bool.and", Y, X)),
        (call("bool.and", X, Literal(False)), Literal(False)),
        (call("bool.or", Y, X), call("bool.or", Y, X)),
        (Lambda(("x",), Let("y", add(ZERO, X), add(Y, ZERO))), Lambda(("x",), Let("y", X, Y))),
        (Name("int.add"), Name("int.add")),
        (call("elsewhere.add", X, ZERO), call("elsewhere.add", X, ZERO)),
    ],
    ids=repr,
)
def test_normal_forms(program: Program, wanted: Program) -> None:
    assert normalise(program, CORE) == wanted


def test_nameless_holes_are_never_taken_for_equal() -> None:
    nameless, named = Hole("", INT), Hole("f", INT)
    assert normalise(call("order.max", nameless, nameless), CORE) == call("order.max", nameless, nameless)
    assert normalise(call("order.max", named, named), CORE) == named


def test_a_program_in_normal_form_keeps_its_nodes() -> None:
    program = Lambda(("x",), add(X, ONE))
    assert normalise(program, CORE) is program


def test_a_chain_too_long_to_nest_to_the_left_stays_as_it_is() -> None:
    program: Program = call("list.concat", XS, Variable("ys"))
    for _ in range(8):
        program = call("list.concat", program, program)
    assert 2**8 > DEPTH_LIMIT > program.depth
    assert normalise(program, CORE) is program


WORDS_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "int": (
        *("int.add", "int.multiply", "int.subtract", "order.min", "order.max", "int.gcd", "int.lcm", "int.divide"),
        *("int.modulo", "int.negate", "int.absolute", "int.sign", "list.sum", "control.if"),
    ),
    "list": (
        *("list.concat", "list.union", "list.intersect", "list.drop"),
        *("list.cons", "list.reverse", "list.sort", "list.unique"),
    ),
    "bool": ("order.eq", "order.lt", "order.ne", "bool.and", "bool.or", "bool.not"),
}
ATOMS: Mapping[str, list[Program]] = {
    "int": [X, Y, ZERO, ONE, Literal(-2)],
    "list": [XS, EMPTY, Literal((3, 1))],
    "bool": [Literal(True), Literal(False)],
}
PARAMETERS = {
    **dict.fromkeys(("list.concat", "list.union", "list.intersect"), ("list", "list")),
    **dict.fromkeys(("list.reverse", "list.sort", "list.unique", "list.sum"), ("list",)),
    **dict.fromkeys(("list.drop", "list.cons"), ("int", "list")),
    **dict.fromkeys(("bool.and", "bool.or"), ("bool", "bool")),
    **dict.fromkeys(("int.negate", "int.absolute", "int.sign"), ("int",)),
    "bool.not": ("bool",),
    "control.if": ("bool", "int", "int"),
}


@st.composite
def programs(draw: st.DrawFn, t: str = "int", depth: int = 5) -> Program:
    """Programs over words that have laws, and some that have none."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(ATOMS[t]))
    if t == "int" and draw(st.integers(0, 9)) == 0:
        return Let("x", draw(programs("int", depth - 1)), draw(programs("int", depth - 1)))
    word = draw(st.sampled_from(WORDS_OF_TYPE[t]))
    parameters = PARAMETERS.get(word, ("int", "int"))
    return call(word, *(draw(programs(parameter, depth - 1)) for parameter in parameters))


def value_of(p: Program, variables: Mapping[str, object]) -> object:
    """The meaning of a small program, in the plainest way."""
    match p:
        case Literal(value):
            return value
        case Variable(name):
            return variables[name]
        case Let(name, value, body):
            return value_of(body, {**variables, name: value_of(value, variables)})
        case Application(Name("control.if"), (condition, then, otherwise)):
            return value_of(then if value_of(condition, variables) else otherwise, variables)
        case Application(Name(name), arguments):
            word = CORE[name]
            assert isinstance(word, Primitive)
            return word.function(*(value_of(argument, variables) for argument in arguments))
    raise AssertionError(p)


@given(programs())
def test_the_normal_form_of_a_normal_form_is_itself(program: Program) -> None:
    normal = normalise(program, CORE)
    assert normalise(normal, CORE) == normal
    assert normal.size <= program.size


@given(programs(), st.integers(-9, 9), st.integers(-9, 9), st.lists(st.integers(-9, 9), max_size=4).map(tuple))
def test_a_normal_form_means_the_same(program: Program, x: int, y: int, xs: tuple[int, ...]) -> None:
    variables = {"x": x, "y": y, "xs": xs}
    try:
        wanted = value_of(program, variables)
    except (Undefined, ZeroDivisionError):
        return
    assert value_of(normalise(program, CORE), variables) == wanted
