"""`synth learn lifelong`: streams of tasks met with a library that grows, and without, task beside task."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synth.commands.options import Jobs, Json, Memory, Seed
from synth.commands.terminal import ExitCode, Interrupts, print_json, print_table, say, warn

if TYPE_CHECKING:
    from synth.learn.transfer import Contest, Lifelong

__all__ = ["learn_lifelong"]

_WITH, _WITHOUT = "with library", "without"


def learn_lifelong(
    stream: Annotated[
        str,
        typer.Option(
            metavar="structured|shuffled|control|SUITE",
            help="Tasks drawn with hidden subroutines that later waves are made of; the same, shuffled; as many with "
            "nothing in common; or the tasks of a suite, in their order.",
        ),
    ] = "structured",
    tasks: Annotated[int, typer.Option(min=1, metavar="N", help="Tasks of a drawn stream.")] = 40,
    waves: Annotated[
        int, typer.Option(min=1, metavar="N", help="Waves; after each, what was solved is learned from.")
    ] = 4,
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="Streams: of the seed, the next one, and so on.")] = 1,
    evaluations: Annotated[int, typer.Option(min=1, metavar="N", help="Evaluations a task.")] = 200_000,
    memory: Memory = None,
    most: Annotated[int, typer.Option(min=0, metavar="N", help="Most new words after a wave.")] = 10,
    arity: Annotated[int, typer.Option(min=0, max=9, metavar="N", help="Most parameters of a new word.")] = 3,
    again: Annotated[bool, typer.Option("--again", help="In the end, search earlier tasks once more.")] = False,
    jobs: Jobs = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; runs/lifelong-STREAM if not given.")
    ] = None,
    json: Json = False,
) -> None:
    """Meet a stream of tasks twice: with a library that grows by what is learned after each wave, and without.

    The search without a library gets as much computing time: what learning took is added to its searches. Writes the
    tasks, outcomes.jsonl (a line an attempt, at once), summary.json, and lifelong.png and .svg. The same command goes
    on where an interrupted one stopped, or with more --seeds. Exit codes: 0 done, 2 interrupted, 4 bad input.
    """
    from synth.learn.arms import SearchArm, search  # what few commands need
    from synth.learn.compression import compress
    from synth.learn.lifelong import LifelongPlan, run_lifelong

    settings = {"memory": memory, "most": most, "arity": arity}
    plan = LifelongPlan(stream, tasks, waves, seed, seeds, evaluations, again, settings)
    learning = functools.partial(compress, most=most, arity=arity)
    arms = (SearchArm(_WITH, search, learning, memory), SearchArm(_WITHOUT, search, None, memory))
    folder = Path("runs") / f"lifelong-{Path(stream).stem}" if out is None else out
    with Interrupts().watched() as interrupts:
        run = run_lifelong(plan, arms, folder, jobs=jobs, stopping=interrupts, tell=_tell())
    if not run.interrupted:
        _conclude(run.lines, folder, json=json)
    raise typer.Exit(ExitCode.INTERRUPTED if run.interrupted else ExitCode.ALL_SOLVED)


def _tell() -> Callable[[Mapping[str, Any]], None]:
    """A line on stderr for each attempt and each sleep."""

    def tell(line: Mapping[str, Any]) -> None:
        when = "again" if line["kind"] == "again" else f"wave {line['wave'] + 1}"
        place = f"seed {line['seed']}, {when}, {line['arm']}"
        if line["kind"] == "sleep":
            if line["words"]:
                names = ", ".join(word["name"].rpartition(".")[2] for word in line["words"])
                warn(f"{place}: learned {names} ({line['seconds']:.1f} s)")
        else:
            found = "right" if line["right"] else "fits, and is wrong" if line["fits"] else line["status"]
            warn(f"{place}, {line['task']}: {found}, {line['evaluations']:,} evaluations, {line['seconds']:.1f} s")

    return tell


def _conclude(lines: tuple[Mapping[str, Any], ...], folder: Path, *, json: bool) -> None:
    """Write the summary and the picture, and print what it all comes to."""
    import json as codec

    from synth.learn.lifelong_picture import draw_lifelong  # matplotlib
    from synth.learn.transfer import lifelong_of

    found = lifelong_of(lines)
    (folder / "summary.json").write_text(codec.dumps(found.to_json(), indent=1) + "\n", encoding="utf-8")
    draw_lifelong(lines, [folder / "lifelong.png", folder / "lifelong.svg"])
    if json:
        print_json(found.to_json())
    else:
        _print(found, folder)


def _print(found: Lifelong, folder: Path) -> None:
    names = [arm.name for arm in found.arms]
    headings = ("wave", "tasks", "words", *(f"right {name}" for name in names), "effort without / with")
    rows = [
        (str(w.wave + 1), str(w.tasks), f"{w.words:.1f}", *(str(w.right[name]) for name in names), str(w.effort))
        for w in found.waves
    ]
    print_table(headings, rows)
    for arm in found.arms:
        say(
            f"{arm.name}: {arm.right.right} of {arm.right.total} right, {arm.fits.right} fit their examples; "
            f"{arm.evaluations:,} evaluations, {arm.seconds:.1f} s of search, {arm.sleep_seconds:.1f} s of learning"
        )
    for part, contests in (("last wave", found.last), ("waves after the first", found.later)):
        for name, contest in contests.items():
            say(f"{part}, {names[0]} less {name}: {_told(contest)}")
    say(f"still right after learning: {found.kept.right} of {found.kept.total}")
    for name, (gained, lost) in found.again.items():
        say(f"earlier tasks searched again, {name}: {gained} gained, {lost} lost")
    if found.reuse.of_last_wave is not None:
        say(f"right solutions of the last wave that call a learned word: {found.reuse.of_last_wave}")
    for seed, bits in found.bits.items():
        if bits:
            library, programs, plain = bits[-1]
            say(f"stream {seed}: {library:.0f} bits of words and {programs:.0f} of programs; {plain:.0f} without words")
    say(f"in {folder}: outcomes.jsonl, summary.json, lifelong.png, lifelong.svg")


def _told(contest: Contest) -> str:
    d, streams = contest.difference, contest.over_streams
    worse = "no worse" if contest.is_no_worse else "may be worse"
    return (
        f"{100 * d.value:+.1f} points [{100 * d.low:+.1f}, {100 * d.high:+.1f}] (over streams "
        f"[{100 * streams.low:+.1f}, {100 * streams.high:+.1f}]), {contest.only_first} only with, "
        f"{contest.only_other} only without, p {contest.p:.2g}; {worse} by 5 points"
    )
