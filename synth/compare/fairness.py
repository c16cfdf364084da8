"""The fairness rules that code can check, each a function from the evidence to pass or fail, and why.

They look at the records of the runs, not at the code that made them: a record that was tampered with, or a runner that
cheats, shows. A rule that fails is printed in the report; it does not stop it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from synth.compare.analysis import NETS, Analysis
from synth.compare.manifest import Manifest
from synth.compare.metrics import Estimate
from synth.compare.records import Outcome, Run, RunKey

__all__ = ["ENOUGH_SEEDS", "RULES", "Evidence", "Rule", "RuleResult", "check_rules", "forbidden_words"]

ENOUGH_SEEDS = 5
"""Fewer seeds make a demonstration, not evidence (rule F12)."""


@dataclass(frozen=True)
class Evidence:
    """What the rules look at: the analysis, the manifest, how many seeds were asked for, and the generated prose."""

    analysis: Analysis
    manifest: Manifest
    prose: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs."""
        return self.analysis.runs

    @property
    def learners(self) -> tuple[Run, ...]:
        """Runs of those who learn, not of reference rows."""
        return tuple(run for run in self.runs if run.side != "reference")


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Whether a rule holds; `why` is empty of blame where it does and says what broke it where it does not."""

    number: str
    title: str
    passed: bool
    why: str


Rule: TypeAlias = Callable[[Evidence], RuleResult]


def check_rules(evidence: Evidence) -> tuple[RuleResult, ...]:
    """All rules, in the order of their numbers."""
    return tuple(rule(evidence) for rule in RULES)


def _result(number: str, title: str, problems: Iterable[str], fine: str) -> RuleResult:
    found = list(dict.fromkeys(problems))
    shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
    return RuleResult(number, title, not found, shown or fine)


def same_data(evidence: Evidence) -> RuleResult:
    """F1: at equal numbers of examples, all learners of a (task, seed) see identical ones."""
    seen: defaultdict[tuple[str, int, int | None], set[str]] = defaultdict(set)
    tested: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    problems = [f"{_name(run)} records no data" for run in evidence.learners if run.data is None and not _crashed(run)]
    for run in evidence.runs:
        if run.data is not None:
            tested[run.task, run.seed].add(run.data.tested_on)
            if run.side != "reference":
                seen[run.task, run.seed, run.data.examples].add(run.data.learned_from)
    for (task, seed, examples), hashes in seen.items():
        if len(hashes) > 1:
            what = "fresh batches" if examples is None else f"{examples} examples"
            problems.append(f"{task}, seed {seed}: {len(hashes)} different sets of {what}")
    problems += [f"{task}, seed {seed}: different test sets" for (task, seed), h in tested.items() if len(h) > 1]
    counts = sorted({run.data.examples for run in evidence.learners if run.data and run.data.examples is not None})
    fine = f"one set of {', '.join(map(str, counts))} pairs and one stream of fresh batches for each task and seed; "
    return _result("F1", "Same data", problems, fine + "the two sides differ in number, in the nets' favour")


def disjoint_tests(evidence: Evidence) -> RuleResult:
    """F2: tests apart from training; where short inputs run out, the overlap is counted and stays inside the range."""
    axis = evidence.analysis.protocol.axis
    problems = [
        f"{_name(run)}: {score.overlap} test inputs of {axis.at(score.point)} met in training"
        for run in evidence.runs
        for score in run.scores
        if score.overlap and axis.beyond(score.point)
    ]
    problems += [
        f"{_name(run)} was tested on what it learned from"
        for run in evidence.runs
        if run.data is not None and run.data.examples and run.data.learned_from == run.data.tested_on
    ]
    for run in evidence.runs:
        problems += [
            f"{_name(run)}: {s.total} + {s.removed} inputs of {axis.at(s.point)}, of which there are {s.possible}"
            for s in run.scores
            if s.possible is not None and s.total + s.removed > s.possible
        ]
    removed = sum(s.removed for run in evidence.runs if run.side == "program" for s in run.scores)
    overlaps = [s.overlap for run in evidence.runs for s in run.scores if s.overlap]
    fine = (
        f"test inputs have a random stream of their own; {removed} that programs are shown were removed for everyone; "
        f"nets met {sum(overlaps):,} test inputs in training, none outside its range"
    )
    return _result("F2", "Tests apart from training", problems, fine)


def nets_fit(evidence: Evidence) -> RuleResult:
    """F6: a net below 95% on its own training distribution is under-trained and supports no claim."""
    nets = [run for run in evidence.runs if run.side in NETS]
    enough = evidence.analysis.protocol.trained_enough
    problems = [f"{_name(run)} records no training accuracy" for run in nets if run.fit is None and not _crashed(run)]
    for run in nets:
        if run.fit is not None and run.fit.share < enough:
            problems.append(f"{_name(run)} is under-trained ({run.fit.share:.2f} of fresh inputs right)")
        if run.fit is not None and (run.fit.share >= enough) != (run.outcome == "trained"):
            problems.append(f"{_name(run)} is called {run.outcome} at {run.fit.share:.2f}")
    return _result("F6", "Nets fit first", problems, f"all {len(nets)} nets reach {enough} on fresh inputs")


def no_direct_hits(evidence: Evidence) -> RuleResult:
    """F10: a task that one word solves is not in the headline, and programs use only the words of their tier."""
    protocol = evidence.analysis.protocol
    words = {one.name: set(one.words().entries) for one in protocol.learners if one.words is not None}
    problems = []
    for run in evidence.runs:
        if run.learner not in words:
            continue
        allowed = words[run.learner]
        if run.direct_hit and run.outcome == "correct" and protocol.task(run.task).headline:
            problems.append(f"{_name(run)}: one word solves the task, yet it is in the headline")
        problems += [f"{_name(run)} uses {word}, which is not in its tier" for word in run.words if word not in allowed]
    tiers = ", ".join(
        dict.fromkeys(
            f"{one.tier or one.name} ({len(words[one.name])} words)" for one in protocol.learners if one.words
        )
    )
    fine = f"no program that solves a task is a single word; all words are from the tier: {tiers or 'no words'}"
    return _result("F10", "No direct hits", problems, fine)


def failures_count(evidence: Evidence) -> RuleResult:
    """F11: time-outs, crashes and wrong programs count as failures, and nobody gets a second try."""
    problems = [f"{_name_of(key)} has {n} runs" for key, n in Counter(r.key for r in evidence.runs).items() if n > 1]
    missing = evidence.manifest.planned - len({run.key for run in evidence.runs})
    if missing > 0:
        problems.append(f"{missing} of {evidence.manifest.planned} planned runs are missing")
    for run in evidence.learners:
        whole = bool(run.scores) and not run.failed and all(score.right == score.total for score in run.scores)
        if run.side == "program" and (run.outcome == "correct") != whole:
            problems.append(f"{_name(run)} is called {run.outcome}, against its own test results")
        if (run.failed or run.outcome == "no program in time") and any(score.right for score in run.scores):
            problems.append(f"{_name(run)} has no result, yet right answers")
        if _crashed(run):
            problems.append(f"{_name(run)} {_ENDINGS[run.outcome]}: {run.message}")
    outcomes = Counter(run.outcome for run in evidence.runs if run.side == "program")
    told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    return _result("F11", "Failures count", problems, f"one try each; programs: {told or 'none'}")


def seeds_differ(evidence: Evidence) -> RuleResult:
    """F12: seeds change the examples, there are enough of them, and all are shown."""
    analysis = evidence.analysis
    problems = []
    if len(analysis.seeds) < ENOUGH_SEEDS:
        problems.append(f"{len(analysis.seeds)} seeds, fewer than {ENOUGH_SEEDS}: a demonstration, not evidence")
    for row in analysis.rows:
        shown = {run.seed for run in row.runs}
        if shown != set(analysis.seeds):
            problems.append(f"{row.task}, {row.title}: seeds {_list(shown)} of {_list(analysis.seeds)} are there")
        data = [run.data.learned_from for run in row.runs if run.data is not None]
        if row.side != "reference" and len(set(data)) < len(data):
            problems.append(f"{row.task}, {row.title}: two seeds learned from the same data")
    fine = f"{len(analysis.seeds)} seeds, all different, all shown"
    return _result("F12", "Seeds change the examples", problems, fine)


def intervals(evidence: Evidence) -> RuleResult:
    """F13: an interval on every number, comparisons planned beforehand and corrected together."""
    problems = []
    for row in evidence.analysis.rows:
        estimates = [*row.by_point.values(), *filter(None, (row.at(g.points) for g in evidence.analysis.groups))]
        problems += [f"{row.task}, {row.title}: {_odd(e)}" for e in estimates if _odd(e)]
    judged = [j for j in evidence.analysis.contests if j.result is not None]
    problems += [
        f"{j.contest.task}, {j.contest.first} and {j.contest.second}: p without Holm's correction"
        for j in judged
        if j.result is not None and (j.result.p_holm is None or j.result.p_holm < j.result.p)
    ]
    fine = f"95% intervals everywhere; {len(judged)} planned comparisons, Holm-corrected together"
    return _result("F13", "Intervals everywhere", problems, fine)


def careful_words(evidence: Evidence) -> RuleResult:
    """F18: the report says what did not happen within a budget, and nothing about what could."""
    problems = [f"{word!r} in {text[:60]!r}" for text in evidence.prose for word in forbidden_words(text)]
    if not any(evidence.manifest.budget in text for text in evidence.prose):
        problems.append("no sentence names the budget")
    return _result("F18", "Within this budget", problems, "claims are about this budget only")


def reproducible(evidence: Evidence) -> RuleResult:
    """F19: the manifest says how to run it again, and every run belongs to it."""
    manifest = evidence.manifest
    needed = {
        "command": manifest.command,
        "processor": manifest.machine.get("cpu"),
        "start": manifest.started,
        "threads": manifest.threads,
        **{f"version of {name}": manifest.versions.get(name) for name in ("python", "sketchwright", "torch", "numpy")},
        **{f"hash of {name}": manifest.hashes.get(name) for name in ("protocol", "code")},
    }
    problems = [f"the manifest lacks the {name}" for name, value in needed.items() if not value]
    for run in evidence.runs:
        if run.manifest != manifest.digest:
            problems.append(f"{_name(run)} is of another manifest")
        if run.threads != manifest.threads:
            problems.append(f"{_name(run)} ran on {run.threads} threads")
    return _result("F19", "One command runs it again", problems, f"manifest {manifest.digest}; {manifest.command}")


def queries_equal(evidence: Evidence) -> RuleResult:
    """F21: unlabelled test inputs for all learners, or for none."""
    transductive = evidence.analysis.protocol.transductive
    problems = [
        f"{_name(run)} was given {run.data.queries} test inputs beforehand"
        if run.data.queries
        else f"{_name(run)} was not given the test inputs, as the protocol says"
        for run in evidence.learners
        if run.data is not None and bool(run.data.queries) != transductive
    ]
    fine = "every learner was given the test inputs" if transductive else "no learner was given test inputs"
    return _result("F21", "Queries for all or none", problems, fine)


def budgets_counted(evidence: Evidence) -> RuleResult:
    """F22: programs are limited by evaluations, nets by steps; both are reported, and CPU-seconds too."""
    effort, spent = evidence.manifest.effort, evidence.analysis.effort
    problems = []
    for run in evidence.learners:
        if _crashed(run):
            continue
        if run.cpu_seconds <= 0:
            problems.append(f"{_name(run)} reports no CPU-seconds")
        if run.side == "program":
            problems += _program_budget(run, effort.get("evaluations"))
        elif (steps := spent.steps_of(run.task, run.learner)) and _steps_differ(run, steps):
            problems.append(f"{_name(run)} took {run.steps} steps of {steps}")
    capped = sum(run.stop == "seconds" for run in evidence.learners)
    allowed = effort.get("evaluations")
    counted = f"{allowed:,} evaluations" if isinstance(allowed, int) else "no budget"
    fine = f"programs: {counted} ({capped} stopped by the cap of seconds); nets: steps"
    return _result("F22", "Counted budgets", problems, fine)


def _steps_differ(run: Run, steps: int) -> bool:
    """Whether a net did not take its steps; it may take fewer where it says why it stopped."""
    return run.steps is None or run.steps > steps or (run.steps < steps and run.stop is None)


def _program_budget(run: Run, allowed: object) -> list[str]:
    if run.evaluations is None:
        return [f"{_name(run)} reports no evaluations"]
    if not isinstance(allowed, int):
        return ["the manifest gives no budget of evaluations"]
    # A search finishes the block it is in, so it may pass its budget by a little.
    over = run.evaluations > 1.05 * allowed
    return [f"{_name(run)} did {run.evaluations:,} evaluations of {allowed:,}"] if over else []


RULES: tuple[Rule, ...] = (
    same_data,
    disjoint_tests,
    nets_fit,
    no_direct_hits,
    failures_count,
    seeds_differ,
    intervals,
    careful_words,
    reproducible,
    queries_equal,
    budgets_counted,
)

_FORBIDDEN = re.compile(
    r"\b(cannot|can not|can't|could not|couldn't|never|impossible|unable|incapable|prove[sdn]?|always"
    r"|fundamental(?:ly)?|guarantee[sd]?)\b",
    re.IGNORECASE,
)


def forbidden_words(text: str) -> list[str]:
    """Words that claim more than a run within a budget can show (rule F18).

    >>> forbidden_words("the GRU did not hold, within this budget"), forbidden_words("nets cannot count")
    ([], ['cannot'])
    """
    return [match.group(0).lower() for match in _FORBIDDEN.finditer(text)]


_ENDINGS: Mapping[Outcome, str] = MappingProxyType(
    {"crash": "crashed", "diverged": "diverged", "out of memory": "ran out of memory"}
)


def _odd(estimate: Estimate) -> str:
    """What is wrong with an estimate, or nothing."""
    if not estimate.low <= estimate.value <= estimate.high or estimate.n < 1:
        return f"a number without a proper interval: {estimate}"
    return ""


def _crashed(run: Run) -> bool:
    return run.failed


def _name(run: Run) -> str:
    return _name_of(run.key)


def _name_of(key: RunKey) -> str:
    task, learner, seed, size = key
    return f"{task}/{learner}/seed {seed}" + ("" if size is None else f"/{size} examples")


def _list(seeds: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(seeds))) or "none"
