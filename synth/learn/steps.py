"""The steps of a run of `synth learn`, which of them is next, and the last look at tasks that nothing was learned from.

A step reads what is kept in the run's directory, and what it comes to is kept there. Searches and dreams are kept one
by one, so a run that was killed goes on to what it would have come to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dsl.errors import InterfaceError
from dsl.module_file import write_module
from synth.learn.corpus import Corpus
from synth.learn.loop import Growth, attempts_of, pays, sleep
from synth.learn.nights import dream_step, train_step
from synth.learn.run import LEARNED, NO_WORDS, LearningRun, effort
from synth.learn.words import learned_in
from synth.store import StoredStep

__all__ = ["begin_anew", "do_step", "do_test", "next_step", "steps_of"]

_Step = Callable[[LearningRun, int], Mapping[str, Any]]


def steps_of(run: LearningRun) -> tuple[str, ...]:
    """The steps of an iteration."""
    return ("wake", "compress", "dream", "train") if run.stored.plan.trains else ("wake", "compress")


def next_step(run: LearningRun) -> tuple[int, str]:
    """The iteration and the step that is next; one that was begun is, until it is done."""
    known = {(step.iteration, step.step): step.done for step in run.store.steps()}
    last = max((iteration for iteration, _ in known), default=1)
    todo = ((last, step) for step in steps_of(run) if not known.get((last, step)))
    return next(todo, (last + 1, "wake"))


def do_step(run: LearningRun, iteration: int, step: str) -> StoredStep:
    """Do a step, or what is left of it. Raises Stopped where the user wanted an end before it was done."""
    work: Mapping[str, _Step] = {"wake": _wake, "compress": _compress, "dream": dream_step, "train": train_step}
    return _timed(run, iteration, step, work[step])


def do_test(run: LearningRun, iteration: int) -> StoredStep:
    """Search the tasks that nothing was learned from or judged by, with what was learned, and without."""
    return _timed(run, iteration, "test", _test)


def begin_anew(run: LearningRun) -> None:
    """Forget how far the last iteration is where it is not done, so that it begins with `learned.syn` as it is now."""
    iteration, step = next_step(run)
    if step != "wake" or run.store.step(iteration, "wake") is not None:
        run.store.forget(iteration)


def _timed(run: LearningRun, iteration: int, step: str, work: _Step) -> StoredStep:
    known = run.store.step(iteration, step)
    if known is not None and known.done:
        return known
    begun = time.monotonic()
    data = work(run, iteration)
    done = StoredStep(iteration, step, True, round(time.monotonic() - begun, 1), data)
    run.store.put_step(done)
    return done


# ---- wake -----------------------------------------------------------------------------------------------------------


def _wake(run: LearningRun, iteration: int) -> Mapping[str, Any]:
    """Search for all tasks that are learned from or judged by."""
    begun = run.store.step(iteration, "wake")
    if begun is None:
        text = _words_now(run, iteration)
        begun = StoredStep(iteration, "wake", data={"before": run.store.add_text(text)})
        run.store.put_step(begun)
    text = run.store.text(begun.data["before"])
    names = run.named("compress", "validate")
    found = run.searched(f"iteration {iteration}: wake", text, run.guide(iteration), names, iteration)
    efforts = [effort(record) for record in found.values()]
    counts = {"tasks": len(efforts), "solved": sum(e.solved for e in efforts)}
    return {**begun.data, **counts, "evaluations": sum(e.evaluations for e in efforts)}


def _words_now(run: LearningRun, iteration: int) -> str:
    """The text of `learned.syn` as a wake begins with it. Raises DslError, with the place, where it cannot be used."""
    path = run.folder / LEARNED
    last = run.store.step(iteration - 1, "compress")
    if not path.exists():
        if last is not None:
            run.watch.say(f"{path} is gone: the iteration begins without learned words")
        run.store.write(LEARNED, NO_WORDS)
        return NO_WORDS
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InterfaceError(f"cannot read it: {error}", path=str(path)) from None
    run.library_in(path)
    if last is not None and text != run.store.text(last.data["after"]):
        run.watch.say(f"{path} was edited since iteration {iteration - 1}: its words are taken as they are now")
    return text


# ---- compress -------------------------------------------------------------------------------------------------------


def _compress(run: LearningRun, iteration: int) -> Mapping[str, Any]:
    """Compress, take back what makes other tasks' programs longer, and everything if searches do worse with it."""
    before = run.store.text(run.done(iteration, "wake").data["before"])
    begun = run.store.step(iteration, "compress")
    if begun is None:
        begun = _slept(run, iteration, before)
        run.store.put_step(begun)  # the searches that follow take longer than what it took to come here
    grown = run.store.text(begun.data["grown"])
    _refuse_edited(run, iteration, before, grown)
    live = _live(run, iteration, before, grown) if grown != before and run.named("validate") else None
    after = before if live is not None and not live["pays"] else grown
    run.store.write(f"iteration-{iteration}/{LEARNED}", after)
    run.store.write(LEARNED, after)
    return {**begun.data, "live": live, "after": run.store.add_text(after)}


