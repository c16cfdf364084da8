"""Protocol `adversarial` (P7): small attacks on images, on sequences, and on the examples that learning starts from.

Strength 0 is no attack. One step of strength is one grey level of sixteen in every pixel, one item replaced, or one
example that the attacker had a hand in; comparisons stay within a task, as these are not to be weighed against each
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from dsl.primitives import CORE
from synth.compare.adversarial.figures import gibbon_pair, poison_bars, poison_lines, robust_lines
from synth.compare.adversarial.findings import attack_findings
from synth.compare.adversarial.images import ImageSource, digits
from synth.compare.adversarial.learners import (
    ABLATIONS,
    EDITED_NETS,
    HEADLINE,
    IMAGE_NETS,
    IMAGE_REFERENCES,
    PAIRS,
    POISONED_NET,
    PROGRAM,
    SEARCHES,
    TRUE_FUNCTION,
)
from synth.compare.adversarial.poisoned import PER_EXAMPLE
from synth.compare.adversarial.sequences import SequenceSource
from synth.compare.axis import Axis
from synth.compare.protocol import ORACLE, Contest, Effort, Prediction, Protocol, ProtocolTask, Tuning
from synth.compare.streams import digest
from synth.compare.tokens.source import ListData, ListSource
from tasks.load import load_suite
from tasks.suite import Suite

__all__ = ["PROTOCOL"]

_NAME = "adversarial"
_AXIS = Axis(
    "strength",
    "strength of the attack (grey levels, items, or examples)",
    (0, 1, 2, 3, 4),
    inside=(0,),
    headline=HEADLINE,
    shown=(0, 1),
    growing=True,
    attack=True,
)
_LISTS = ListData(_NAME, trained=(1, 10), shown=(1, 6), tested=(4, 5, 6, 7, 8, 9, 10))
_SIZES = (5, 8, 10, 20)
_REFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "parity": "fold(lambda seen, x: 0 if seen == x else 1, 0, xs)",
        "reverse": "fold(lambda done, x: cons(x, done), [], xs)",
        "rotate": "append(tail(xs), head(xs))",
    }
)
"""A right program for each function in the words of the program side. No solver is shown them."""

_BOTH: tuple[Literal["adaptive", "black box"], ...] = ("adaptive", "black box")
_TASKS = (
    ProtocolTask(
        "digits",
        "digits of 8 x 8 pixels; a step of strength moves every pixel by up to one of 16 grey levels, which is visible",
        author="scikit-learn",
        public=True,
        input_space="64 pixels",
        attacks=_BOTH,
    ),
    ProtocolTask(
        "edit_reverse",
        "the items in the opposite order; a step of strength replaces an item, lengths stay within training",
        input_space="lists of 8 symbols",
        attacks=_BOTH,
    ),
    ProtocolTask(
        "edit_parity",
        "1 if an odd number of items are 1, else 0; a step of strength flips an item",
        input_space="lists of 2 symbols",
        attacks=_BOTH,
    ),
    ProtocolTask(
        "poison_reverse",
        "reverse, learned from examples of which as many as the strength says are wrong; tested on clean inputs",
        input_space="examples of lists of 8 symbols",
        attacks=_BOTH,
    ),
    ProtocolTask(
        "poison_rotate",
        "the first item goes to the end, learned from examples with wrong outputs among them",
        input_space="examples of lists of 8 symbols",
        attacks=_BOTH,
    ),
    ProtocolTask(
        "ambiguous_reverse",
        "reverse, learned from right examples of which the attacker chose as many as the strength says, to tell little",
        input_space="examples of lists of 8 symbols",
        attacks=_BOTH,
    ),
)
_EDITED, _POISONED = ("edit_reverse", "edit_parity"), ("poison_reverse", "poison_rotate")
_AMBIGUOUS = ("ambiguous_reverse",)


@cache
def _source(task: str) -> ImageSource | SequenceSource:
    if task == "digits":
        return ImageSource(_NAME, task)
    function = task.partition("_")[2]
    suite = load_suite("adversarial" if function == "rotate" else "length", CORE)
    reference = _REFERENCES[function]
    return SequenceSource(ListSource.of(_LISTS, suite[function], pairs=PAIRS, reference=reference, most=20), task)


def _suites() -> tuple[Suite, ...]:
    return tuple(load_suite(name, CORE) for name in ("length", "adversarial"))


def _hashes() -> Mapping[str, str]:
    images = digits()
    return {
        "suites": digest([suite.digest() for suite in _suites()]),
        "digits": digest([images.pixels.tolist(), images.labels.tolist()]),
    }


_PREDICTIONS = (
    Prediction("digits", "cnn", 0, "a net's win: no program here reads pixels", at_least=0.95),
    Prediction("digits", "cnn", 3, "a push along the gradient adds up over all pixels", at_most=0.2),
    Prediction("digits", "cnn_noise", 3, "the same push in drawn directions cancels out", at_least=0.85),
    Prediction("digits", "cnn_adversarial", 1, "a net's win: trained on such pushes", at_least=0.85),
    Prediction("digits", "cnn_adversarial", 3, "trained on weaker pushes, which helps", at_least=0.2),
    Prediction("digits", "svm", 3, "no gradient is asked for, and it falls all the same", at_most=0.5),
    Prediction("digits", "nearest", 3, "a large margin between images of different digits", at_least=0.2),
    Prediction("edit_reverse", "program", 2, "a right program is right on every input", at_least=0.9),
    Prediction("edit_reverse", "gru", 2, "right answers are surrounded by wrong ones", at_most=0.5),
    Prediction("edit_reverse", "transformer", 2, "the same, though it fits better", at_most=0.9),
    Prediction("edit_parity", "gru", 2, "a net's win: it learns the rule", at_least=0.9),
    Prediction("edit_parity", "program", 1, "eight bits of output leave wrong programs open", at_most=0.8),
    Prediction("poison_reverse", "strict", 1, "it has to explain the wrong output too", size=10, at_most=0.5),
    Prediction("poison_reverse", "tolerant", 1, "one miss is what its noise allows", size=10, at_least=0.9),
    Prediction(
        "poison_reverse", "gru_poisoned", 1, "a net's win: wrong outputs average out", size=20_000, at_least=0.9
    ),
    Prediction("poison_rotate", "strict", 1, "it has to explain the wrong output too", size=10, at_most=0.5),
    Prediction("poison_rotate", "tolerant", 1, "one miss is what its noise allows", size=10, at_least=0.9),
    Prediction("ambiguous_reverse", "misled", 4, "all of them are the attacker's", size=4, at_most=0.1),
    Prediction("ambiguous_reverse", "misled", 4, "palindromes and single items tell nothing", size=5, at_most=0.5),
    Prediction("ambiguous_reverse", "misled", 4, "sixteen drawn examples remain", size=20, at_least=0.9),
)

_THREATS = (
    "Visible: these digits have 64 pixels of 17 grey levels, so that a push of one to four levels is seen at once. "
    "Nothing here is about pushes that escape the eye.",
    "The pair is the best case of an attacker who may choose both image and digit; the success rate stands beside it.",
    "Strong enough? A curve is an upper bound: PGD has 20 steps and one start, the Square attack some hundred queries. "
    "Stronger attacks may lower every curve.",
    "Strengths of different tasks are not comparable: a grey level, an item and an example are three things.",
    "Programs and nets under edits: programs are tried on all inputs within two edits, which is more than nets are. "
    "The black box has the same number of queries for both.",
    "An edited input may be one that a net met in training, which makes the attack harder, not easier.",
    "Data under poison: a net has 2,000 examples for each one of the search, with the same share of wrong outputs. Its "
    "examples are longer (up to 10 items), as it has to learn these lengths.",
    "The noise of the search is told to it: it knows that one example may be wrong. The net is not told.",
    "Words: programs start with fifteen words, `fold` among them, which these nets do not get.",
    "Whose tasks: the functions of sequences were chosen by the authors of the program side, and have short programs.",
)

_ALL = tuple(task.name for task in _TASKS)
_ONLY = {
    **{one.name: ("digits",) for one in (*IMAGE_NETS, *IMAGE_REFERENCES)},
    **{one.name: _EDITED for one in (PROGRAM, *EDITED_NETS, TRUE_FUNCTION)},
    "strict": _POISONED,
    "tolerant": _POISONED,
    "misled": _AMBIGUOUS,
    "gru_poisoned": ("poison_reverse",),
    "program_decoys": ("edit_reverse",),
    "strict_decoys": ("poison_reverse",),
    "tolerant_decoys": ("poison_reverse",),
    "misled_decoys": _AMBIGUOUS,
}


def _sizes(
    *searched: int, chosen: tuple[int, ...], nets: tuple[int, ...], varied: tuple[int, ...]
) -> Mapping[str, tuple[int, ...]]:
    return MappingProxyType(
        {
            **dict.fromkeys(("strict", "tolerant"), searched),
            "misled": chosen,
            **{f"{name}_decoys": varied for name in ("strict", "tolerant", "misled")},
            "gru_poisoned": tuple(PER_EXAMPLE * size for size in nets),
        }
    )


def _settings(**changes: float) -> Mapping[str, float]:
    usual = {
        "image_queries": 100,
        "pair_images": 60,
        "pair_targets": 3,
        "edit_queries": 60,
        "exhaust_8_symbols": 5,
        "exhaust_2_symbols": 12,
        "poisoned": 1,
    }
    return MappingProxyType({name.replace("_", " "): value for name, value in {**usual, **changes}.items()})


PROTOCOL = Protocol(
    name=_NAME,
    title="A small push in the worst direction",
    claim="A push that is made for it turns a net's answer: add a 'gibbon' gradient to a panda, and the net sees a "
    "gibbon. What a program computes has no such directions; how it is learned may have.",
    question="Is what nets learn brittle under small attacks, and is what programs are learned from, and do, less so?",
    source=_source,
    tasks=_TASKS,
    axis=_AXIS,
    learners=(
        PROGRAM,
        *SEARCHES,
        *IMAGE_NETS,
        *EDITED_NETS,
        POISONED_NET,
        *IMAGE_REFERENCES,
        TRUE_FUNCTION,
        *ABLATIONS,
    ),
    efforts=MappingProxyType(
        {
            "quick": Effort(
                "quick",
                tasks=("digits", "edit_reverse", "poison_reverse", "ambiguous_reverse"),
                learners=(
                    "program",
                    "strict",
                    "tolerant",
                    "misled",
                    "cnn",
                    "cnn_adversarial",
                    "gru",
                    "svm",
                    "nearest",
                    "cnn_noise",
                    ORACLE,
                ),
                only=MappingProxyType(_ONLY),
                sizes=_sizes(10, chosen=(4,), nets=(10,), varied=(10,)),
                seeds=2,
                tests=100,
                batch=96,
                steps=MappingProxyType({"cnn": 300, "cnn_adversarial": 300, "gru": 1500}),
                evaluations=600_000,
                seconds=20.0,
                settings=_settings(edit_queries=40, pair_images=40, exhaust_8_symbols=4, image_queries=60),
            ),
            "standard": Effort(
                "standard",
                tasks=tuple(task for task in _ALL if task != "poison_rotate"),
                only=MappingProxyType({**_ONLY, "transformer": ("edit_reverse",)}),
                sizes=_sizes(*_SIZES, chosen=(4, 5, 10, 20), nets=(10,), varied=(10,)),
                seeds=5,
                tests=100,
                steps=MappingProxyType(
                    {
                        "cnn": 400,
                        "cnn_adversarial": 300,
                        "edit_parity": 1000,
                        "edit_reverse": 1500,
                        "gru_poisoned": 2000,
                    }
                ),
                evaluations=600_000,
                seconds=60.0,
                settings=_settings(),
            ),
            "full": Effort(
                "full",
                tasks=_ALL,
                only=MappingProxyType(_ONLY),
                sizes=_sizes(*_SIZES, chosen=(4, *_SIZES), nets=_SIZES, varied=_SIZES),
                seeds=10,
                tests=540,
                steps=MappingProxyType(
                    {
                        "cnn": 4000,
                        "cnn_adversarial": 4000,
                        "edit_parity": 10_000,
                        "edit_reverse": 10_000,
                        "gru_poisoned": 10_000,
                    }
                ),
                evaluations=20_000_000,
                seconds=600.0,
                settings=_settings(
                    image_queries=2_000,
                    pair_images=540,
                    pair_targets=9,
                    edit_queries=2_000,
                    exhaust_8_symbols=6,
                    exhaust_2_symbols=16,
                    poisoned=2,
                ),
            ),
        }
    ),
    predictions=_PREDICTIONS,
    contests=(
        Contest("digits", "cnn_adversarial", "cnn", 3),
        Contest("edit_reverse", "program", "gru", 2),
        Contest("edit_reverse", "program", "transformer", 2),
        Contest("edit_parity", "program", "gru", 2),
        Contest("poison_reverse", "tolerant", "strict", 1, first_size=10, second_size=10),
        Contest("poison_reverse", "strict", "gru_poisoned", 1, first_size=10, second_size=20_000),
    ),
    threats=_THREATS,
    tuning=Tuning(
        "Nets: one setting each, not varied; those on sequences have the settings of `length`. Programs: the search as "
        "it is shipped. Efforts were sized on seed 100, which is not reported. Predictions were written after looks at "
        "that seed and before any reported one, with one exception: the first runs of `quick` showed, on its seeds 0 "
        "and 1, that examples chosen by the attacker misled no search of 10 or 5 examples. Only then 4 examples, all "
        "of them the attacker's, were added, with their prediction, and made the size of `quick`: read that row as "
        "exploration there. The sentence about 5 examples stands as it was first written.",
        MappingProxyType({"net": 1, "program": 0}),
    ),
    given="fresh data of length 1 to 10 without end, or the images",
    figure="Exact match by strength of the attack",
    findings=attack_findings,
    figures=(gibbon_pair, robust_lines, poison_lines, poison_bars),
    hashes=_hashes,
    encoding="images as 64 numbers; lists as one token an item",
)
