"""Fairness rules about data: who sees what, in what form, and what is tested."""

from __future__ import annotations

from collections import defaultdict

from synth.compare.rules.evidence import Evidence, RuleResult, name_of, result

__all__ = [
    "disjoint_tests",
    "format_parity",
    "frozen_before",
    "no_direct_hits",
    "no_readers",
    "queries_equal",
    "same_data",
]


def same_data(evidence: Evidence) -> RuleResult:
    """F1: at equal numbers of examples, all learners of a (task, seed) see identical ones."""
    seen: defaultdict[tuple[str, int, int | None], set[str]] = defaultdict(set)
    tested: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    problems = [f"{name_of(run)} records no data" for run in evidence.learners if run.data is None and not run.failed]
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
    return result("F1", "Same data", problems, fine + "the two sides differ in number, in the nets' favour")


def disjoint_tests(evidence: Evidence) -> RuleResult:
    """F2: tests apart from training; where short inputs run out, the overlap is counted and stays inside the range."""
    axis = evidence.analysis.protocol.axis
    problems = [
        f"{name_of(run)}: {score.overlap} test inputs of {axis.at(score.point)} met in training"
        for run in evidence.runs
        for score in run.scores
        if score.overlap and axis.beyond(score.point)
    ]
    problems += [
        f"{name_of(run)} was tested on what it learned from"
        for run in evidence.runs
        if run.data is not None and run.data.examples and run.data.learned_from == run.data.tested_on
    ]
    for run in evidence.runs:
        problems += [
            f"{name_of(run)}: {s.total} + {s.removed} inputs of {axis.at(s.point)}, of which there are {s.possible}"
            for s in run.scores
            if s.possible is not None and s.total + s.removed > s.possible
        ]
    removed = sum(s.removed for run in evidence.runs if run.side == "program" for s in run.scores)
    overlaps = [s.overlap for run in evidence.runs for s in run.scores if s.overlap]
    fine = (
        f"test inputs have a random stream of their own; {removed} that programs are shown were removed for everyone; "
        f"nets met {sum(overlaps):,} test inputs in training, none outside its range"
    )
    return result("F2", "Tests apart from training", problems, fine)


def frozen_before(evidence: Evidence) -> RuleResult:
    """F3: everything was fixed and hashed before the run, and tuned on other tasks or other seeds than are reported."""
    manifest, protocol = evidence.manifest, evidence.analysis.protocol
    problems = [f"the manifest lacks the {name}" for name in ("protocol", "code") if not manifest.hashes.get(name)]
    if not manifest.started:
        problems.append("the manifest does not say when the comparison started")
    if not protocol.tuning.text:
        problems.append("the protocol does not say on what its recipes were tuned")
    shared = sorted({task.name for task in protocol.tasks} & set(protocol.development))
    problems += [f"{task} is a development task, and is reported" for task in shared]
    fine = f"protocol {manifest.hashes.get('protocol')} was hashed at the start; development tasks: "
    return result("F3", "Frozen beforehand", problems, fine + (", ".join(protocol.development) or "none, other seeds"))


def no_direct_hits(evidence: Evidence) -> RuleResult:
    """F10: a task that one word solves is not in the headline, and programs use only the words of their tier."""
    protocol = evidence.analysis.protocol
    words = {one.name: set(one.words().entries) for one in protocol.learners if one.words is not None}
    problems = []
    for run in evidence.runs:
        if run.learner not in words:
            continue
        allowed = words[run.learner]
        ours = protocol.learner(run.learner).ablates is None
        if ours and run.direct_hit and run.outcome == "correct" and protocol.task(run.task).headline:
            problems.append(f"{name_of(run)}: one word solves the task, yet it is in the headline")
        problems += [
            f"{name_of(run)} uses {word}, which is not in its tier" for word in run.words if word not in allowed
        ]
    tiers = ", ".join(
        dict.fromkeys(
            f"{one.tier or one.name} ({len(words[one.name])} words)" for one in protocol.learners if one.words
        )
    )
    fine = f"no program that solves a task is a single word; all words are from the tier: {tiers or 'no words'}"
    return result("F10", "No direct hits", problems, fine)


def format_parity(evidence: Evidence) -> RuleResult:
    """F14: all learners of a task get inputs and outputs in one canonical form."""
    forms: defaultdict[str, set[str]] = defaultdict(set)
    problems = [] if evidence.analysis.protocol.encoding else ["the protocol does not say what everyone is given"]
    for run in evidence.learners:
        if run.data is not None:
            forms[run.task].add(run.data.encoding)
            if not run.data.encoding:
                problems.append(f"{name_of(run)} does not record the form of its data")
    problems += [f"{task}: {len(told)} different forms of data" for task, told in forms.items() if len(told) > 1]
    return result("F14", "One format", problems, f"one form for everyone: {evidence.analysis.protocol.encoding}")


def no_readers(evidence: Evidence) -> RuleResult:
    """F17: a language model takes no part in public tasks that it may have read, unless they were renamed."""
    protocol = evidence.analysis.protocol
    readers = [one.title for one in protocol.running(evidence.analysis.effort) if one.language_model]
    known = [task.name for task in protocol.tasks if task.public and not task.renamed]
    problems = [f"{title} may have read {task}" for title in readers for task in known]
    others = [task for task in protocol.tasks if task.author != "ours"]
    authors = f"{len(others)} of {len(protocol.tasks)} tasks are by others"
    return result("F17", "Nobody has read the answers", problems, f"no language model took part; {authors}")


def queries_equal(evidence: Evidence) -> RuleResult:
    """F21: unlabelled test inputs for all learners, or for none."""
    transductive = evidence.analysis.protocol.transductive
    problems = [
        f"{name_of(run)} was given {run.data.queries} test inputs beforehand"
        if run.data.queries
        else f"{name_of(run)} was not given the test inputs, as the protocol says"
        for run in evidence.learners
        if run.data is not None and bool(run.data.queries) != transductive
    ]
    fine = "every learner was given the test inputs" if transductive else "no learner was given test inputs"
    return result("F21", "Queries for all or none", problems, fine)
