"""Programs as decisions in pre-order: at each place, of what may stand there, what does.

A place is a typed hole. A place of a function type is the body of a lambda over new variables, so that a network that
decides place by place can write nothing ill-typed (typed pre-order decoding, Yin and Neubig, "A syntactic neural model
for general-purpose code generation", 2017).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.grammar import Production
from dsl.program import (
    Application,
    Hole,
    Lambda,
    Literal,
    Name,
    Program,
    Variable,
    children,
    free_variables,
    rebuild,
    walk,
)
from dsl.type_system import FunctionType, Type
from dsl.values import agree
from synth.guide.choices import Choices, Options, Scoped
from synth.pcfg import Pcfg, spec_pcfg, variable
from tasks.task import Spec

__all__ = ["Decision", "Grounds", "Place", "decisions_of"]

_NAMES = ("x", "y", "z", "w", "v", "u")


@dataclass(frozen=True, slots=True)
class Place:
    """A typed hole: what stands above it (the row of a production, -1 at the top), which argument it is, how deep.

    `bound` are the names of the lambda that is written here, where the type is a function's; `leaves` and `scope` are
    what the hole sees.
    """

    type: Type
    parent: int
    argument: int
    depth: int
    leaves: tuple[Production, ...]
    scope: tuple[Scoped, ...]
    bound: tuple[str, ...] = ()

    @property
    def result(self) -> Type:
        """The type of what is decided: of a function, its result."""
        return self.type.result if isinstance(self.type, FunctionType) else self.type


@dataclass
class Grounds:
    """What is decided by in a spec: its grammar, the table of choices, and what each place admits, kept."""

    spec: Spec
    choices: Choices
    pcfg: Pcfg = field(init=False)
    leaves: tuple[Production, ...] = field(init=False)
    given: tuple[object, ...] = field(init=False)
    _kept: dict[tuple[Type, tuple[Production, ...], tuple[Scoped, ...]], Options] = field(default_factory=dict)
    _opened: dict[tuple[int, tuple[Scoped, ...]], tuple[Place, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pcfg, self.leaves = spec_pcfg(self.spec)
        outputs = [e.output for e in self.spec.examples]
        self.given = (outputs[0],) if len(outputs) > 1 and all(agree(outputs[0], o) for o in outputs) else ()

    @property
    def root(self) -> Place:
        """The place of the whole body."""
        pairs = zip(self.spec.parameters, self.spec.type_request.parameters, strict=True)
        scope = tuple(Scoped(variable(name, t), False, place, 0) for place, (name, t) in enumerate(pairs))
        return Place(self.spec.type_request.result, -1, 0, 0, self.leaves, scope)

    def options(self, place: Place) -> Options:
        """What may stand at a place."""
        key = (place.result, place.leaves, place.scope)
        found = self._kept.get(key)
        if found is None:
            found = self.choices.options(self.pcfg, place.result, place.leaves, place.scope, self.given)
            self._kept[key] = found
        return found

    def opened(self, place: Place, production: Production, row: int) -> tuple[Place, ...]:
        """The places that a production opens at a place, one for each parameter."""
        key = (row, place.scope)
        found = self._opened.get(key)
        if found is None:
            found = tuple(self._argument(place, row, i, t) for i, t in enumerate(production.parameters))
            self._opened[key] = found
        return tuple(_at_depth(p, place.depth + 1) for p in found)

    def _argument(self, place: Place, row: int, argument: int, t: Type) -> Place:
        if not isinstance(t, FunctionType):
            return Place(t, row, argument, 0, place.leaves, place.scope)
        bound = self.fresh(place, len(t.parameters))
        return self.inside(Place(t, row, argument, 0, place.leaves, place.scope, bound), bound, t)

    @staticmethod
    def inside(place: Place, bound: tuple[str, ...], t: FunctionType) -> Place:
        """A place of a function type as it is seen from inside the lambda with these names."""
        own = tuple(variable(name, p) for name, p in zip(bound, t.parameters, strict=True))
        scope = tuple(Scoped(p, True, i, 0) for i, p in enumerate(own))
        outer = tuple(s.deeper() for s in place.scope if s.production.key not in {p.key for p in own})
        leaves = Pcfg.lambda_leaves(own, place.leaves)
        return Place(t, place.parent, place.argument, place.depth, leaves, (*scope, *outer), bound)

    def fresh(self, place: Place, count: int) -> tuple[str, ...]:
        """Names for new parameters that nothing in scope has."""
        taken = {s.production.key for s in place.scope}
        numbered = (f"{name}{number}" for number in range(2, 60) for name in _NAMES)
        free = (name for name in (*_NAMES, *numbered) if f"variable:{name}" not in taken)
        return tuple(next(free) for _ in range(count))


def _at_depth(place: Place, depth: int) -> Place:
    if place.depth == depth:
        return place
    return Place(place.type, place.parent, place.argument, depth, place.leaves, place.scope, place.bound)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: the place, what it admits, which of these it was, and how many decisions its subtree has."""

    place: Place
    options: Options
    chosen: int
    size: int


