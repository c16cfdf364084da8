"""Programs without names of their own for bound variables, so that equal trees mean the same.

A nameless program is a `Program` whose lambdas call their parameters `_`, and in which `Variable("$0")` is what the
nearest binder binds last, `$1` what it binds before, and so on outwards (de Bruijn, "Lambda calculus notation with
nameless dummies", 1972). A `let` binds one variable in its body. Free variables keep their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, count

from dsl.errors import ResourceError
from dsl.laws import commutative, normalise
from dsl.library import Library
from dsl.program import Application, Lambda, Let, Name, Program, Variable, children, rebuild, walk

__all__ = [
    "LAZY",
    "abstracted",
    "beta_reduced",
    "bound",
    "called",
    "index_of",
    "inlined",
    "named",
    "nameless",
    "normal",
    "opened",
    "outside",
    "own",
    "replaced",
    "shifted",
    "unfolded",
]

LAZY: Mapping[str, int] = {"control.if": 1, "bool.and": 1, "bool.or": 1}
"""Words that may leave arguments unrun, and how many of their first ones they always run."""
_BINDER = "_"
_LARGEST_INLINED = 20_000
"""Nodes of a program whose lets are put in place; a larger one keeps them."""
_LETTERS = "xyzuvw"


def index_of(p: Program) -> int | None:
    """Which bound variable a node of a nameless program is; None for any other node.

    >>> index_of(Variable("$2")), index_of(Variable("xs"))
    (2, None)
    """
    return int(p.name[1:]) if isinstance(p, Variable) and p.name.startswith("$") else None


def bound(index: int) -> Variable:
    """The bound variable of an index."""
    return Variable(f"${index}")


def called(name: str, arguments: Sequence[Program]) -> Program:
    """A word applied to arguments, or the word itself where there are none."""
    return Application(Name(name), tuple(arguments)) if arguments else Name(name)


def _binds(p: Program) -> tuple[int, ...]:
    """How many variables a node binds in each of its parts."""
    match p:
        case Lambda(parameters, _):
            return (len(parameters),)
        case Let():
            return (0, 1)
        case _:
            return (0,) * len(children(p))


def inner_parts(p: Program) -> Iterator[tuple[Program, int]]:
    """The parts of a node, each with how many variables the node binds in it."""
    return zip(children(p), _binds(p), strict=True)


# ---- names away and back ------------------------------------------------------------------------------------------


def nameless(program: Program) -> Program:
    """The nameless form of a program.

    >>> nameless(Lambda(("x", "y"), Application(Variable("f"), (Variable("x"), Variable("y"))))).body.arguments
    (Variable(name='$1'), Variable(name='$0'))
    """
    return _nameless(program, ())


def _nameless(p: Program, scope: tuple[str, ...]) -> Program:
    match p:
        case Variable(name):
            place = next((i for i, known in enumerate(reversed(scope)) if known == name), None)
            return p if place is None else bound(place)
        case Lambda(parameters, body):
            return Lambda((_BINDER,) * len(parameters), _nameless(body, (*scope, *parameters)))
        case Let(name, value, body):
            return Let(_BINDER, _nameless(value, scope), _nameless(body, (*scope, name)))
        case _:
            return rebuild(p, tuple(_nameless(part, scope) for part in children(p)))


def named(program: Program, parameters: Sequence[str] = (), taken: Sequence[str] = ()) -> Program:
    """A nameless program with names: the outermost lambda's are `parameters`, others the first letters not in use.

    `taken` are names that no binder may have.
    """
    free = {p.name for p in walk(program) if isinstance(p, Variable) and index_of(p) is None}
    avoided = free.union(taken)
    if isinstance(program, Lambda) and parameters:
        names = tuple(parameters)
        return Lambda(names, _named(program.body, names, avoided))
    return _named(program, (), avoided)


def _named(p: Program, scope: tuple[str, ...], avoided: set[str]) -> Program:
    index = index_of(p)
    if index is not None:
        return Variable(scope[-1 - index])
    match p:
        case Lambda(parameters, body):
            names = _fresh(len(parameters), avoided.union(scope))
            return Lambda(names, _named(body, (*scope, *names), avoided))
        case Let(_, value, body):
            (name,) = _fresh(1, avoided.union(scope))
            return Let(name, _named(value, scope, avoided), _named(body, (*scope, name), avoided))
        case _:
            return rebuild(p, tuple(_named(part, scope, avoided) for part in children(p)))


def _fresh(wanted: int, avoided: set[str]) -> tuple[str, ...]:
    candidates = chain(_LETTERS, (f"x{number}" for number in count(1)))
    free = (name for name in candidates if name not in avoided)
    return tuple(next(free) for _ in range(wanted))


# ---- moving under binders -----------------------------------------------------------------------------------------


def replaced(p: Program, choose: Callable[[Program, int], Program | None], depth: int = 0) -> Program:
    """The program with some nodes replaced; `choose` is shown each node and how many binders are around it."""
    chosen = choose(p, depth)
    if chosen is not None:
        return chosen
    parts = tuple([replaced(part, choose, depth + binds) for part, binds in inner_parts(p)])
    return rebuild(p, parts) if any(a is not b for a, b in zip(parts, children(p), strict=True)) else p


def shifted(p: Program, by: int, depth: int = 0) -> Program:
    """The program with the variables that it takes from outside `by` binders further out."""
    if by == 0:
        return p

    def move(node: Program, inside: int) -> Program | None:
        index = index_of(node)
        return bound(index + by) if index is not None and index >= inside else None

    return replaced(p, move, depth)


def outside(p: Program, depth: int = 0) -> Iterator[int]:
    """Indices of the variables that a program takes from outside, as seen there, wherever they occur."""
    index = index_of(p)
    if index is not None and index >= depth:
        yield index - depth
    for part, binds in inner_parts(p):
        yield from outside(part, depth + binds)


def abstracted(p: Program, taken: Sequence[int]) -> Program:
    """The body of a function of variables that a program takes from outside, the last of them its `$0`.

    >>> abstracted(Application(Variable("$3"), (Variable("$1"),)), (1,))
    Application(function=Variable(name='$4'), arguments=(Variable(name='$0'),))
    """

    def put(node: Program, inside: int) -> Program | None:
        index = index_of(node)
        if index is None or index < inside:
            return None
        asked = index - inside
        return bound(inside + len(taken) - 1 - taken.index(asked) if asked in taken else index + len(taken))

    return replaced(p, put)


def opened(body: Program, values: Sequence[Program]) -> Program:
    """A binder's body with values for what it binds, the last of them for `$0`."""

    def put(node: Program, inside: int) -> Program | None:
        index = index_of(node)
        if index is None or index < inside:
            return None
        own = index - inside
        return shifted(values[-1 - own], inside) if own < len(values) else bound(index - len(values))

    return replaced(body, put)


