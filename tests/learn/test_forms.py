"""Nameless forms: names away and back, moving under binders, normal forms."""

import pytest
from corpora import INPUTS, LIBRARY, programs, read
from hypothesis import given

from dsl.compiler import compile_program
from dsl.inference import resolve
from dsl.interpreter import run
from dsl.program import Lambda, Let, Variable, call, walk
from dsl.values import Failure
from synth.learn.forms import inlined, named, nameless, normal, unfolded


@given(programs())
def test_names_may_be_taken_away_and_given_anew(program: Lambda) -> None:
    """What is named anew is the same program but for names, of the same type, with the same values."""
    again = named(nameless(program), program.parameters)
    assert nameless(again) == nameless(program)
    assert resolve(again, LIBRARY).type == resolve(program, LIBRARY).type
    assert all(run(again, a, LIBRARY) == run(program, a, LIBRARY) for a in INPUTS)


def test_programs_that_differ_in_names_have_one_form() -> None:
    assert nameless(read("lambda xs: map(lambda x: x + 1, xs)")) == nameless(
        read("lambda ys: map(lambda y: y + 1, ys)")
    )
    assert nameless(read("lambda x, y: x + 0 * y")) != nameless(read("lambda x, y: y + 0 * x"))


@given(programs())
def test_the_normal_form_agrees_wherever_both_have_a_value(program: Lambda) -> None:
    form = normal(program, LIBRARY)
    assert normal(named(form, program.parameters), LIBRARY) == form
    again = named(form, program.parameters)
    for arguments in INPUTS:
        a, b = run(program, arguments, LIBRARY), run(again, arguments, LIBRARY)
        assert a == b or isinstance(a, Failure) or isinstance(b, Failure)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lambda xs: map(lambda x: x + 1, xs)", "lambda xs: map(lambda y: 1 + y, xs)"),
        ("lambda xs: reverse(reverse(xs))", "lambda xs: xs"),
        ("lambda xs: map(lambda x: negate(x), xs)", "lambda ys: map(negate, ys)"),
        (
            "lambda xs: zip_with(lambda x, y: y + x, xs, tail(xs))",
            "lambda xs: zip_with(lambda a, b: a + b, xs, tail(xs))",
        ),
        ("lambda x, y: x * 1 + (y + 2)", "lambda x, y: y + x + 2"),
    ],
)
def test_what_the_laws_make_equal_has_one_normal_form(one: str, other: str) -> None:
    assert normal(read(one), LIBRARY) == normal(read(other), LIBRARY)


def test_lambdas_of_words_that_leave_arguments_unrun_stay() -> None:
    form = normal(read("lambda xs: zip_with(lambda x, y: x and y, map(is_even, xs), map(is_odd, xs))"), LIBRARY)
    assert any(isinstance(node, Lambda) and len(node.parameters) == 2 for node in walk(form))


@given(programs())
def test_lets_are_put_in_place(program: Lambda) -> None:
    """No let is left, no lambda that is applied where it stands, and values are the same."""
    made = inlined(program)
    assert not any(isinstance(node, Let) for node in walk(made))
    for arguments in INPUTS:
        wanted = run(program, arguments, LIBRARY)
        assert isinstance(wanted, Failure) or run(made, arguments, LIBRARY) == wanted


def test_a_let_that_would_explode_stays() -> None:
    program = read("lambda k0: " + "".join(f"let k{i + 1} = k{i} + k{i} in " for i in range(30)) + "k30")
    assert inlined(program) == program


def test_values_of_lets_keep_what_they_mean_under_lambdas() -> None:
    program = read("lambda n, xs: let k = n + 1 in map(lambda n: n + k, xs)")
    assert isinstance(made := inlined(program), Lambda)
    assert compile_program(made, LIBRARY)((5, (1, 2))) == (7, 8)
    assert resolve(made, LIBRARY).type == resolve(program, LIBRARY).type


def test_definitions_are_put_in_for_their_names() -> None:
    """Under binders too, and where one uses another."""
    add, times = nameless(read("lambda n, x: x + n")), nameless(read("lambda n, xs: map(lambda x: x * n, xs)"))
    n, xs, y = Variable("n"), Variable("xs"), Variable("y")
    inside = call("list.map", Lambda(("y",), call("learned.add", n, y)), xs)
    program = nameless(Lambda(("n", "xs"), call("learned.times", n, inside)))
    wanted = nameless(read("lambda n, xs: map(lambda x: x * n, map(lambda y: y + n, xs))"))
    assert unfolded(program, {"learned.times": times, "learned.add": add}) == wanted
