"""Protocol `bodies` (P11): is it that no weights do it, that training does not find them, or that data is short?

A program that is a fold over finitely many states is compiled into the weights of a simple recurrent net, exactly. A net
of the same make is trained from examples, from the program's own traces, and from the compiled weights on. Where the
compiled weights hold and the trained ones do not, weights exist that training did not find.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from dsl.library import Library
from dsl.primitives import CORE
from synth.compare.ablations import ablation_learners
from synth.compare.axis import numbered_axis
from synth.compare.bodies.figure import body_strips
from synth.compare.bodies.learners import CODE, Body, CompiledBody, TrainedBody
from synth.compare.bodies.machine import ANY_LIST, Form
from synth.compare.bodies.source import BodySource
from synth.compare.bodies.verdicts import COMPILED, FINETUNED, FRESH, TRACED, body_findings
from synth.compare.length.inputs import expression
from synth.compare.length.references import REFERENCES
from synth.compare.programs import Oracle, ProgramSearch
from synth.compare.protocol import (
    CHANCE,
    ORACLE,
    Contest,
    Effort,
    Learner,
    Prediction,
    Protocol,
    ProtocolTask,
    Tuning,
)
from synth.compare.records import Cell, Run
from synth.compare.records import Side
from synth.compare.tokens.net import Guessing
from synth.compare.tokens.source import ListData, ListSource
from synth.solver import Solver
from tasks.domains.lists import LISTS
from tasks.load import load_suite
from tasks.suite import Suite

__all__ = ["PROTOCOL"]

_AXIS = numbered_axis(
    "length",
    "length of the input",
    (1, 2, 3, 5, 7, 9, 10, 11, 15, 21, 41, 101, 301, 1000),
    trained=(1, 10),
    headline=1000,
    shown=(9, 11, 21, 101),
)
_DATA = ListData("bodies", trained=(1, 10), shown=(1, 6), tested=tuple(p for p in _AXIS.points if isinstance(p, int)))
_PAIRS = 24
_HIDDEN = 256
_FEW, _MANY = 1_000, 100_000

_TASKS = (
    ProtocolTask("parity", "1 if an odd number of items are 1, else 0 (regular)", input_space="lists of 2 symbols"),
    ProtocolTask("even_pairs", "1 if an odd number of neighbours differ (regular)", input_space="lists of 2 symbols"),
    ProtocolTask(
        "cycle_navigation", "the place on a circle of five after steps (regular)", input_space="lists of 3 symbols"
    ),
    ProtocolTask(
        "modular_arithmetic", "the value mod 5 of digits with + - * (regular)", input_space="lists of 8 symbols"
    ),
    ProtocolTask("majority", "1 if more items are 1 than 0 (not regular)", input_space="lists of 2 symbols"),
    ProtocolTask("reverse", "the items in the opposite order (not regular)", input_space="lists of 8 symbols"),
)

_KNOWN: Mapping[str, str] = MappingProxyType(
    {
        **{task.name: REFERENCES[task.name] for task in _TASKS if task.name in REFERENCES},
        "majority": "1 if 0 < fold(lambda ahead, x: ahead + (-1 if x == 0 else 1), 0, xs) else 0",
    }
)
"""A program for each task that is known to be right. No solver is shown them."""


def _one_follows(before: int | None, item: int) -> bool:
    """In an expression digits and signs take turns, a digit first."""
    return (item < 5) != (before is not None and before < 5)


def _ends(item: int) -> bool:
    return item < 5


_EXPRESSION = Form(_one_follows, _ends)


@cache
def _source(task: str) -> BodySource:
    arithmetic = task == "modular_arithmetic"
    lists = ListSource.of(
        _DATA,
        _suite()[task],
        pairs=_PAIRS,
        reference=_KNOWN[task],
        draw=expression if arithmetic else None,
        results=5 if task == "cycle_navigation" else 0,
    )
    return BodySource(lists, _words(), _HIDDEN, _EXPRESSION if arithmetic else ANY_LIST)


def _suite() -> Suite:
    return load_suite("length", CORE)


def _hashes() -> Mapping[str, str]:
    return {"suite": _suite().digest()}


def _words() -> Library:
    """The fifteen plain words, with products and remainders."""
    plain = next(tier.words for tier in LISTS.tiers if tier.name == "T0")
    assert plain is not None, "the first tier names its words"
    return LISTS.library.only((*plain, "int.multiply", "int.modulo"))


def _bottom_up() -> Solver:
    from synth.search.forward import BottomUp  # the other rooms of a comparison do without the search

    return BottomUp()


_SEARCH = ProgramSearch(_words, _bottom_up, shown=_AXIS.shown)


def _guess(source: BodySource, effort: Effort, cell: Cell) -> Run:
    return Guessing(_AXIS.shown)(source.lists, effort, cell)


def _body(name: str, title: str, side: Side, body: Body, learning_rate: float, given: str, description: str) -> Learner:
    return Learner(
        name,
        title,
        side,
        TrainedBody(body, learning_rate, _AXIS.headline, _AXIS.shown),
        description,
        learns_from=given,
        recipe=f"AdamW, peak learning rate {learning_rate}, warm-up and cosine, gradients clipped to 1",
        code=(*CODE, *(("synth.compare.bodies.nets:trace_loss",) if body == "traced" else ())),
    )


_EXAMPLES = f"examples of length {_DATA.trained[0]} to {_DATA.trained[1]}"

_PROGRAM = Learner(
    "program",
    "learned program",
    "program",
    _SEARCH,
    "bottom-up search over seventeen plain words, the cheapest program that fits all pairs",
    learns_from=f"{_PAIRS} pairs of length {_DATA.shown[0]} to {_DATA.shown[1]}",
    words=_words,
    tier="T0, multiply, modulo",
)
_BODIES = (
    Learner(
        COMPILED,
        "compiled",
        "hybrid",
        CompiledBody(_SEARCH, _AXIS.shown),
        f"a program's states and items as the units of a simple recurrent net of {_HIDDEN} units",
        learns_from="the program",
        words=_words,
        code=("synth.compare.bodies.compile:compile_machine", "synth.nets.elman:Elman"),
    ),
    _body(FRESH, "from scratch", "net", "fresh", 1e-3, _EXAMPLES, "random weights, trained on outputs"),
    _body(
        TRACED,
        "on traces",
        "same-prior net",
        "traced",
        1e-3,
        f"{_EXAMPLES}, with the program's state after each item",
        "random weights, trained on outputs and on the program's states",
    ),
    _body(FINETUNED, "fine-tuned", "hybrid", "compiled", 1e-4, _EXAMPLES, "compiled weights, trained on outputs"),
)

_PREDICTIONS: tuple[Prediction, ...] = ()
PROTOCOL = Protocol(
    name="bodies",
    title="One program, four bodies",
    claim="",
    question="",
    source=_source,
    tasks=_TASKS,
    axis=_AXIS,
    learners=(_PROGRAM, *_BODIES),
    efforts={},
)
