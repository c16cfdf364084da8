"""A protocol small enough for tests, solvers with the answer up their sleeve, and runs made by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from synth.budget import Budget, StopReason
from synth.compare.ablations import ablation_learners
from synth.compare.analysis import Analysis, analyse
from synth.compare.axis import numbered_axis
from synth.compare.explained import explain_pairs
from synth.compare.fairness import Evidence
from synth.compare.ledger import ledger_of
from synth.compare.manifest import Manifest
from synth.compare.metrics import Count
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
from synth.compare.protocols.length import _plain_words
from synth.compare.records import Answered, DataUsed, Outcome, Run, Score, pack_bits
from synth.compare.report import prose_of
from synth.compare.streams import digest
from synth.compare.tokens.net import CODE, Guessing, TokenNet
from synth.compare.tokens.source import ListData, ListSource
from synth.solver import Answer, Solver
from tasks.suite import Suite
from tasks.task import Spec
from tasks.task_file import read_tasks

if TYPE_CHECKING:
    from torch.nn import Module

TEXT = """
task last_bit(xs: list[int]) -> int
    input xs: list[int] of length 1..4, items 0..1
    solution last(xs)

task backwards(xs: list[int]) -> list[int]
    input xs: list[int] of length 1..4, items 0..3
    solution reverse(xs)
"""
RIGHT = {
    "last_bit": "fold(lambda seen, x: x, 0, xs)",
    "backwards": "fold(lambda done, x: cons(x, done), [], xs)",
}


def small_suite() -> Suite:
    return read_tasks(TEXT, CORE, name="small", path=None)


def small_net(inputs: int, outputs: int) -> Module:
    from synth.nets.gru import Gru

    return Gru(inputs, outputs, embedding=4, hidden=8)


@dataclass(frozen=True)
class Sleeve:
    """Answers with a text, whatever is asked; None: finds nothing; an exception: raises it."""

    texts: MappingProxyType[str, str | Exception | None] | None
    name: str = "sleeve"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The text up the sleeve for this type, claimed to solve the task."""
        sum(i * i for i in range(20_000))  # some work, so that it costs CPU-seconds
        texts = self.texts if self.texts is not None else RIGHT
        text = texts["last_bit" if str(spec.type_request.result) == str(_INT) else "backwards"]
        if isinstance(text, Exception):
            raise text
        if text is None:
            return Answer(None, StopReason.EVALUATIONS, 100, 0.1, message="nothing found")
        variables = dict(zip(spec.parameters, spec.type_request.parameters, strict=True))
        body = parse(text, spec.library, expected=spec.type_request.result, variables=variables)
        return Answer(Lambda(spec.parameters, body), StopReason.SOLVED, 100, 0.1)


_INT = small_suite()["last_bit"].result_type


def knowing_solver() -> Solver:
    return Sleeve(None)


AXIS = numbered_axis("length", "length of the input", (1, 2, 3, 4, 5, 8, 12), trained=(1, 4), headline=12)
LENGTHS = (1, 2, 3, 4, 5, 8, 12)
DATA = ListData("small", trained=(1, 4), shown=(1, 3), tested=LENGTHS)


def source_of(task: str, pairs: int = 5) -> ListSource:
    return ListSource.of(DATA, small_suite()[task], pairs=pairs, reference=RIGHT[task])


def one_pair(task: str) -> ListSource:
    return source_of(task, pairs=1)


def net(name: str, title: str, learning_rate: float) -> Learner:
    return Learner(
        name, title, "net", TokenNet(small_net, learning_rate, headline=12), "tiny", code=("synth.nets.gru:Gru", *CODE)
    )


PROGRAM = Learner(
    "program",
    "learned program",
    "program",
    ProgramSearch(_plain_words, knowing_solver),
    "knows it",
    words=_plain_words,
    tier="T0",
)

SMALL = Protocol(
    name="small",
    title="A small protocol",
    claim="Small things are quick.",
    question="Does a learned program hold at length 12?",
    source=source_of,
    tasks=(
        *(ProtocolTask(name, f"the task {name}", input_space="lists") for name in RIGHT),
        ProtocolTask("control", "nobody is expected to solve this", headline=False),
    ),
    axis=AXIS,
    learners=(
        PROGRAM,
        net("gru", "GRU", 5e-3),
        net("other", "another GRU", 1e-3),
        Learner(ORACLE, "oracle", "reference", Oracle(), "the solution"),
        Learner(CHANCE, "chance", "reference", Guessing(), "guesses"),
        *ablation_learners(PROGRAM, decoys=(1,)),
    ),
    efforts=MappingProxyType(
        {
            "quick": Effort(
                "quick",
                tasks=("last_bit", "backwards"),
                learners=("program", "gru", ORACLE, CHANCE),
                seeds=2,
                steps=MappingProxyType({"last_bit": 12, "backwards": 12}),
                batch=12,
                tests=30,
                evaluations=1_000,
                seconds=2.0,
            )
        }
    ),
    predictions=(
        Prediction("last_bit", "program", 12, "one fold", at_least=0.9),
        Prediction("backwards", "gru", 8, "too long for it", at_most=0.1),
        Prediction("backwards", "other", 8, "too long for it", at_most=0.1),
        Prediction("last_bit", "gru", 12, "a net's win", at_least=0.9),
    ),
    contests=tuple(
        Contest(task, "program", other, 8)
        for task, other in (("backwards", "gru"), ("last_bit", "gru"), ("backwards", "other"))
    ),
    threats=("It is small.",),
    tuning=Tuning("none", MappingProxyType({"net": 0, "program": 0})),
    given="fresh data of length 1 to 4 without end",
    figure="Exact match by input length",
    closeness="Token accuracy: how close were they?",
    explain=explain_pairs,
    encoding="tokens",
)


