"""Bottom-up search as a solver: from a spec to the cheapest program that is right on every example."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType

from dsl.type_system import show_type
from synth.budget import Budget, Meter, StopReason
from synth.guidance import UNGUIDED, Guidance
from synth.pcfg import spec_pcfg
from synth.search.engine import Engine
from synth.search.schedule import STEP_BITS
from synth.search.switches import Switches
from synth.search.tidy import tidy
from synth.solver import Answer, Explanation, NearMiss, Progress
from tasks.task import Spec, contradiction, describe_contradiction, fewest_misses

__all__ = ["BottomUp", "hopeless"]

_NEAREST = 3


@dataclass(frozen=True)
class BottomUp:
    """Columnar bottom-up enumeration with observational equivalence.

    Budgets in evaluations give the same answer on any machine. `rng` is not used: the search has no randomness.
    """

    guidance: Guidance = UNGUIDED
    switches: Switches = field(default_factory=Switches)
    progress: Callable[[Progress], None] | None = None

    @property
    def name(self) -> str:
        """A short name for tables and logs."""
        return "bottom-up"

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The first program, by cost, that is right on every example, or why there is none."""
        if (answer := hopeless(spec)) is not None:
            return answer
        with interruptible() as interrupted:
            meter = budget.start(interrupted)
            engine = self.engine(spec, meter)
            engine.run()
        return replace(answer_of(engine, meter, self.guidance.source), guidance=self.guidance)

    def engine(self, spec: Spec, meter: Meter) -> Engine:
        """A search about to start."""
        pcfg, leaves = spec_pcfg(spec, self.guidance)
        return Engine(spec, pcfg, leaves, meter, self.switches, self.progress)


def answer_of(engine: Engine, meter: Meter, guided_by: str) -> Answer:
    """What a search found and did."""
    nearest = tuple(NearMiss(tidy(m.program), m.right, m.bits) for m in engine.judge.nearest()[:_NEAREST])
    stop, hit = engine.stop, engine.hits.best()
    if hit is not None:
        stop = StopReason.SOLVED
    seconds = meter.seconds
    classes = sum(bank.count for bank in engine.top.banks.values())
    return Answer(
        program=hit.program if hit is not None else None,
        stop=stop,
        evaluations=meter.evaluations,
        seconds=seconds,
        bits=hit.level * STEP_BITS if hit is not None else None,
        guided_by=guided_by,
        near_misses=() if hit is not None else nearest,
        message=_message(engine, stop),
        details={
            "level_bits": engine.level * STEP_BITS,
            "classes": classes,
            "bytes": engine.bytes_held,
            "faults": dict(engine.calls.faults),
        },
        explanation=Explanation(counts={"classes": classes}, faults=dict(engine.calls.faults)),
    )


def _message(engine: Engine, stop: StopReason) -> str:
    faults = ", ".join(f"{word} ({n} times)" for word, n in engine.calls.faults.most_common(3))
    blame = f"words that broke their own declaration: {faults}" if faults else ""
    match stop:
        case StopReason.EXHAUSTED:
            ended = "every program that these words can build was tried"
        case StopReason.MEMORY:
            ended = "the memory allowed is full"
        case _:
            ended = ""
    return "; ".join(part for part in (ended, blame) if part)


def hopeless(spec: Spec) -> Answer | None:
    """The answer to a spec that no search can solve: contradictory examples, or a type nothing produces.

    Contradictions are no trouble where the noise allows to miss as many examples as every function must.
    """
    if not spec.examples:
        return Answer(None, StopReason.ERROR, message="expected at least one example, found none")
    clash = contradiction(spec.examples)
    if clash is not None and (fewest := fewest_misses(spec.examples)) > spec.allowed_misses:
        message = describe_contradiction(clash, spec.examples, spec.type_request)
        if spec.noise:
            message += f"; every program misses at least {fewest} examples, and the noise allows {spec.allowed_misses}"
        return Answer(None, StopReason.CONTRADICTORY, message=message)
    pcfg, leaves = spec_pcfg(spec)
    missing = pcfg.grammar.missing_for(spec.type_request.result, leaves)
    if missing:
        named = tuple(map(show_type, missing))
        message = f"no word and no input gives a value of type {', '.join(named)}"
        return Answer(None, StopReason.UNREACHABLE, message=message, explanation=Explanation(unreached_types=named))
    return None


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """While this lasts, the first Ctrl-C only raises a flag, which the search sees; the second ends the process.

    Whoever was waiting for Ctrl-C before is told of the first one too, except Python's own handler, which would end
    the process. Outside the main thread, where signals cannot be caught, the flag stays down.
    """
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        if callable(before) and before is not signal.default_int_handler:
            before(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)
