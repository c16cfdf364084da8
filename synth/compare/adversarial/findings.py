"""What the protocol found, a task each, in sentences made from intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from synth.compare.adversarial.tallies import SURE_MASS, attempts_of, exhausted, outcomes_of, without_error
from synth.compare.analysis import NETS, Analysis, Row
from synth.compare.metrics import Estimate, wilson
from synth.compare.verdicts import Badge, Finding

__all__ = ["attack_findings"]

_IMAGE_STRENGTH, _EDIT_STRENGTH, _POISON_STRENGTH, _CHOSEN = 3, 2, 1, 4
_FEW_MORE = 0.02
"""Up to this share of images, what attacks without a gradient break besides is no sign of a hidden gradient."""


def attack_findings(analysis: Analysis) -> tuple[Finding, ...]:
    """One finding for each task that was run."""
    found = []
    for task in analysis.tasks:
        if task == "digits":
            found.append(_images(analysis))
        elif task.startswith("edit_"):
            found.append(_edits(analysis, task))
        else:
            found.append(_learning(analysis, task))
    return tuple(found)


def _at(row: Row | None, strength: int) -> Estimate | None:
    return None if row is None else row.by_point.get(strength)


def _images(analysis: Analysis) -> Finding:
    """Supported where the net under attack is below the same net under random pushes, by intervals."""
    plain, control = (_at(analysis.row("digits", name), _IMAGE_STRENGTH) for name in ("cnn", "cnn_noise"))
    badge: Badge = "inconclusive"
    if plain is not None and control is not None:
        badge = "supported" if plain.high < control.low else "not supported" if plain.low >= control.low else badge
    told = [
        f"{row.title} {row.by_point[0]} without attack, {row.by_point[_IMAGE_STRENGTH]} at strength {_IMAGE_STRENGTH}"
        for row in analysis.largest("digits")
        if 0 in row.by_point and _IMAGE_STRENGTH in row.by_point
    ]
    return Finding("digits", badge, (f"On digits: {'; '.join(told)}.", *_masking(analysis)))


def _masking(analysis: Analysis) -> Iterator[str]:
    """Whether attacks without a gradient broke what those with one left standing."""
    row = analysis.row("digits", "cnn_adversarial")
    counts = [run.details.get("more") for run in row.runs] if row is not None else []
    known = [count for count in counts if isinstance(count, Mapping)]
    if row is not None and known:
        broken = sum(sum(levels) for count in known for levels in count.values())
        tested = sum(score.total for run in row.runs for score in run.scores if score.point != 0)
        so = (
            "no sign at this budget of a gradient that hides"
            if broken <= _FEW_MORE * tested
            else "so the gradient alone overrates it"
        )
        yield (
            f"{row.title}: of {tested} images and strengths, attacks without a gradient broke {broken} that those "
            f"along it had left standing, {so}."
        )


def _edits(analysis: Analysis, task: str) -> Finding:
    program = analysis.row(task, "program")
    nets = [row for row in analysis.largest(task) if row.side in NETS and _EDIT_STRENGTH in row.by_point]
    told = [
        f"{row.title} {row.by_point[0]} without attack, {row.by_point[_EDIT_STRENGTH]} within two edits"
        for row in (program, *nets)
        if row is not None and _EDIT_STRENGTH in row.by_point
    ]
    sentences = [f"On {task}: {'; '.join(told)}."]
    for row in (program, *nets):
        if row is not None:
            sentences += _exhaustion(row)
    sentences += [sentence for row in nets for sentence in _example(row)]
    if idle := [row.title for row in nets if not row.trained]:
        sentences.append(f"Under-trained, so no evidence either way: {', '.join(idle)}.")
    able = [row.by_point[_EDIT_STRENGTH] for row in nets if row.trained]
    return Finding(task, _compare(_at(program, _EDIT_STRENGTH), able), tuple(sentences))


def _exhaustion(row: Row) -> Iterator[str]:
    """How many runs are right on every short list, all of which were tried."""
    tried = [found for run in row.runs if (found := exhausted(run)) is not None]
    if tried:
        count, longest = tried[0]
        yield (
            f"{row.title}: {without_error(row).right} of {len(row.runs)} seeds {wilson(without_error(row))} are "
            f"without any adversarial input among all {count.total:,} lists of up to {longest} items, by exhaustion."
        )


def _example(row: Row) -> Iterator[str]:
    for run in row.runs:
        fooled = run.details.get("fooled")
        if isinstance(fooled, list | tuple) and fooled:
            one = fooled[0]
            yield (
                f"{row.title} is right on {one['base']} and says {one['answer']} to {one['edited']}, where "
                f"{one['truth']} is right."
            )
            return


def _compare(mine: Estimate | None, others: Sequence[Estimate]) -> Badge:
    """Whether the program side withstands more than every net, by intervals that do not touch."""
    if mine is None or not others:
        return "inconclusive"
    if all(mine.low > other.high for other in others):
        return "supported"
    return "not supported" if any(other.low > mine.high for other in others) else "inconclusive"


def _learning(analysis: Analysis, task: str) -> Finding:
    """Supported where the program side learns right from what the attacker left, by intervals; a net beside it."""
    poison = task.startswith("poison_")
    strength = _POISON_STRENGTH if poison else _CHOSEN
    what = "one wrong output" if poison else "four examples that the attacker chose"
    rows = [row for row in analysis.of_task(task) if row.ablates is None and strength in row.by_point]
    told = [f"{row.title}: {row.by_point[0]} from clean ones, {row.by_point[strength]}" for row in rows]
    sentences = [f"On {task}, right on clean inputs after {what}: {'; '.join(told)}."]
    for name in dict.fromkeys(row.learner for row in rows if row.side == "program"):
        sentences += _abstaining(analysis, task, name)
        sentences += _wrong_program(analysis, task, name)
    strict = [row.by_point[strength] for row in rows if row.learner in ("strict", "misled")]
    nets = [row.by_point[strength] for row in rows if row.side in NETS and row.trained]
    badge: Badge = "inconclusive"
    if strict:
        badge = "supported" if all(e.low >= 0.9 for e in strict) else badge
        lost = any(net.low > e.high for net in nets for e in strict) or any(e.high < 0.9 for e in strict)
        badge = "not supported" if lost else badge
    return Finding(task, badge, tuple(sentences))


def _abstaining(analysis: Analysis, task: str, learner: str) -> Iterator[str]:
    rows = [row for row in analysis.of_task(task) if row.learner == learner]
    under, clean = outcomes_of(rows, attacked=True), outcomes_of(rows, attacked=False)
    yield (
        f"{analysis.protocol.title_of(learner)}: of {under.total} searches under attack {under.right} gave a program "
        f"right on every test input, {under.wrong} a wrong one and {under.none} none; abstaining below a mass of "
        f"{SURE_MASS:g} would have withheld {under.unsure} of the wrong and {under.withheld} of the right ones "
        f"(and {clean.withheld} of {clean.right} right ones without attack)."
    )


def _wrong_program(analysis: Analysis, task: str, learner: str) -> Iterator[str]:
    """The shortest wrong program that an attack led to, for people to look at."""
    rows = [row for row in analysis.of_task(task) if row.learner == learner]
    wrong = [
        attempt
        for row in rows
        for run in row.runs
        for attempt in attempts_of(run)
        if attempt["strength"] and attempt["program"] and attempt["right"] < attempt["total"]
    ]
    if wrong:
        one = min(wrong, key=lambda attempt: len(attempt["program"]))
        yield f"The shortest wrong program, right on {one['right']} of {one['total']} inputs: {one['program']}"
