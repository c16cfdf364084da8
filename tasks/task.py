"""A task, and the part of it that a solver may see."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dsl.library import Library
from dsl.program import Lambda, Program
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Range, Type, TypeConstructor, show_type
from dsl.values import Failure, agree, key, show_value

__all__ = [
    "BudgetLine",
    "Contradiction",
    "Example",
    "InputRange",
    "Spec",
    "Task",
    "allowed_misses",
    "contradiction",
    "describe_contradiction",
    "fewest_misses",
    "missed",
    "parameter_names",
]


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments, in the order of the parameters, and the output wanted for them."""

    arguments: tuple[object, ...]
    output: object


@dataclass(frozen=True, slots=True)
class InputRange:
    """How to draw one input: `length` for a list or text, `items` for what is in it, `values` for an int or real.

    >>> InputRange(length=Range(0, 10), items=InputRange(values=Range(-9, 99))).items.values.high
    99
    """

    length: Range | None = None
    values: Range | None = None
    items: InputRange | None = None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What a task's `budget` line allows; None where it says nothing."""

    evaluations: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Spec:
    """What a solver may see of a task: the type request, the words, the examples, the queries, the sketches, the noise.

    Nothing of the holdout, the reference solution, the name or the description is in here. `sketches` are alternatives:
    where there are any, the answer has the form of one of them. Each is a Lambda over `parameters`; the body's typed
    holes are to be filled by programs over the parameters and the variables bound around the hole, holes of one name
    by one program. `noise` is the share of the examples that an answer may miss.
    """

    parameters: tuple[str, ...]
    type_request: FunctionType
    library: Library = field(repr=False)
    examples: tuple[Example, ...]
    queries: tuple[tuple[object, ...], ...] = ()
    sketches: tuple[Lambda, ...] = ()
    noise: float = 0.0

    def __post_init__(self) -> None:
        assert len(self.parameters) == len(self.type_request.parameters), "one name for each parameter"
        assert 0 <= self.noise < 1, "a share of the examples"

    @property
    def allowed_misses(self) -> int:
        """How many of the examples an answer may miss."""
        return allowed_misses(self.noise, len(self.examples))


@dataclass(frozen=True)
class Task:
    """A type request, examples, held-out examples, and how to make more.

    `type_request` is a FunctionType also for a task without inputs (no parameters). `library` is what a solution may
    use: the domain's words and the file's own definitions, after `uses` and `forbid`. `solution`, the reference
    program, is a Lambda over `parameters`; solvers never see it. `sketches` and `noise` are as in `Spec`; the noise is
    in the examples, not in the held-out pairs. `tags` are free words such as `warm-up`.
    """

    name: str
    parameters: tuple[str, ...]
    type_request: FunctionType
    library: Library = field(repr=False)
    examples: tuple[Example, ...] = ()
    queries: tuple[tuple[object, ...], ...] = ()
    holdout: tuple[Example, ...] = ()
    description: str = ""
    inputs: tuple[tuple[str, InputRange], ...] = ()
    uses: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    sketches: tuple[Lambda, ...] = ()
    noise: float = 0.0
    budget: BudgetLine | None = None
    solution: Program | None = field(default=None, repr=False)
    tags: frozenset[str] = frozenset()
    origin: str = ""

    @property
    def spec(self) -> Spec:
        """The part that a solver may see."""
        return Spec(
            self.parameters, self.type_request, self.library, self.examples, self.queries, self.sketches, self.noise
        )

    @property
    def is_generator(self) -> bool:
        """Whether examples can be drawn from it: a solution, and no examples of its own."""
        return self.solution is not None and not self.examples

    @property
    def signature(self) -> str:
        """`name(xs: list[int]) -> int`, as in a task file."""
        pairs = zip(self.parameters, self.type_request.parameters, strict=True)
        inside = ", ".join(f"{name}: {show_type(t)}" for name, t in pairs)
        return f"{self.name}({inside}) -> {show_type(self.type_request.result)}"

    @property
    def result_type(self) -> Type:
        """The type of the output."""
        return self.type_request.result


