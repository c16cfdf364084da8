"""Fairness rules about learners: tuned alike, trained enough, priced in full."""

from __future__ import annotations

from synth.compare.analysis import NETS
from synth.compare.records import Run
from synth.compare.rules.evidence import Evidence, RuleResult, name_of, result
from synth.compare.verdicts import PRIOR_NOT_CONTROLLED

__all__ = [
    "budgets_counted",
    "compute_shown",
    "equal_tuning",
    "nets_fit",
    "prior_priced",
    "same_prior_offered",
    "two_checkpoints",
]


def equal_tuning(evidence: Evidence) -> RuleResult:
    """F4: how many configurations were tried is listed by side, and the program side had no more than any net's."""
    protocol = evidence.analysis.protocol
    sides = dict.fromkeys(run.side for run in evidence.learners)
    tried = protocol.tuning.tried
    problems = [
        f"it is not said how many configurations were tried for the {side} side" for side in sides if side not in tried
    ]
    nets = [tried[side] for side in sides if side in NETS and side in tried]
    ours = max((tried[side] for side in sides if side in ("program", "hybrid") and side in tried), default=0)
    if nets and ours > min(nets):
        problems.append(f"{ours} configurations were tried for the program side, {min(nets)} for a net's")
    told = ", ".join(f"{side} {tried[side]}" for side in sides if side in tried)
    return result("F4", "Tuned no more than nets", problems, f"configurations tried: {told or 'none'}")


def two_checkpoints(evidence: Evidence) -> RuleResult:
    """F5: nets are told by the checkpoint that fresh inputs choose, and by the one that does best at the headline."""
    point = evidence.analysis.protocol.axis.headline
    problems = []
    for run in (run for run in evidence.nets if not run.failed):
        chosen, peeked = run.over((point,)), [score for score in run.peeked if score.point == point]
        if not peeked:
            problems.append(f"{name_of(run)} has no second checkpoint")
        elif chosen.total and peeked[0].count.share < chosen.share:
            problems.append(f"{name_of(run)}: the best checkpoint is worse than the chosen one")
    return result("F5", "Two checkpoints", problems, "nets are told by the chosen and by the peeked checkpoint")


def nets_fit(evidence: Evidence) -> RuleResult:
    """F6: a net below 95% on its own training distribution is under-trained and supports no claim."""
    nets = evidence.nets
    enough = evidence.analysis.protocol.trained_enough
    problems = [f"{name_of(run)} records no training accuracy" for run in nets if run.fit is None and not run.failed]
    for run in nets:
        if run.fit is not None and run.fit.share < enough:
            problems.append(f"{name_of(run)} is under-trained ({run.fit.share:.2f} of its training distribution right)")
        if run.fit is not None and (run.fit.share >= enough) != (run.outcome == "trained"):
            problems.append(f"{name_of(run)} is called {run.outcome} at {run.fit.share:.2f}")
    return result("F6", "Nets fit first", problems, f"all {len(nets)} nets reach {enough} on what they train on")


def compute_shown(evidence: Evidence) -> RuleResult:
    """F7: CPU-seconds of learning, of testing, of what was prepared beforehand; no more than the system counted."""
    problems = []
    for run in (run for run in evidence.learners if not run.failed):
        told = run.cpu_seconds + run.test_cpu_seconds
        if told > 1.1 * run.process_cpu_seconds + 0.5:
            problems.append(
                f"{name_of(run)} reports {told:.1f} CPU-s, the system counted {run.process_cpu_seconds:.1f}"
            )
        if run.data is not None and run.data.prepared_on and run.prepared_cpu_seconds <= 0:
            problems.append(f"{name_of(run)} was prepared beforehand and does not say what that took")
    spent = sum(run.process_cpu_seconds for run in evidence.runs)
    prepared = {run.learner: run.prepared_cpu_seconds for run in evidence.runs if run.prepared_cpu_seconds}
    told_prepared = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in prepared.items()) or "nothing"
    return result("F7", "Compute shown", problems, f"{spent:,.0f} CPU-s in all; prepared beforehand: {told_prepared}")


def same_prior_offered(evidence: Evidence) -> RuleResult:
    """F8: a net with the program side's prior stands beside it, or the report says that the prior is not controlled."""
    analysis = evidence.analysis
    if any(one.side == "same-prior net" for one in analysis.protocol.of_side("same-prior net")) and analysis.same_prior:
        return result("F8", "Same prior for a net", [], "a net with the same prior stands beside the program")
    said = PRIOR_NOT_CONTROLLED in evidence.prose
    problems = [] if said else ["no net has the same prior, and the report does not say so"]
    return result("F8", "Same prior for a net", problems, "no net has the same prior; the report says so at its head")


def prior_priced(evidence: Evidence) -> RuleResult:
    """F9: everyone's prior has a price, and the program side's was varied: a word less, useless words, other tiers."""
    prices = evidence.ledger.prices if evidence.ledger is not None else ()
    priced = {price.learner for price in prices if price.prior is not None}
    protocol, effort = evidence.analysis.protocol, evidence.analysis.effort
    present = {row.learner for row in evidence.analysis.rows}
    running = [one for one in protocol.running(effort) if one.name in present]
    learners = [one for one in running if one.side != "reference" and one.ablates is None]
    problems = [f"the prior of {one.title} has no price" for one in learners if one.name not in priced]
    varied = {row.ablates for row in evidence.analysis.rows if row.ablates is not None}
    problems += [
        f"{one.title}: no ablation of its words was run in this budget"
        for one in learners
        if one.side == "program" and one.words is not None and one.name not in varied
    ]
    count = len({row.learner for row in evidence.analysis.rows if row.ablates is not None})
    return result("F9", "Prior priced", problems, f"{len(priced)} learners have a price; {count} ablations of words")


def budgets_counted(evidence: Evidence) -> RuleResult:
    """F22: programs are limited by evaluations, nets by steps; both are reported, and CPU-seconds too."""
    effort, spent = evidence.manifest.effort, evidence.analysis.effort
    problems = []
    for run in evidence.learners:
        if run.failed:
            continue
        if run.cpu_seconds <= 0:
            problems.append(f"{name_of(run)} reports no CPU-seconds")
        if run.side == "program":
            problems += _program_budget(run, effort.get("evaluations"))
        elif (steps := spent.steps_of(run.task, run.learner)) and _steps_differ(run, steps):
            problems.append(f"{name_of(run)} took {run.steps} steps of {steps}")
    capped = sum(run.stop == "seconds" for run in evidence.learners)
    allowed = effort.get("evaluations")
    counted = f"{allowed:,} evaluations" if isinstance(allowed, int) else "no budget"
    fine = f"programs: {counted} ({capped} stopped by the cap of seconds); nets: steps"
    return result("F22", "Counted budgets", problems, fine)


def _steps_differ(run: Run, steps: int) -> bool:
    """Whether a net did not take its steps; it may take fewer where it says why it stopped."""
    return run.steps is None or run.steps > steps or (run.steps < steps and run.stop is None)


def _program_budget(run: Run, allowed: object) -> list[str]:
    if run.evaluations is None:
        return [f"{name_of(run)} reports no evaluations"]
    if not isinstance(allowed, int):
        return ["the manifest gives no budget of evaluations"]
    # A search finishes the block it is in, so it may pass its budget by a little.
    over = run.evaluations > 1.05 * allowed
    return [f"{name_of(run)} did {run.evaluations:,} evaluations of {allowed:,}"] if over else []