def decisions_of(program: Lambda, grounds: Grounds) -> list[Decision] | None:
    """A program over a spec's parameters as decisions in pre-order; None for one that the grammar cannot build."""
    if program.parameters != grounds.spec.parameters:
        return None
    made: list[Decision] = []
    return made if _decide(program.body, grounds.root, grounds, made) else None


def _decide(program: Program, place: Place, grounds: Grounds, made: list[Decision]) -> bool:
    if isinstance(place.type, FunctionType):
        if isinstance(program, Name):
            program = Lambda(place.bound, Application(program, tuple(map(Variable, place.bound))))
        if not isinstance(program, Lambda) or len(program.parameters) != len(place.bound):
            return False
        if program.parameters != place.bound:
            renamed = _renamed(program, place.bound)
            if renamed is None:
                return False
            program = renamed
        body: Program = program.body
    else:
        body = program
    head, arguments = (body.function, body.arguments) if isinstance(body, Application) else (body, ())
    options = grounds.options(place)
    for number, production in enumerate(options.productions):
        if production.head != head or len(production.parameters) != len(arguments):
            continue
        at = len(made)
        made.append(Decision(place, options, number, 1))
        opened = grounds.opened(place, production, int(options.rows[number]))
        if all(_decide(a, p, grounds, made) for a, p in zip(arguments, opened, strict=True)):
            made[at] = Decision(place, options, number, len(made) - at)
            return True
        del made[at:]
    return False


def _renamed(program: Lambda, bound: tuple[str, ...]) -> Lambda | None:
    """A lambda with other names for its parameters; None where one of these is taken inside."""
    if set(bound) & (free_variables(program.body) - set(program.parameters)):
        return None
    if any(isinstance(p, Lambda) and set(p.parameters) & set(bound) for p in walk(program.body)):
        return _renamed_apart(program, bound)
    return Lambda(bound, _substituted(program.body, dict(zip(program.parameters, bound, strict=True))))


def _renamed_apart(program: Lambda, bound: tuple[str, ...]) -> Lambda | None:
    """The same where lambdas inside have these names: those get others first."""
    body = _apart(program.body, 0)
    return Lambda(bound, _substituted(body, dict(zip(program.parameters, bound, strict=True))))


def _apart(program: Program, depth: int) -> Program:
    if isinstance(program, Lambda):
        names = tuple(f"apart{depth}_{i}" for i in range(len(program.parameters)))
        inner = _substituted(_apart(program.body, depth + 1), dict(zip(program.parameters, names, strict=True)))
        return Lambda(names, inner)
    return rebuild(program, tuple(_apart(part, depth) for part in children(program)))


def _substituted(program: Program, names: dict[str, str]) -> Program:
    match program:
        case Variable(name):
            return Variable(names.get(name, name))
        case Lambda(parameters, body):
            return Lambda(parameters, _substituted(body, {a: b for a, b in names.items() if a not in parameters}))
        case Literal() | Name() | Hole():
            return program
    return rebuild(program, tuple(_substituted(part, names) for part in children(program)))