# ---- equal forms --------------------------------------------------------------------------------------------------


def normal(program: Program, library: Library) -> Program:
    """The nameless normal form by the laws of the words, with lambdas that only pass their parameters on reduced."""
    form = nameless(program)
    while True:
        reduced = _reduced(normalise(form, library), library, outermost=True)
        if reduced == form:
            return form
        form = reduced


def _reduced(p: Program, library: Library, outermost: bool = False) -> Program:
    """`lambda x: f(x)` as `f` (eta-reduction), but for the whole program and words that may leave arguments unrun.

    Of a commutative word, `lambda x, y: f(y, x)` too.
    """
    parts = children(p)
    reduced = tuple([_reduced(part, library) for part in parts])
    made = p if all(a is b for a, b in zip(parts, reduced, strict=True)) else rebuild(p, reduced)
    match made:
        case Lambda(parameters, Application(Name(word) as function, arguments)) if not outermost and word not in LAZY:
            swapped = word in library and commutative in library[word].laws and arguments == own(parameters)[::-1]
            return function if arguments == own(parameters) or swapped else made
        case _:
            return made


def own(parameters: Sequence[str]) -> tuple[Program, ...]:
    """What a lambda binds, as it is called in its body.

    >>> own(("_", "_"))
    (Variable(name='$1'), Variable(name='$0'))
    """
    return tuple(bound(i) for i in reversed(range(len(parameters))))


def inlined(program: Program) -> Program:
    """The program without `let` and without lambdas that are applied where they stand: values put in their place.

    One that would become too large stays as it is. Names of its outermost parameters are kept.
    """
    if not any(_is_redex(node) for node in walk(program)):
        return program
    try:
        form = _inlined(nameless(program))
    except ResourceError:
        return program
    return named(form, program.parameters if isinstance(program, Lambda) else ())


def _is_redex(p: Program) -> bool:
    match p:
        case Let() | Application(Lambda()):
            return True
        case _:
            return False


def _inlined(p: Program) -> Program:
    parts = tuple([_inlined(part) for part in children(p)])
    match rebuild(p, parts):
        case Let(_, value, body):
            made = _inlined(opened(body, (value,)))
        case Application(Lambda(parameters, body), arguments) if len(parameters) == len(arguments):
            made = _inlined(opened(body, arguments))
        case other:
            made = other
    if made.size > _LARGEST_INLINED:
        raise ResourceError("expected a program that stays small, found one that its lets make huge")
    return made


def unfolded(p: Program, definitions: Mapping[str, Program]) -> Program:
    """A nameless program with nameless definitions (closed lambdas or expressions) put in for their names.

    What a definition's body uses of the others is put in too, and a function that is put in where it is called is
    applied.
    """
    match p:
        case Application(Name(name), arguments) if isinstance(definitions.get(name), Lambda):
            body = unfolded(definitions[name].body, definitions)  # type: ignore[union-attr]
            return beta_reduced(opened(body, tuple(unfolded(argument, definitions) for argument in arguments)))
        case Name(name) if name in definitions:
            return unfolded(definitions[name], definitions)
        case _:
            return rebuild(p, tuple(unfolded(part, definitions) for part in children(p)))


def beta_reduced(p: Program) -> Program:
    """A nameless program without lambdas that are applied where they stand."""
    parts = tuple([beta_reduced(part) for part in children(p)])
    match rebuild(p, parts) if parts else p:
        case Application(Lambda(parameters, body), arguments) if len(parameters) == len(arguments):
            return beta_reduced(opened(body, arguments))
        case made:
            return made