def with_learner(name: str, protocol: Protocol = SMALL, **changes: object) -> Protocol:
    """The small protocol with one learner changed."""
    learners = tuple(
        replace(one, **changes) if one.name == name else one  # type: ignore[arg-type]
        for one in protocol.learners
    )
    return replace(protocol, learners=learners)


def make_small() -> Protocol:
    """The small protocol, for worker processes."""
    return SMALL


# ---- Runs made by hand ----------------------------------------------------------------------------------------------

Shares = Callable[[int], float]
MANIFEST = "0123456789abcdef"
VARIED = "program_decoys_1"
EFFORT = replace(SMALL.efforts["quick"], seeds=5, tests=200, learners=("program", "gru", ORACLE, CHANCE, VARIED))


def made_run(
    task: str, learner: str, seed: int, share: Shares = lambda length: 1.0, outcome: Outcome | None = None
) -> Run:
    """A run that is right on a given share of 200 test inputs of each length (fewer where there are fewer)."""
    symbols = 2 if task == "last_bit" else 4
    scores = []
    for length in LENGTHS:
        total = min(200, symbols**length)
        right = round(share(length) * total)
        tokens = (share(length), max(0.0, share(length) - 0.05), min(1.0, share(length) + 0.05))
        rights = [place < right for place in range(total)]
        scores.append(Score(length, right, total, pack_bits(rights), tokens, None, 0, symbols**length))
    side = SMALL.learner(learner).side
    correct = all(score.right == score.total for score in scores)
    learned = {"program": f"pairs of {task} {seed}", "net": f"batches of {task} {seed}", "reference": ""}[side]
    default: dict[str, Outcome] = {
        "program": "correct" if correct else "fits examples but wrong",
        "net": "trained",
        "reference": "reference",
    }
    return Run(
        task=task,
        learner=learner,
        side=side,
        seed=seed,
        manifest=MANIFEST,
        outcome=outcome or default[side],
        scores=tuple(scores),
        data=DataUsed(
            digest(learned), {"program": 5, "net": None, "reference": 0}[side], digest([task, seed]), encoding="tokens"
        ),
        fit=None if side == "reference" else Count(980, 1000) if side == "net" else Count(5, 5),
        cpu_seconds=1.5,
        process_cpu_seconds=2.0,
        peeked=tuple(scores) if side == "net" else (),
        steps=EFFORT.steps[task] if side == "net" else None,
        parameters=1_234 if side == "net" else None,
        evaluations=500 if side == "program" else None,
        stop="solved" if side == "program" else None,
        program=RIGHT[task] if side == "program" else None,
        words=("list.fold",) if side == "program" else (),
        bits=10.0 if side == "program" else None,
        reference_bits=10.0 if side == "program" else None,
        identifiable=True if side == "program" else None,
    )


def falls_after(longest: int) -> Shares:
    """All right up to a length, nothing beyond."""
    return lambda length: 1.0 if length <= longest else 0.0


def honest_runs(seeds: int = 5) -> list[Run]:
    """Runs of a fair comparison: programs hold everywhere, nets on one task."""
    runs = []
    for task in EFFORT.tasks:
        net = falls_after(12 if task == "last_bit" else 4)
        for seed in range(seeds):
            runs += [made_run(task, "program", seed), made_run(task, "gru", seed, net)]
            runs += [made_run(task, ORACLE, seed), made_run(task, CHANCE, seed, lambda length: 0.25)]
    return runs + [made_run(task, VARIED, seed) for task in EFFORT.tasks for seed in range(seeds)]


def answering(run: Run) -> Run:
    """The run with its answers to one test input of length 4 and one of length 5: nets are wrong on `backwards`."""
    source = source_of(run.task)
    answers = []
    for probe in source.tests(run.seed, EFFORT.tests):
        if probe.point in (4, 5):
            arguments, truth = probe.pairs[0]
            parts = source.marking.parts(truth)
            right = run.side == "program" or run.task == "last_bit"
            given = parts if right else ("0",) * len(parts)
            sure = 0.25 if run.side == "net" else None
            answers.append(Answered(probe.point, source.marking.show(arguments), parts, given, right, sure))
    return replace(run, answers=tuple(answers))


def analysis_of(runs: list[Run], seeds: int = 5) -> Analysis:
    return analyse(SMALL, EFFORT, range(seeds), runs)


def made_manifest(planned: int = 50) -> Manifest:
    return Manifest(
        protocol="small",
        budget="quick",
        seeds=(0, 1, 2, 3, 4),
        workers=2,
        command="synth compare small",
        digest=MANIFEST,
        hashes={"protocol": "a", "words": "c", "code": "d"},
        versions={"python": "3", "sketchwright": "0", "torch": "2", "numpy": "2"},
        machine={"cpu": "a processor", "cores": "2", "system": "a system"},
        effort={"evaluations": 1_000, "steps": {"last_bit": 12, "backwards": 12}},
        tuning="none",
        started="2026-01-01T00:00:00+00:00",
        finished="2026-01-01T00:01:00+00:00",
        wall_seconds=60.0,
        planned=planned,
        done=planned,
    )


def evidence(runs: list[Run], seeds: int = 5) -> Evidence:
    analysis = analysis_of(runs, seeds)
    return Evidence(analysis, made_manifest(), prose_of(analysis), ledger_of(analysis))
