"""The types of programs, and which word an overloaded name means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from strategies import Drawn, drawn_programs, word

from dsl.errors import DslError, TypeProblem
from dsl.inference import infer, resolve
from dsl.library import Definition, Library
from dsl.parser import parse, parse_surface, parse_type
from dsl.primitives import CORE
from dsl.program import Application, Hole, Name, Program, children, fill, holes, names, rebuild, walk
from dsl.type_system import INT, TEXT, FunctionType, Type, TypeVariable, list_of, show_type


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "int"),
        ("[]", "list[A]"),
        ("[[], [1]]", "list[list[int]]"),
        ("lambda x: x", "(A) -> A"),
        ("lambda: 1.5", "() -> real"),
        ("lambda f, g, x: f(g(x))", "((A) -> B, (C) -> A, C) -> B"),
        ("lambda x, xs: x in xs", "(A, list[A]) -> bool where A: eq"),
        ("lambda xs: sort(xs) == xs", "(list[A]) -> bool where A: ordered"),
        ("lambda x, y: [x, y] == [1, 2]", "(int, int) -> bool"),
        ("let f = lambda x: x in (f(1), f('a'))", "tuple[int, text]"),
        ("lambda y: let f = lambda x: (x, y) in (f(1), f('a'))", "(A) -> tuple[tuple[int, A], tuple[text, A]]"),
        ("let f = lambda x: x + x in f(1)", "int"),
        ("lambda xs: map(lambda x: x * 2, xs)", "(list[int]) -> list[int]"),
        ("lambda xs: fold(lambda a, x: a + x, 0.0, xs)", "(list[real]) -> real"),
        ("lambda x: x + length([x])", "(int) -> int"),
        ("lambda x, y: let s = x + y in s + 1", "(int, int) -> int"),
        ("none", "option[A]"),
        ("map(is_even, ?xs)", "list[bool]"),
        ("?", "A"),
        ("concat", None),
        ("lambda x: x + x", None),
        ("let f = lambda x: x + x in (f(1), f(2.0))", None),
        ("lambda x: x(x)", None),
    ],
)
def test_types(text: str, expected: str | None) -> None:
    """Most general types, with the limits that words put on them; None where there is no type."""
    if expected is None:
        with pytest.raises(TypeProblem):
            parse(text, CORE)
    else:
        assert show_type(infer(parse_surface(text), CORE)) == expected


@settings(max_examples=150)
@given(drawn_programs(holes=True))
def test_resolving_again_changes_nothing(drawn: Drawn) -> None:
    """A resolved program comes back as the very same object, at a type that the drawn one is an instance of."""
    found = resolve(drawn.program, drawn.library, variables=drawn.variables)
    assert found.program is drawn.program
    assert resolve(drawn.program, drawn.library, expected=drawn.type, variables=drawn.variables).type == drawn.type


@settings(max_examples=100)
@given(drawn_programs())
def test_short_names_are_resolved_to_what_was_meant_or_refused(drawn: Drawn) -> None:
    """With every word written short and nothing said about types, there is no third possibility."""

    def shortened(p: Program) -> Program:
        if isinstance(p, Name):
            return Name(p.name.rpartition(".")[2])
        return rebuild(p, tuple(map(shortened, children(p))))

    library = drawn.library
    meant = [library[name] for name in names(drawn.program)]
    if all(entry in library.candidates(entry.short) for entry in meant):
        try:
            found = resolve(shortened(drawn.program), drawn.library, variables=drawn.variables)
        except DslError:
            return
        assert found.program == drawn.program


def test_overloads_are_decided_by_any_information() -> None:
    """By arguments, by the result, by what a lambda is applied to, by a later use of a variable."""
    library = Library.of(word("a.f", parse_type("(int) -> int")), word("b.f", parse_type("(text) -> text")))

    def decided(text: str, **known: Type) -> list[str]:
        return list(names(parse(text, library, **known)))  # type: ignore[arg-type]

    assert decided("f(1)") == ["a.f"]
    assert decided("f('a')") == ["b.f"]
    assert decided("lambda x: f(x)", expected=FunctionType((INT,), INT)) == ["a.f"]
    assert decided("f", expected=FunctionType((TEXT,), TEXT)) == ["b.f"]
    assert decided("(lambda x: f(x))('a')") == ["b.f"]
    assert decided("lambda x: let y = f(x) in f(f('a'))", expected=FunctionType((INT,), TEXT)) == ["a.f", "b.f", "b.f"]
    assert decided("f(?x)", expected=INT) == ["a.f"]
    assert decided("f((?x : text))") == ["b.f"]


def test_a_common_result_helps() -> None:
    """Whichever `length` is meant, it gives an int."""
    program = parse("lambda x: (length(x) + 1, x + 'a')", CORE)
    assert list(names(program)) == ["tuple.pair", "int.add", "text.length", "text.concat"]


def test_declared_variables_are_rigid() -> None:
    """A program for any type must not choose one; within the program the variable may be named."""
    a = TypeVariable("A")
    anything = FunctionType((list_of(a),), a)
    assert resolve(parse_surface("lambda xs: head(xs)"), CORE, expected=anything).type == anything
    with pytest.raises(TypeProblem):
        resolve(parse_surface("lambda xs: head(xs) + 1"), CORE, expected=anything)
    program = parse("head((?f : list[A]))", CORE, variables={"x": a}, expected=a)
    assert [hole.type for hole in holes(program)] == [list_of(a)]


def test_holes_get_their_types() -> None:
    """From what is around them; one name has one type; what stays open is named in order."""
    program = parse("map(?f, filter(?p, [1, 2]))", CORE)
    assert [show_type(hole.type) for hole in holes(program)] == ["(int) -> A", "(int) -> bool"]
    program = parse("(?x, ?y, ?x)", CORE)
    assert [show_type(hole.type) for hole in holes(program)] == ["A", "B", "A"]
    program = parse("let f = ? in f(1)", CORE)
    assert [show_type(hole.type) for hole in holes(program)] == ["(int) -> A"]


def test_operators_mean_primitives() -> None:
    """A definition named `add` does not change what + does, and is what `add` means."""
    wrong = Definition("file.add", parse_type("(int, int) -> int"), parse("lambda x, y: int.subtract(x, y)", CORE))
    library = CORE.extend(wrong, shadow=True)
    assert list(names(parse("add(1 + 2, 3)", library))) == ["file.add", "int.add"]


def test_a_node_at_two_places_may_mean_two_words() -> None:
    """Trees may share parts; what a word means depends on the place."""
    shared = parse_surface("concat")
    pair = parse_surface("(?f([1]), ?g('a'))")
    used = resolve(_filled(pair, shared), CORE).program
    assert [name for name in names(used) if "concat" in name] == ["list.concat", "text.concat"]


def _filled(p: Program, function: Program) -> Program:
    once = fill(p, {"f": function, "g": function})
    assert sum(node is function for node in walk(once)) == 2
    match once:
        case Application(pair, (Application(f, (one,)), Application(g, (two,)))):
            return Application(pair, (Application(f, (one, one)), Application(g, (two, two))))
    raise AssertionError(once)


def test_inference_without_names_is_the_plain_one() -> None:
    assert infer(Hole("", INT), Library()) == INT
