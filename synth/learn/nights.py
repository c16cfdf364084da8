"""The steps of a run that are about its guide: dream, and train."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dsl.errors import InterfaceError
from synth.learn.corpus import Corpus
from synth.learn.dreaming import Dreams, dream_apart, read_dreams, replays, train
from synth.learn.loop import attempts_of
from synth.learn.run import LearningRun, Stopped

__all__ = ["dream_step", "train_step"]


def dream_step(run: LearningRun, iteration: int) -> Mapping[str, Any]:
    """Make tasks with the words that there are now; those of each search are kept at once."""
    plan = run.stored.plan
    words = run.words_file(run.store.text(run.done(iteration, "compress").data["after"]))
    modules = (*plan.module_files, str(words))
    dreams = Dreams(plan.dreams, plan.primitive_files, modules, f"{plan.seed} iteration {iteration}")
    known = run.store.parts(iteration, "dream")
    todo = [number for number in range(dreams.nights) if number not in known]
    run.watch.say(f"iteration {iteration}: dream ({len(todo)} of {dreams.nights} searches)")
    for number, lines in dream_apart(dreams, todo, workers=run.workers, stopping=run.stopping):
        run.store.add_part(iteration, "dream", number, lines)
        known[number] = lines
    if len(known) < dreams.nights:
        raise Stopped
    made = "".join(known[number] for number in range(dreams.nights))
    run.store.write(f"iteration-{iteration}/dreams.jsonl", made)
    return {"dreams": made.count("\n")}


def train_step(run: LearningRun, iteration: int) -> Mapping[str, Any]:
    """Train the guide on dreams, and on what was solved."""
    plan = run.stored.plan
    if not plan.trains:
        raise InterfaceError(
            f"expected a run whose guide can be trained, found one with --guide {plan.guide}",
            path=str(run.folder),
            hint="begin a run with --guide FILE.safetensors; `synth guide info` says where the one is that is shipped",
        )
    run.done(iteration, "dream")
    text = run.store.text(run.done(iteration, "compress").data["after"])
    library, texts = run.library(text), run.solutions(iteration)
    items = [item for item in run.items(text) if item.name in texts]
    corpus = Corpus.of(attempts_of(items, texts), library)
    dreamt = tuple(read_dreams(run.store.parts(iteration, "dream").values(), library))
    replayed = replays(corpus, items, library)
    out = run.guide_file(iteration)
    out.parent.mkdir(exist_ok=True)
    run.watch.say(f"iteration {iteration}: train on {len(dreamt):,} dreams and {len(replayed)} replays")
    figures = train(
        library,
        dreamt,
        replayed,
        out,
        Path(run.guide(iteration)),
        steps=plan.steps,
        seed=plan.seed + iteration,
        told=lambda row: run.watch.say(f"step {row['step']:,.0f}: {row['choices']:.3f} nats a decision"),
        stopping=run.stopping,
    )
    if figures is None:
        raise Stopped
    return {"replays": len(replayed), **{k: v for k, v in figures.items() if isinstance(v, int | float)}}