def _slept(run: LearningRun, iteration: int, before: str) -> StoredStep:
    """What the solutions known so far are compressed to, written down."""
    growth = _growth(run, iteration, before)
    new = {learned.definition.name: run.pieces.document(learned, iteration) for learned in growth.kept}
    words = [new.get(definition.name, definition) for definition in learned_in(growth.library)]
    text = write_module(words, run.library()) if new else before
    learned = [
        {
            "name": judged.learned.definition.name,
            "uses": judged.learned.uses,
            "saved bits": round(judged.learned.saved_bits, 2),
            "bits on validate": None if judged.bits_change is None else round(judged.bits_change, 2),
            "kept": judged.kept,
            "tasks": list(judged.learned.tasks),
        }
        for judged in growth.judged
    ]
    data = {
        "grown": run.store.add_text(text),
        "programs": len(growth.corpus),
        "bits before": round(growth.bits_before, 2),
        "bits after": round(growth.bits_after, 2),
        "learned": learned,
        "dropped": [{"task": dropped.task, "reason": dropped.reason} for dropped in growth.dropped],
    }
    return StoredStep(iteration, "compress", data=data)


def _growth(run: LearningRun, iteration: int, before: str) -> Growth:
    plan, parts, library = run.stored.plan, run.stored.parts, run.library(before)
    texts = run.solutions(iteration)
    attempts = attempts_of([item for item in run.items(before) if item.name in texts], texts)
    corpus, validated = (
        Corpus.of([attempt for attempt in attempts if parts[attempt.task] == part], library)
        for part in ("compress", "validate")
    )
    return sleep(corpus, validated, library, run.pieces, most=plan.most, arity=plan.arity)


def _live(run: LearningRun, iteration: int, before: str, grown: str) -> Mapping[str, Any]:
    """Searches for the tasks that are judged by, with the words that were just learned, beside those of the wake."""
    names, guide = run.named("validate"), run.guide(iteration)
    woken = run.known(before, guide)
    found = run.searched(f"iteration {iteration}: judge what was learned", grown, guide, names, iteration)
    then, now = ({name: effort(records[name]) for name in names} for records in (woken, found))
    return {
        "tasks": len(names),
        "solved before": sum(e.solved for e in then.values()),
        "solved after": sum(e.solved for e in now.values()),
        "evaluations before": sum(e.evaluations for e in then.values()),
        "evaluations after": sum(e.evaluations for e in now.values()),
        "pays": pays(then, now),
    }


def _refuse_edited(run: LearningRun, iteration: int, before: str, grown: str) -> None:
    """Nothing that a person wrote is written over."""
    path = run.folder / LEARNED
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") not in (before, grown):
        raise InterfaceError(
            f"expected it as iteration {iteration} began with it, found it edited in the middle of the iteration",
            path=str(path),
            hint=f"`synth learn wake --again {run.folder}` begins the iteration anew, with the edited file; or copy "
            f"{run.words_file(before)} over it",
        )


# ---- test -----------------------------------------------------------------------------------------------------------


def _test(run: LearningRun, iteration: int) -> Mapping[str, Any]:
    after = run.store.text(run.done(iteration, "compress").data["after"])
    names = run.named("test")
    counts: dict[str, int | None] = {"tasks": len(names)}
    ways = {"with": (after, run.guide(iteration + 1)), "without": (NO_WORDS, run.stored.plan.guide)}
    for way, (text, guide) in ways.items():
        found = run.searched(f"test, {way} what was learned", text, guide, names, iteration)
        counts |= {
            f"solved {way}": sum(bool(record["fits"]) for record in found.values()),
            f"held out right {way}": _held_out_right([record["holdout"] for record in found.values()]),
            f"evaluations {way}": sum(record["evaluations"] for record in found.values()),
        }
    return counts


def _held_out_right(holdouts: Sequence[bool | None]) -> int | None:
    """How many were right on their held-out pairs; None where there are no such pairs."""
    known = [right for right in holdouts if right is not None]
    return sum(known) if known else None
