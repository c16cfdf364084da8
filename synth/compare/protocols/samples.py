"""Protocol `samples` (P2): a few examples, or a dense sampling of the input space.

Twelve functions on lists of digits, and a block of functions that others chose where its file is at hand. Programs
see 3, 5 and 10 examples, nets up to 100,000, all of them the beginning of one row a seed. The question is how many it
takes until fresh inputs are right, and whether what was learned holds elsewhere.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dsl.library import Library
from dsl.primitives import CORE
from synth.compare.ablations import ablation_learners
from synth.compare.axis import Axis
from synth.compare.incontext.learner import in_context_learner
from synth.compare.programs import Oracle, ProgramSearch
from synth.compare.protocol import (
    CHANCE,
    ORACLE,
    Effort,
    Learner,
    Protocol,
    ProtocolTask,
)
from synth.compare.samples.block import BLOCK, BlockSource, OnBlock, SearchEach, nearest_each
from synth.compare.samples.expected import CONTESTS, HEADLINE, PREDICTIONS, THREATS, TUNING
from synth.compare.samples.figure import cost_curves, needed_dots, sample_curves
from synth.compare.samples.findings import sample_findings
from synth.compare.samples.net import CODE, SampleNet
from synth.compare.samples.references import BoostedTrees, Nearest, guess
from synth.compare.samples.source import INSIDE, REGIONS, SampleSource
from synth.compare.tokens.net import MakeNet
from synth.compare.tokens.source import ListData, ListSource
from synth.solver import Solver
from tasks.domains.lists import LISTS
from tasks.load import load_suite
from tasks.suite import Suite

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = ["DATA_VARIABLE", "PROTOCOL", "make_protocol"]

DATA_VARIABLE = "SKETCHWRIGHT_DATA"
"""The environment variable that names the folder with the outside data sets."""

_MOST = 100_000
"""As many examples as anybody gets; tests stay away from all of them."""
_FEW = (3, 5, 10)
_DATA = ListData("samples", trained=(1, 10), shown=(1, 10), tested=())

_AXIS = Axis("region", "where the inputs are from", REGIONS, inside=(INSIDE,), headline=INSIDE)

_TASKS = tuple(
    ProtocolTask(name, summary, input_space="lists of digits")
    for name, summary in (
        ("sort", "the items from smallest to largest"),
        ("drop_duplicates", "the different items, in order of first appearance"),
        ("reverse", "the items in the opposite order"),
        ("running_sum", "the last digit of the sum of all items so far"),
        ("keep_greater_than_first", "the items that are greater than the first one"),
        ("swap_ends", "the first item and the last one exchanged"),
        ("every_second", "the second item, the fourth, and so on"),
        ("all_largest", "the largest item, as often as it is there"),
        ("rotate_by_first", "as many items moved from the front to the end as the first item says"),
        ("initials", "the first item, and each item that follows a zero"),
        ("raise_after_zero", "each item that follows a zero becomes a nine; the others stay"),
        ("day_month_year", "the last two items first, then those in the middle, then the first two"),
    )
)
_BLOCK_TASK = ProtocolTask(
    BLOCK,
    "functions on lists from Rule's thesis (2020), eleven examples each, one held out; scores count functions",
    author="Rule 2020",
    public=True,
    input_space="lists of ints",
)

_REFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "reverse": "fold(lambda done, x: cons(x, done), [], xs)",
        "sort": "fold(lambda done, n: fold(lambda kept, x: append(kept, x) if x == n else kept, done, xs), [], "
        "range(0, 10))",
        "drop_duplicates": "fold(lambda done, x: done if fold(lambda seen, y: True if y == x else seen, False, done) "
        "else append(done, x), [], xs)",
        "keep_greater_than_first": "fold(lambda kept, x: append(kept, x) if head(xs) < x else kept, [], xs)",
        "all_largest": "fold(lambda kept, x: append(kept, x) if x == fold(lambda m, y: y if m < y else m, 0, xs) else "
        "kept, [], xs)",
    }
)
"""A right program in plain words, where a short one is known. No solver is shown it; with the task's own solution it
tells bad luck in the draw of examples from failure."""


@cache
def _suite() -> Suite:
    return load_suite("samples", CORE)


def _own(task: str) -> ListSource:
    return ListSource.of(_DATA, _suite()[task], pairs=max(_FEW), reference=_REFERENCES.get(task))


@cache
def _source(task: str) -> SampleSource:
    before = "running_sum" if task == "sort" else "sort"
    forbidden = frozenset(set(CORE.entries) - set(_suite()[task].library.entries))
    return SampleSource(_own(task), _own(before).truth, _MOST, forbidden)


@cache
def _block(path: Path) -> BlockSource:
    return BlockSource.read(path, CORE)


def _gru(inputs: int, outputs: int) -> Module:
    from synth.nets.gru import Gru  # torch is imported only where a net is made

    return Gru(inputs, outputs)


def _transformer(inputs: int, outputs: int) -> Module:
    from synth.nets.transformer_sinusoidal import TransformerSinusoidal  # as above

    return TransformerSinusoidal(inputs, outputs)


def _transformer_nope(inputs: int, outputs: int) -> Module:
    from synth.nets.transformer_nope import TransformerNope  # as above

    return TransformerNope(inputs, outputs)


def _plain_words() -> Library:
    return LISTS.tier("T0")


def _all_words() -> Library:
    return LISTS.tier("T1")


def _bottom_up() -> Solver:
    from synth.search.forward import BottomUp  # the other rooms of a comparison do without the search

    return BottomUp()


_SEARCH = Learner(
    "program",
    "program, all words",
    "program",
    ProgramSearch(_all_words, _bottom_up, shown=REGIONS),
    "bottom-up search over all core words but those that would be the answer by themselves",
    learns_from="3, 5 and 10 examples",
    words=_all_words,
    tier="T1",
)
_PROGRAM = replace(_SEARCH, run=OnBlock(_SEARCH.run, SearchEach(_all_words, _bottom_up)))
_PLAIN = Learner(
    "program_plain",
    "program, plain words",
    "program",
    ProgramSearch(_plain_words, _bottom_up, shown=REGIONS),
    "the same search over fifteen plain words, `fold` among them",
    learns_from="3, 5 and 10 examples",
    words=_plain_words,
    tier="T0",
)

_ON_BLOCK = f"{BLOCK}/{_PROGRAM.name}"

_SAME_PRIOR = (in_context_learner("3, 5 and 10 examples"),)
"""Nets that are given what the program side knows, at its sizes."""


def _net(name: str, title: str, make: MakeNet, rate: float, decay: float, module: str, description: str) -> Learner:
    return Learner(
        name,
        title,
        "net",
        SampleNet(make, rate, decay, headline=_AXIS.headline),
        description,
        learns_from="10 to 100,000 examples, a tenth of them held out to choose the state",
        recipe=f"AdamW, peak learning rate {rate}, weight decay {decay}, warm-up and cosine, gradients clipped to 1, "
        "early stopping",
        code=(module, *CODE),
    )


_NETS = (
    _net("gru", "GRU", _gru, 4e-3, 0.3, "synth.nets.gru:Gru", "one GRU of 128 units reads, another writes"),
    _net(
        "transformer",
        "Transformer",
        _transformer,
        3e-3,
        0.1,
        "synth.nets.transformer_sinusoidal:TransformerSinusoidal",
        "2 layers of 64 channels and 4 heads; places coded by sines, as in the original paper",
    ),
    _net(
        "transformer_nope",
        "Transformer (NoPE)",
        _transformer_nope,
        3e-3,
        0.1,
        "synth.nets.transformer_nope:TransformerNope",
        "2 causal layers of 64 channels and 4 heads, no position code",
    ),
)

_NEAREST_EACH = Learner(
    "nearest_each",
    "nearest example of a function",
    "reference",
    nearest_each,
    "on the block, the answer of the function's example whose input is nearest by edit distance",
)
"""A row of its own, since a function of the block has ten examples at most."""

_REFERENCE_ROWS = (
    Learner(
        "nearest",
        "nearest example",
        "reference",
        Nearest(),
        "the answer of the example whose input is nearest by edit distance",
    ),
    _NEAREST_EACH,
    Learner("trees", "boosted trees", "reference", BoostedTrees(), "gradient-boosted trees, one classifier a slot"),
    Learner(ORACLE, "oracle", "reference", Oracle(), "the task's own solution"),
    Learner(CHANCE, "chance", "reference", guess, "every slot a token drawn evenly"),
)

_ABLATIONS = tuple(
    replace(one, title=one.title.replace("learned program", "program"))
    for learner in (_SEARCH, _PLAIN)
    for one in ablation_learners(
        learner,
        without=tuple(word.name for word in _plain_words().vocabulary) if learner is _PLAIN else (),
        decoys=(1, 3, 10),
    )
)
_SOME_VARIED = tuple(one for one in _ABLATIONS if one.name.endswith("decoys_1"))

_OWN_NAMES = tuple(task.name for task in _TASKS)


def _only(tasks: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Who runs on what: the block is for the program side with all words, and for the nearest example of a function."""
    own, block = tuple(task for task in tasks if task != BLOCK), tuple(task for task in tasks if task == BLOCK)
    others = (one.name for one in (_PLAIN, *_SAME_PRIOR, *_NETS, *_REFERENCE_ROWS))
    varied = {one.name: HEADLINE[1:] for one in _ABLATIONS}  # sorting is beyond a search's budget with any words
    return MappingProxyType({**dict.fromkeys(others, own), _NEAREST_EACH.name: block, **varied})


