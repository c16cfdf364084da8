"""Protocol `uncrumple` (P1): telling the two colours of a crumpled shape apart, from few points or from many.

Sheets of paper folded in space, spirals, checkerboards, nested circles. A checkerboard has a short program, the other
shapes have none in the words given, so nets are expected to win there. Everyone is tested on fresh points inside, at
the borders of colours, and outside, where the rule goes on and nobody was shown a point.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from synth.compare.ablations import ablation_learners
from synth.compare.axis import Axis
from synth.compare.programs import ProgramSearch
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
from synth.compare.uncrumple.figures import hardness_curves, inside_the_nets, uncrumpling_frames
from synth.compare.uncrumple.net import CODE, MakePointNet, PointNet
from synth.compare.uncrumple.references import Fitted, guess, know, nearest_example, support_vectors
from synth.compare.uncrumple.shapes import REGIONS
from synth.compare.uncrumple.source import PROTOCOL_NAME, PointSource
from synth.compare.uncrumple.words import all_words, plain_words
from synth.solver import Solver

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = ["PROTOCOL"]

_AXIS = Axis("region", "where points are", REGIONS, inside=("inside",), headline="outside")


def _tasks() -> tuple[ProtocolTask, ...]:
    said = {
        "paper": (range(1, 7), "a sheet of paper in space, folded {} times; colours are the sides of a curve on it"),
        "spirals": (range(1, 5), "two arms of {} turns that fill a disc"),
        "checkerboard": ((2, 4, 8, 16, 32), "a checkerboard of {0} x {0} cells"),
        "circles": (range(1, 4), "a disc within {} rings of either colour in turn"),
    }
    return tuple(
        ProtocolTask(f"{family}_{level}", summary.format(level), input_space="points in space")
        for family, (levels, summary) in said.items()
        for level in levels
    )


_TASKS = _tasks()


def _mlp(inputs: int) -> Module:
    from synth.nets.mlp import Mlp  # torch is imported only where a net is made

    return Mlp(inputs, 1)


def _mlp_relu(inputs: int) -> Module:
    from torch.nn import ReLU  # as above

    from synth.nets.mlp import Mlp

    return Mlp(inputs, 1, activation=ReLU)


def _fourier(inputs: int) -> Module:
    from synth.nets.fourier_mlp import FourierMlp  # as above

    return FourierMlp(inputs, 1)


def _fourier_octaves(inputs: int) -> Module:
    from synth.nets.fourier_mlp import FourierMlp  # as above

    return FourierMlp(inputs, 1, frequencies=6)


def _flow(inputs: int) -> Module:
    from synth.nets.residual_flow import ResidualFlow  # as above

    return ResidualFlow(inputs, state=3)


def _flow_plane(inputs: int) -> Module:
    from synth.nets.residual_flow import ResidualFlow  # as above

    return ResidualFlow(inputs)


def _bottom_up() -> Solver:
    from synth.search.forward import BottomUp  # the other rooms of a comparison do without the search

    return BottomUp()


_GIVEN = "points inside, each with its colour"


def _net(
    name: str, title: str, make: MakePointNet, learning_rate: float, module: str, description: str, **how: object
) -> Learner:
    return Learner(
        name,
        title,
        "same-prior net" if name.startswith("fourier") else "net",
        PointNet(make, learning_rate, headline=_AXIS.headline, **how),  # type: ignore[arg-type]
        description,
        learns_from=_GIVEN,
        recipe=f"AdamW, peak learning rate {learning_rate:g}, weight decay 1e-4, warm-up and cosine, clipped to 1",
        code=(module, *CODE),
    )


_NETS = (
    _net("mlp", "MLP", _mlp, 1e-2, "synth.nets.mlp:Mlp", "3 hidden layers of 64 units, SiLU"),
    _net("mlp_relu", "MLP (ReLU)", _mlp_relu, 1e-2, "synth.nets.mlp:Mlp", "3 hidden layers of 64 units, ReLU"),
    _net(
        "flow",
        "flow in R3",
        _flow,
        1e-2,
        "synth.nets.residual_flow:ResidualFlow",
        "24 invertible steps of three numbers, the plane with a zero beside it, then a dividing plane",
        drawn=("paper", "circles"),
    ),
    _net(
        "flow_plane",
        "flow in R2",
        _flow_plane,
        1e-2,
        "synth.nets.residual_flow:ResidualFlow",
        "24 invertible steps within the plane, then a dividing line; not on paper, which is in space",
    ),
    _net(
        "fourier",
        "Fourier MLP",
        _fourier,
        1e-2,
        "synth.nets.fourier_mlp:FourierMlp",
        "the MLP on sines and cosines of 32 frequencies, half a wave to 16 waves a unit: it knows that things repeat",
        raw=True,
    ),
    _net(
        "fourier_octaves",
        "Fourier MLP (octaves)",
        _fourier_octaves,
        1e-2,
        "synth.nets.fourier_mlp:FourierMlp",
        "the same on 6 frequencies, each twice the one before (Mildenhall et al. 2020): of all boards here it is given "
        "the very waves, and all but the longest repeat outside as they are inside",
        raw=True,
    ),
)

_PROGRAM = Learner(
    "program",
    "learned program",
    "program",
    ProgramSearch(plain_words, _bottom_up, shown=REGIONS),
    "bottom-up search over `floor`, `*`, `+`, `is_odd` and the numbers 1 to 40, the cheapest that fits all points",
    learns_from=_GIVEN,
    words=plain_words,
    tier="T0",
)
_ABLATIONS = ablation_learners(
    _PROGRAM,
    without=("real.floor", "real.multiply", "int.add", "int.is_odd"),
    decoys=(1, 3, 10),
    tiers=(("T1", all_words),),
)
_VARIED = ("checkerboard_8",)
"""Tasks on which the words are varied."""
_SOME_VARIED = ("program_decoys_1", "program_tier_T1", "program_without_int_add")

_REFERENCE_ROWS = (
    Learner("nearest", "nearest example", "reference", Fitted(nearest_example), "the colour of the nearest example"),
    Learner(
        "svm",
        "SVM",
        "reference",
        Fitted(support_vectors),
        "support vectors with radial kernels, their width chosen by cross-validation",
    ),
    Learner(ORACLE, "oracle", "reference", know, "the rule itself, on the sheet with its folds undone"),
    Learner(CHANCE, "chance", "reference", guess, "either colour, evenly"),
)

_BOARDS = ("checkerboard_4", "checkerboard_8", "checkerboard_16")

_PREDICTIONS = (
    *(
        Prediction(board, "program", "outside", "thirty colours tell 1,600 rules apart", size=30, at_least=0.9)
        for board in _BOARDS
    ),
    Prediction("checkerboard_8", "program", "outside", "ten colours fit cheaper wrong rules", size=10, at_most=0.75),
    Prediction("checkerboard_4", "mlp", "inside", "a net's win: few cells", size=10_000, at_least=0.9),
    Prediction(
        "checkerboard_4", "mlp", "outside", "nothing tells it that the board goes on", size=10_000, at_most=0.65
    ),
    Prediction("checkerboard_8", "fourier", "inside", "a net's win: waves suit boards", size=10_000, at_least=0.9),
    Prediction(
        "checkerboard_8", "fourier", "outside", "waves go on, their mixture only partly", size=10_000, at_most=0.9
    ),
    *(
        Prediction(board, "fourier_octaves", "outside", "a net's win: waves go on", size=10_000, at_least=least)
        for board, least in (("checkerboard_8", 0.6), ("checkerboard_16", 0.7))
    ),
    *(
        Prediction(task, "mlp", "inside", "a net's win: smooth, and no short rule", size=1_000, at_least=0.9)
        for task in ("paper_2", "paper_6", "circles_1")
    ),
    Prediction("spirals_3", "mlp", "inside", "a net's win: smooth, and no short rule", size=10_000, at_least=0.9),
    *(
        Prediction(task, "program", "inside", "no short rule in these words", size=100, at_most=0.6)
        for task in ("paper_6", "spirals_3", "circles_1")
    ),
    Prediction("circles_1", "flow", "inside", "the third number lifts the disc out", size=1_000, at_least=0.95),
    Prediction("spirals_3", "mlp", "outside", "arms end where points end", size=10_000, at_most=0.65),
)

_CONTESTS = (
    *(
        Contest(board, "program", net, "outside", 30, 10_000)
        for board in _BOARDS
        for net in ("mlp", "fourier", "fourier_octaves")
    ),
    Contest("checkerboard_4", "program", "mlp", "inside", 30, 10_000),
    Contest("spirals_3", "program", "mlp", "inside", 100, 10_000),
    Contest("paper_6", "program", "mlp", "inside", 100, 10_000),
    Contest("circles_1", "flow", "flow_plane", "inside", 1_000, 1_000),
    Contest("circles_1", "flow", "flow_plane", "border", 1_000, 1_000),
)

_TUNING = Tuning(
    "On seed 100, which is not reported. Multilayer perceptrons and flows: peak rates of 0.003, 0.01 and 0.03, and "
    "300 to 2,000 steps. Fourier MLP: peak rates of 0.001, 0.003, 0.01 and 0.03, and 300 to 1,000 steps; the one on "
    "octaves has the same recipe. Program side: "
    "which words (`modulo` and a 2, or `is_odd`; with `real.add` and `int.multiply` or without) and how likely the 40 "
    "numbers are. Predictions were written down afterwards, and before any reported seed was run.",
    MappingProxyType({"program": 6, "net": 8, "same-prior net": 7}),
)

_THREATS = (
    "Shapes with a short program were put beside shapes without one by us, and the words of the program side are "
    "those that the checkerboard needs: with all core words it is searched for as an ablation.",
    "`is_odd` stands for the remainder by 2: with `modulo` and the 2 as words of their own the search did not come to "
    "the rule within 9.9 million evaluations on a tuning seed.",
    "Ten points are too few for the program side too: 40 numbers in two places are 1,600 rules, ten colours tell 1,024 "
    "cases apart, and there are cheaper wrong rules besides.",
    "A net that does not fit its own examples within the steps given says nothing about how densely it needs to "
    "sample: read the training accuracy beside the curve.",
    "Frames are a picture of one run. They have three numbers because a page can show three; usual nets use more.",
    "SiLU is smooth; a ReLU net is linear in pieces. `full` runs both.",
    "A checkpoint of a net is chosen by 1,000 fresh points that are not counted among its examples: in the nets' "
    "favour.",
    "A search without a program has no answer and scores 0 (rule F11), where a guess is right half the time.",
    "At k = 32 a cell is as narrow as the band that counts as border, so inside and border are nearly the same there.",
    "Outside is one continuation among many: a rule that repeats is no more given by points inside than another.",
    "Budget: nets of this size, trained for seconds on a CPU. Longer training or larger nets may fit finer boards.",
)

_ALL = tuple(task.name for task in _TASKS)
_PLANE = tuple(name for name in _ALL if not name.startswith("paper"))
_STANDARD = (
    "paper_2", "paper_6", "spirals_3", "checkerboard_2", "checkerboard_4", "checkerboard_8",
    "checkerboard_16", "circles_1",
)  # fmt: skip
_FEW, _MANY = (10, 30, 100), (10, 100, 1_000, 10_000)


def _each(names: tuple[str, ...], value: tuple[int, ...]) -> Mapping[str, tuple[int, ...]]:
    return dict.fromkeys(names, value)


_WAVES = ("fourier", "fourier_octaves")
_POINT_NETS = ("mlp", *_WAVES, "flow", "flow_plane")

PROTOCOL = Protocol(
    name=PROTOCOL_NAME,
    title="Uncrumpling manifolds",
    claim="Nets are machines for uncrumpling complicated manifolds: a chain of smooth maps, learned from a dense "
    "sampling of what they are to tell apart.",
    question="Does a rule learned from a few points hold where nothing was shown, and how many points do nets need?",
    source=PointSource,
    tasks=_TASKS,
    axis=_AXIS,
    learners=(_PROGRAM, *_NETS, *_REFERENCE_ROWS, *_ABLATIONS),
    efforts=MappingProxyType(
        {
            "quick": Effort(
                "quick",
                tasks=("paper_2", "checkerboard_4"),
                learners=("program", "mlp", "flow", "fourier", "nearest", ORACLE, CHANCE),
                only=MappingProxyType({"flow": ("paper_2",)}),
                seeds=2,
                sizes=MappingProxyType(
                    {
                        "program": (10, 30),
                        **_each(("mlp", "fourier", "nearest"), (100, 1_000)),
                        "flow": (1_000,),
                    }
                ),
                steps=MappingProxyType({"mlp": 1_500, "fourier": 1_000, "flow": 1_000}),
                batch=256,
                evaluations=400_000,
                seconds=20.0,
            ),
            "standard": Effort(
                "standard",
                tasks=_STANDARD,
                learners=("program", *_POINT_NETS, "nearest", "svm", ORACLE, CHANCE, *_SOME_VARIED),
                only=MappingProxyType(
                    {
                        "flow": ("paper_2", "paper_6", "circles_1"),
                        "flow_plane": ("circles_1",),
                        "fourier_octaves": tuple(name for name in _STANDARD if name.startswith("checkerboard")),
                        **dict.fromkeys(_SOME_VARIED, _VARIED),
                    }
                ),
                seeds=5,
                sizes=MappingProxyType(
                    {
                        "program": _FEW,
                        **_each(("mlp", *_WAVES, "nearest", "svm"), _MANY),
                        **_each(("flow", "flow_plane"), (1_000,)),
                    }
                ),
                steps=MappingProxyType(
                    {
                        "mlp": 1_500,
                        "spirals_3/mlp": 2_500,
                        **dict.fromkeys(_WAVES, 750),
                        "flow": 1_000,
                        "flow_plane": 1_000,
                    }
                ),
                batch=256,
                tests=400,
                evaluations=400_000,
                seconds=20.0,
            ),
            "full": Effort(
                "full",
                tasks=_ALL,
                only=MappingProxyType({"flow_plane": _PLANE, **{one.name: _VARIED for one in _ABLATIONS}}),
                seeds=10,
                sizes=MappingProxyType(
                    {
                        "program": (*_FEW, 1_000),
                        **_each(("mlp", "mlp_relu", *_WAVES, "flow", "flow_plane", "nearest"), (*_MANY, 100_000)),
                        "svm": _MANY,
                    }
                ),
                steps=MappingProxyType(dict.fromkeys((*_POINT_NETS, "mlp_relu"), 20_000)),
                batch=256,
                tests=1_000,
                evaluations=20_000_000,
                seconds=600.0,
            ),
        }
    ),
    predictions=_PREDICTIONS,
    contests=_CONTESTS,
    threats=_THREATS,
    tuning=_TUNING,
    given=_GIVEN,
    figure="Right answers by region",
    figures=(uncrumpling_frames, hardness_curves, inside_the_nets),
    encoding="two or three real coordinates, as they are, and a truth value",
    example_bits=MappingProxyType(dict.fromkeys(_ALL, 1.0)),
)