def allowed_misses(noise: float, count: int) -> int:
    """How many of `count` examples a program may miss at a noise: that share, rounded down.

    >>> allowed_misses(0.1, 10), allowed_misses(0.1, 19), allowed_misses(0.29, 100)
    (1, 1, 29)
    """
    return math.floor(round(noise * count, 6))  # 0.29 * 100 is a little less than 29


def missed(pairs: Sequence[Example], outcomes: Sequence[object]) -> tuple[int, ...]:
    """The positions of the pairs whose outputs are not the ones wanted.

    >>> missed((Example((1,), 2), Example((2,), 3)), (2, 9))
    (1,)
    """
    judged = enumerate(zip(pairs, outcomes, strict=True))
    return tuple(at for at, (pair, o) in judged if isinstance(o, Failure) or not agree(o, pair.output))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two examples (0-based positions) with the same input and different outputs."""

    first: int
    second: int


def contradiction(examples: tuple[Example, ...]) -> Contradiction | None:
    """The first two examples that no function can both meet, or None.

    >>> contradiction((Example((1,), 2), Example((1,), 3)))
    Contradiction(first=0, second=1)
    """
    seen: dict[object, int] = {}
    for position, example in enumerate(examples):
        earlier = seen.setdefault(key(example.arguments), position)
        if key(examples[earlier].output) != key(example.output):
            return Contradiction(earlier, position)
    return None


def fewest_misses(examples: Sequence[Example]) -> int:
    """How many examples every function misses, because they contradict others: for each input, all outputs but one.

    >>> fewest_misses((Example((1,), 2), Example((1,), 3), Example((1,), 2), Example((5,), 2)))
    1
    """
    outputs: dict[object, Counter[object]] = {}
    for example in examples:
        outputs.setdefault(key(example.arguments), Counter())[key(example.output)] += 1
    return sum(wanted.total() - max(wanted.values()) for wanted in outputs.values())


def parameter_names(types: Sequence[Type]) -> tuple[str, ...]:
    """Names for parameters that have none: `xs`, `ys` for lists, `n`, `m` for ints, and so on, all different.

    >>> parameter_names((TypeConstructor("list", (INT,)), INT, TypeConstructor("list", (INT,))))
    ('xs', 'n', 'ys')
    """
    taken: list[str] = []
    for t in types:
        taken.append(next(name for name in _names_for(t) if name not in taken))
    return tuple(taken)


_LETTERS: dict[Type, str] = {INT: "nmk", BOOL: "pq", REAL: "xyz", TEXT: "st"}


def _names_for(t: Type) -> Iterator[str]:
    match t:
        case TypeConstructor("list", (TypeConstructor("list"),)):
            yield from ("xss", "yss", "zss")
        case TypeConstructor("list"):
            yield from ("xs", "ys", "zs")
        case _:
            yield from _LETTERS.get(t, "abc")
    yield from (f"x{number}" for number in itertools.count(1))


def describe_contradiction(clash: Contradiction, examples: tuple[Example, ...], request: FunctionType) -> str:
    """Both examples by number (from 1, as people count lines) and content.

    >>> from dsl.type_system import INT, function_type
    >>> pair = (Example((1,), 2), Example((1,), 3))
    >>> describe_contradiction(Contradiction(0, 1), pair, function_type(INT, result=INT))
    'examples 1 and 2 contradict each other: for 1 one wants 2, the other 3'
    """
    first, second = examples[clash.first], examples[clash.second]
    given = ", ".join(show_value(v, t) for v, t in zip(first.arguments, request.parameters, strict=True))
    wanted = [show_value(e.output, request.result) for e in (first, second)]
    return (
        f"examples {clash.first + 1} and {clash.second + 1} contradict each other: "
        f"for {given or 'no input'} one wants {wanted[0]}, the other {wanted[1]}"
    )