def _steps(*, gru: int, sort: int, other: int) -> Mapping[str, int]:
    """Training steps: of the GRU, and of the Transformer, which learns to sort sooner than the rest."""
    return MappingProxyType({"gru": gru, "sort/transformer": sort, "transformer": other})


def _sizes(nets: tuple[int, ...], trees: tuple[int, ...], **others: tuple[int, ...]) -> Mapping[str, tuple[int, ...]]:
    """From how many examples everyone learns; `others` say otherwise."""
    few = {one.name: _FEW for one in (_PROGRAM, _PLAIN, *_SAME_PRIOR)}
    references = {"nearest": (3, *nets), "nearest_each": _FEW, "trees": trees}
    varied = {one.name: (10,) for one in _ABLATIONS}
    return MappingProxyType({**few, **{one.name: nets for one in _NETS}, **references, **varied, **others})


def _efforts(block: tuple[str, ...]) -> Mapping[str, Effort]:
    def effort(name: str, tasks: tuple[str, ...], **parts: Any) -> Effort:
        return Effort(name, tasks=(*tasks, *block), only=_only((*tasks, *block)), **parts)

    fewer = tuple(one.name for one in (_PROGRAM, _PLAIN, *_SAME_PRIOR, *_NETS[:2], *_REFERENCE_ROWS))
    return MappingProxyType(
        {
            "quick": effort(
                "quick",
                HEADLINE,
                learners=fewer,
                seeds=2,
                sizes=_sizes(
                    (10, 100, 1_000),
                    (1_000,),
                    **{_PLAIN.name: (10,), _ON_BLOCK: (10,), _SAME_PRIOR[0].name: (3, 10), _NETS[1].name: (10, 1_000)},
                ),
                steps=_steps(gru=800, sort=600, other=1600),
                evaluations=200_000,
                seconds=60.0,
                settings=MappingProxyType({"functions": 5, "function_seconds": 60.0}),
            ),
            "standard": effort(
                "standard",
                HEADLINE,
                learners=(*fewer, *(one.name for one in _SOME_VARIED)),
                seeds=5,
                sizes=_sizes(
                    (10, 100, 1_000, 10_000),
                    (10, 100, 1_000),
                    **{_PLAIN.name: (10,), _ON_BLOCK: (10,)},
                ),
                steps=_steps(gru=1200, sort=600, other=2000),
                evaluations=1_000_000,
                seconds=120.0,
                settings=MappingProxyType({"functions": 15, "function_seconds": 120.0}),
            ),
            "full": effort(
                "full",
                _OWN_NAMES,
                seeds=10,
                sizes=_sizes(
                    (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000),
                    (10, 30, 100, 300, 1_000, 3_000, 10_000),
                ),
                steps=MappingProxyType({"gru": 20_000, "transformer": 20_000, "transformer_nope": 20_000}),
                tests=1000,
                evaluations=40_000_000,
                seconds=600.0,
                settings=MappingProxyType({"functions": 25, "function_seconds": 600.0}),
            ),
        }
    )


