"""Protocol `bodies` (P11): no weights that do it, weights that training does not find, or too little data.

A program that is a fold over finitely many states is compiled into the weights of a simple recurrent net, exactly. A
net of the same make is trained from examples, from the program's own traces, and from the compiled weights on. Where
the compiled weights hold and the trained ones do not, weights exist that training did not find.
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
from synth.compare.records import Cell, Run, Side
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
    (2, 3, 5, 7, 9, 10, 11, 15, 21, 41, 101, 301, 1000),
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

_ABLATIONS = ablation_learners(_PROGRAM, decoys=(1,))
_REFERENCE_ROWS = (
    Learner(ORACLE, "oracle", "reference", Oracle(_AXIS.shown), "the task's own solution"),
    Learner(CHANCE, "chance", "reference", _guess, "every slot a token drawn evenly"),
)

_REGULAR = ("parity", "even_pairs", "cycle_navigation", "modular_arithmetic")
_EXACT = "whole numbers do not wear out with length"
_NO_MACHINE = "there is no machine to compile"
_DRIFT = "states that are only nearly right drift"

_PREDICTIONS = (
    *(Prediction(task, COMPILED, 1000, _EXACT, at_least=0.99) for task in _REGULAR),
    Prediction("majority", COMPILED, 1000, _NO_MACHINE, at_most=0.1),
    Prediction("reverse", COMPILED, 1000, _NO_MACHINE, at_most=0.1),
    Prediction("parity", "program", 1000, "a sum and its remainder", at_least=0.9),
    Prediction("even_pairs", "program", 1000, "the first item and the last", at_least=0.9),
    Prediction("cycle_navigation", "program", 1000, "too long for the search", at_most=0.5),
    Prediction("modular_arithmetic", "program", 1000, "far too long for the search", at_most=0.5),
    Prediction("majority", "program", 1000, "a count with two signs: too long for the search", at_most=0.5),
    Prediction("reverse", "program", 1000, "a fold that builds from the front", at_least=0.9),
    Prediction("parity", FRESH, 1000, "a net's win: two states are few", size=_FEW, at_least=0.9),
    Prediction("cycle_navigation", FRESH, 1000, _DRIFT, size=_FEW, at_most=0.5),
    Prediction("cycle_navigation", FRESH, 1000, _DRIFT, size=_MANY, at_most=0.5),
    Prediction("modular_arithmetic", FRESH, 1000, _DRIFT, size=_MANY, at_most=0.5),
    Prediction("majority", FRESH, 41, "a net's win: rectified units count", size=_MANY, at_least=0.8),
    Prediction("majority", FRESH, 1000, "counts that are only nearly right drift", size=_MANY, at_most=0.8),
    Prediction("reverse", FRESH, 21, "a state of fixed size holds so many items and no more", size=_MANY, at_most=0.1),
    Prediction("cycle_navigation", TRACED, 1000, _DRIFT, size=_FEW, at_most=0.5),
    Prediction("modular_arithmetic", TRACED, 1000, _DRIFT, size=_FEW, at_most=0.5),
    Prediction("parity", FINETUNED, 1000, "it starts at a solution", size=_FEW, at_least=0.9),
    Prediction("modular_arithmetic", FINETUNED, 101, "steps away from exact weights add up", size=_FEW, at_most=0.5),
)

_THREATS = (
    "Scale: compiled weights are 0 and 1 at a scale that training would not choose, in one unit for each transition. "
    "That says that such weights exist in this architecture, and nothing about how near training comes to them.",
    "Not compiled is no statement about all weights: rectified units hold numbers without bound, so a net of this "
    "width may count although no finite machine does. The trained bodies of such tasks are shown for that reason.",
    "Which program: where the search finds none, or one that is not the task's smallest machine, the compiled weights "
    "are those of a program that we wrote. The row of the learned program says what was found; the compiled body "
    "says in its message whose weights it has.",
    "Traces are more data than examples alone: a state for each item. That is what they are there for, and why their "
    "row counts as a net with the same prior.",
    "Few examples: a net from 1,000 examples that is right on fewer than 95% of fresh inputs is marked under-trained "
    "although what it lacks may be examples. The verdict looks at the row with 100,000 for that.",
    "Budget: one width, one learning rate, some thousand steps. Other recipes, longer training, gates (GRU, LSTM) or "
    "curricula may find what these did not; protocol `length` has gated nets on most of these tasks.",
    "Whose tasks: four are regular tasks of Deletang et al. 2023, chosen because a machine exists; majority and "
    "reverse were added because none does.",
    "Even lengths of `modular_arithmetic`: an expression has an odd length, so a test at length 2n is one at 2n - 1.",
)


def _steps(usual: int, **others: int) -> Mapping[str, int]:
    """Steps of the bodies that are trained, the usual ones where a task has none of its own."""
    trained = (FRESH, TRACED, FINETUNED)
    return MappingProxyType({f"{t.name}/{body}": others.get(t.name, usual) for t in _TASKS for body in trained})


PROTOCOL = Protocol(
    name="bodies",
    title="One program, four bodies",
    claim="For most tasks either no practically sized net exists that solves them, or one exists and is not learnable, "
    "or the data for it is not there: three causes, told apart.",
    question="Are there weights that solve the task at length 1,000 which training did not find?",
    source=_source,
    tasks=_TASKS,
    axis=_AXIS,
    learners=(_PROGRAM, *_BODIES, *_REFERENCE_ROWS, *_ABLATIONS),
    efforts=MappingProxyType(
        {
            "quick": Effort(
                "quick",
                tasks=("parity", "cycle_navigation"),
                learners=("program", COMPILED, FRESH, TRACED, FINETUNED, ORACLE, CHANCE),
                seeds=2,
                sizes=MappingProxyType({FRESH: (_FEW,), TRACED: (_FEW,), FINETUNED: (_FEW,)}),
                steps=_steps(1500),
                tests=100,
                evaluations=300_000,
                seconds=20.0,
            ),
            "standard": Effort(
                "standard",
                tasks=tuple(task.name for task in _TASKS),
                only=MappingProxyType({TRACED: _REGULAR, FINETUNED: _REGULAR, "program_decoys_1": ("parity",)}),
                seeds=5,
                sizes=MappingProxyType({FRESH: (_FEW, _MANY), TRACED: (_FEW,), FINETUNED: (_FEW,)}),
                steps=_steps(1500, cycle_navigation=2500, modular_arithmetic=3000),
                tests=100,
                evaluations=300_000,
                seconds=60.0,
            ),
            "full": Effort(
                "full",
                tasks=tuple(task.name for task in _TASKS),
                only=MappingProxyType({TRACED: _REGULAR, FINETUNED: _REGULAR}),
                seeds=10,
                sizes=MappingProxyType({FRESH: (_FEW, _MANY), TRACED: (_FEW, _MANY), FINETUNED: (_FEW, _MANY)}),
                steps=_steps(20_000),
                tests=500,
                evaluations=20_000_000,
                seconds=600.0,
            ),
        }
    ),
    predictions=_PREDICTIONS,
    contests=tuple(
        Contest(task, COMPILED, other, 1000, second_size=_FEW) for task in _REGULAR for other in (FRESH, FINETUNED)
    ),
    threats=_THREATS,
    tuning=Tuning(
        "Nets: 13 short runs on seed 100, which is not reported, varying the start of the recurrent weights and the "
        "kind of body; the learning rates are the first that ran. Programs and compilation: none.",
        MappingProxyType({"net": 8, "same-prior net": 3, "program": 0, "hybrid": 2}),
    ),
    given=f"{_MANY:,} {_EXAMPLES}",
    figure="Exact match by input length",
    closeness="Token accuracy: how close were they?",
    figures=(body_strips,),
    findings=body_findings,
    hashes=_hashes,
    encoding="one token an item; as many slots as the input has items, one for an int",
)
