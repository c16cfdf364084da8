"""Fairness rules about results and how they are told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from synth.compare.metrics import Estimate
from synth.compare.records import Outcome
from synth.compare.rules.evidence import Evidence, RuleResult, key_name, listed, name_of, result
from synth.compare.verdicts import failed_predictions, prediction_sentence

__all__ = [
    "ENOUGH_SEEDS",
    "careful_words",
    "failures_count",
    "forbidden_words",
    "intervals",
    "negative_results",
    "nets_may_win",
    "one_input_space",
    "reproducible",
    "seeds_differ",
]

ENOUGH_SEEDS = 5
"""Fewer seeds make a demonstration, not evidence (rule F12)."""


def failures_count(evidence: Evidence) -> RuleResult:
    """F11: time-outs, crashes and wrong programs count as failures, and nobody gets a second try."""
    problems = [f"{key_name(key)} has {n} runs" for key, n in Counter(r.key for r in evidence.runs).items() if n > 1]
    missing = evidence.manifest.planned - len({run.key for run in evidence.runs})
    if missing > 0:
        problems.append(f"{missing} of {evidence.manifest.planned} planned runs are missing")
    for run in evidence.learners:
        whole = bool(run.scores) and not run.failed and all(score.right == score.total for score in run.scores)
        if run.side == "program" and (run.outcome == "correct") != whole:
            problems.append(f"{name_of(run)} is called {run.outcome}, against its own test results")
        if (run.failed or run.outcome == "no program in time") and any(score.right for score in run.scores):
            problems.append(f"{name_of(run)} has no result, yet right answers")
        if run.failed:
            problems.append(f"{name_of(run)} {_ENDINGS[run.outcome]}: {run.message}")
    outcomes = Counter(run.outcome for run in evidence.runs if run.side == "program")
    told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    return result("F11", "Failures count", problems, f"one try each; programs: {told or 'none'}")


def seeds_differ(evidence: Evidence) -> RuleResult:
    """F12: seeds change the examples, there are enough of them, and all are shown."""
    analysis = evidence.analysis
    problems = []
    if len(analysis.seeds) < ENOUGH_SEEDS:
        problems.append(f"{len(analysis.seeds)} seeds, fewer than {ENOUGH_SEEDS}: a demonstration, not evidence")
    for row in analysis.rows:
        shown = {run.seed for run in row.runs}
        if shown != set(analysis.seeds):
            problems.append(f"{row.task}, {row.title}: seeds {listed(shown)} of {listed(analysis.seeds)} are there")
        data = [run.data.learned_from for run in row.runs if run.data is not None]
        if row.side != "reference" and len(set(data)) < len(data):
            problems.append(f"{row.task}, {row.title}: two seeds learned from the same data")
    fine = f"{len(analysis.seeds)} seeds, all different, all shown"
    return result("F12", "Seeds change the examples", problems, fine)


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
    return result("F13", "Intervals everywhere", problems, fine)


def nets_may_win(evidence: Evidence) -> RuleResult:
    """F15: a place where nets are expected to win, and one where nobody is, are among the predictions."""
    protocol = evidence.analysis.protocol
    nets = {one.name for one in protocol.of_side("net", "same-prior net")}
    ours = {one.name for one in protocol.of_side("program", "hybrid")}
    wins = [p for p in protocol.predictions if p.learner in nets and p.does_well]
    problems = [] if wins else ["no net is expected to do well anywhere"]
    failing = [p for p in protocol.predictions if p.learner in ours and not p.does_well]
    if not failing and all(task.headline for task in protocol.tasks):
        problems.append("the program side is expected to do well everywhere: there is no control")
    places = ", ".join(dict.fromkeys(f"{p.task} ({protocol.title_of(p.learner)})" for p in wins))
    controls = dict.fromkeys([*(p.task for p in failing), *(t.name for t in protocol.tasks if not t.headline)])
    return result(
        "F15", "Nets may win", problems, f"a net is expected to do well on {places}; controls: {', '.join(controls)}"
    )


def one_input_space(evidence: Evidence) -> RuleResult:
    """F16: robustness is compared within one input space, under adaptive attacks and ones that need no gradient."""
    protocol = evidence.analysis.protocol
    if not protocol.axis.attack:
        return result("F16", "One input space", [], "nothing is attacked here")
    tasks = [task for task in protocol.tasks if task.name in evidence.analysis.tasks]
    problems = [f"{task.name} does not say what its inputs are" for task in tasks if not task.input_space]
    problems += [
        f"{task.name}: no {kind} attack"
        for task in tasks
        for kind in ("adaptive", "black box")
        if kind not in task.attacks
    ]
    spaces = "; ".join(f"{task.name}: {task.input_space}" for task in tasks)
    return result("F16", "One input space", problems, f"comparisons stay within a task ({spaces})")


def careful_words(evidence: Evidence) -> RuleResult:
    """F18: the report says what did not happen within a budget, and nothing about what could."""
    problems = [f"{word!r} in {text[:60]!r}" for text in evidence.prose for word in forbidden_words(text)]
    if not any(evidence.manifest.budget in text for text in evidence.prose):
        problems.append("no sentence names the budget")
    return result("F18", "Within this budget", problems, "claims are about this budget only")


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
            problems.append(f"{name_of(run)} is of another manifest")
        if run.threads != manifest.threads:
            problems.append(f"{name_of(run)} ran on {run.threads} threads")
    return result("F19", "One command runs it again", problems, f"manifest {manifest.digest}; {manifest.command}")


def negative_results(evidence: Evidence) -> RuleResult:
    """F20: predictions that failed are told, and none that was made is left out."""
    analysis = evidence.analysis
    problems = [
        f"the failed prediction about {judged.prediction.task}, {judged.prediction.learner} is not told"
        for judged in failed_predictions(analysis)
        if prediction_sentence(analysis, judged) not in evidence.prose
    ]
    made, judged_on = analysis.protocol.predictions, tuple(judged.prediction for judged in analysis.predictions)
    if made != judged_on:
        problems.append(f"{len(made)} predictions were made, {len(judged_on)} are judged")
    if not made:
        problems.append("nothing was predicted")
    return result("F20", "Negative results stay", problems, f"all {len(made)} predictions are told, failed ones first")


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
