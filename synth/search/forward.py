"""Bottom-up search as a solver: from a spec to the cheapest program that is right on every example."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from dsl.grammar import Production
from dsl.library import Library
from dsl.type_system import show_type
from synth.budget import Budget, StopReason
from synth.guidance import UNGUIDED, Guidance, Later
from synth.pcfg import Pcfg
from synth.search.answers import answer_of
from synth.search.search import Search
from synth.search.switches import Switches
from synth.search.warming import warm_up
from synth.solver import Answer, Explanation, Progress
from tasks.task import Spec, contradiction, describe_contradiction, fewest_misses

__all__ = ["BottomUp", "hopeless", "interruptible", "unreachable"]


@dataclass(frozen=True)
class BottomUp:
    """Columnar bottom-up enumeration with observational equivalence; guidance gets a lane of its own.

    `top` behaviours are wanted: with more than one the search goes on for as long again after the first hit. `ranked`
    asks for that, too, so that the answer's share of the posterior means something. `later` is asked for guidance in
    the course of the search. Budgets in evaluations give the same answer on any machine; `rng` only draws the inputs on
    which answers are told apart.
    """

    guidance: Guidance = UNGUIDED
    switches: Switches = field(default_factory=Switches)
    progress: Callable[[Progress], None] | None = None
    top: int = 1
    ranked: bool = False
    online: bool = False
    later: Later | None = None

    @property
    def name(self) -> str:
        """A short name for tables and logs."""
        return "bottom-up, online guide" if self.online else "bottom-up"

    def prepare(self, library: Library) -> None:
        """Compile, or load, all that a search with these words runs, so that none of it counts against a budget."""
        warm_up(words=library)

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The cheapest program found that fits the examples, and what else does; or why there is none."""
        if (answer := hopeless(spec)) is not None:
            return answer
        with interruptible() as interrupted:
            meter = budget.start(interrupted)
            how = (self.guidance, self.switches, self.progress, self.beyond, self.online, self.later)
            search = Search(spec, meter, *how)
            if (answer := unreachable(search.pcfg, search.leaves, spec)) is not None:
                return answer
            try:
                return answer_of(search, search.run(), self.top if self.top > 1 or not self.ranked else 2, rng)
            finally:
                search.release()

    @property
    def beyond(self) -> float:
        """How long to go on after the first hit, as a share of the work that it took."""
        return 1.0 if self.top > 1 or self.ranked else 0.0


def hopeless(spec: Spec) -> Answer | None:
    """The answer to a spec that no search can solve: no examples, or contradictory ones.

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
    return None


def unreachable(pcfg: Pcfg, leaves: tuple[Production, ...], spec: Spec) -> Answer | None:
    """The answer to a spec whose output is of a type that nothing produces."""
    missing = pcfg.grammar.missing_for(spec.type_request.result, leaves)
    if not missing:
        return None
    named = tuple(map(show_type, missing))
    message = f"no word and no input gives a value of type {', '.join(named)}"
    return Answer(None, StopReason.UNREACHABLE, message=message, explanation=Explanation(unreached_types=named))


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