def make_protocol(data: Path | None) -> Protocol:
    """The protocol, with the block of others' functions where their data folder is given."""
    path = None if data is None else data / "lists" / "rule250.json"

    def source(task: str) -> SampleSource | BlockSource:
        if task != BLOCK:
            return _source(task)
        assert path is not None, "the block is a task only where its file is"
        return _block(path)

    def hashes() -> Mapping[str, str]:
        own = {"suite": _suite().digest()}
        return own if path is None else {**own, BLOCK: _block(path).digest()}

    without_block = (
        f"No outside block: {DATA_VARIABLE} does not name a folder with lists/rule250.json, so the block of functions "
        "that others chose was left out of this run, and all tasks are ours.",
    )
    block = () if path is None else (BLOCK,)
    return Protocol(
        name="samples",
        title="A few examples or many?",
        claim="Deep nets need a dense sampling of the inputs that they will meet, which even sorting a list calls for; "
        "a program states its rule from a few examples.",
        question="How many examples does it take until fresh inputs are right?",
        source=source,
        tasks=_TASKS if path is None else (*_TASKS, _BLOCK_TASK),
        axis=_AXIS,
        learners=(_PROGRAM, _PLAIN, *_SAME_PRIOR, *_NETS, *_REFERENCE_ROWS, *_ABLATIONS),
        efforts=_efforts(block),
        predictions=tuple(one for one in PREDICTIONS if path is not None or one.task != BLOCK),
        contests=CONTESTS,
        threats=THREATS if path is not None else (*without_block, *THREATS),
        tuning=TUNING,
        given="the examples that their row says",
        figure="Exact match by region, with the most examples that each had",
        figures=(sample_curves, needed_dots, cost_curves),
        findings=sample_findings,
        hashes=hashes,
        encoding="one token an item; nets fill as many slots as the input has items",
        example_bits=MappingProxyType(dict.fromkeys(_OWN_NAMES, 49 / 9 * math.log2(11))),
    )


def data_folder() -> Path | None:
    """The folder that the environment names, where it holds the block's file."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named and (Path(named) / "lists" / "rule250.json").is_file() else None


PROTOCOL = make_protocol(data_folder())
