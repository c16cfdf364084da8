"""Checks of primitives on drawn arguments: whether they keep the word that hints, laws and inverses give."""

from __future__ import annotations

import doctest
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from dsl.drawn_values import Drawer, UndrawableError, ground, show_drawn, shrink
from dsl.guarded_calls import (
    SLOW_SECONDS,
    BrokenPromiseError,
    FindingKind,
    TimeIsUp,
    checked_call,
    copied,
    guarded,
    is_defined,
    time_limit,
)
from dsl.inverse_checks import Samples, companions, finds, wrong_preimage
from dsl.inverses import Inverse
from dsl.laws import Law, argument_types, holds, misfit, specialised
from dsl.library import Library
from dsl.primitive import Primitive
from dsl.primitive_file import load_primitives
from dsl.type_system import FunctionType, Range, Type, apply, show_type
from dsl.values import Undefined

__all__ = [
    "Finding",
    "FindingKind",
    "PrimitiveReport",
    "check_library",
    "check_primitive",
    "load_primitives",
    "report_lines",
]

_TRIALS = 60
_MOST_SECONDS = 5.0
"""A primitive whose calls have taken this long together is called no more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a primitive does and should not: what was expected and found, and the smallest call that shows it.

    Findings of kind `advice` are no failures: a missing example, arguments that never gave a value.
    """

    kind: FindingKind
    message: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class PrimitiveReport:
    """What the checks of one primitive found.

    Of `trials` argument tuples, `defined` gave a value. `recalls` says for each inverse how often the argument that had
    been drawn was among its results (an inverse need not find it, but whatever it finds must be right).
    """

    name: str
    type: Type
    findings: tuple[Finding, ...] = ()
    trials: int = 0
    defined: int = 0
    seconds_per_call: float = 0.0
    recalls: tuple[tuple[str, float], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is nothing worse than advice."""
        return all(finding.kind == "advice" for finding in self.findings)


def check_library(library: Library, *, seed: int, known: Library | None = None) -> list[PrimitiveReport]:
    """Check every primitive of a library; the same seed draws the same arguments.

    `known` are further words that may make values of the domain types that arguments need.
    """
    words = library if known is None else Library.of().extend(known, library)
    return [
        check_primitive(entry, words, rng=Random(f"{seed} {entry.name}"))
        for entry in library
        if isinstance(entry, Primitive)
    ]


def check_primitive(primitive: Primitive, library: Library, *, rng: Random, trials: int = _TRIALS) -> PrimitiveReport:
    """Call a primitive on drawn arguments and report what it does that it should not.

    Values of a domain's types are made by the words of `library`. Of each kind the first failure is reported. A
    primitive that is slow, or none of whose arguments can be drawn, is called no more.
    """
    inspection = _Inspection(primitive, Drawer(library), rng)
    try:
        _check_calls(inspection, trials)
        for law in primitive.laws:
            _check_law(inspection, law, trials // 2)
        for inverse in primitive.inverses:
            _check_inverse(inspection, inverse, trials)
    except UndrawableError as error:
        inspection.report("advice", f"expected to draw arguments: {error}")
    except TimeIsUp:
        inspection.report("slow", "expected to draw arguments, found that the words that make them take too long")
    except _StopChecking:
        pass
    _check_documentation(inspection)
    return PrimitiveReport(
        primitive.name,
        primitive.type,
        tuple(inspection.findings),
        inspection.trials,
        inspection.defined,
        inspection.seconds / max(inspection.trials, 1),
        tuple(inspection.recalls),
    )


# ---- The checks -----------------------------------------------------------------------------------------------------


class _StopChecking(Exception):  # noqa: N818 - a signal to the loop above
    """More calls of this primitive would take too long."""


@dataclass(slots=True)
class _Inspection:
    """A primitive under inspection: what draws its arguments, and what was found so far."""

    primitive: Primitive
    drawer: Drawer
    rng: Random
    findings: list[Finding] = field(default_factory=list)
    trials: int = 0
    defined: int = 0
    seconds: float = 0.0
    recalls: list[tuple[str, float]] = field(default_factory=list)
    deadline: float = field(default_factory=lambda: time.perf_counter() + _MOST_SECONDS)

    def report(self, kind: FindingKind, message: str, call: str = "") -> None:
        """Record a finding."""
        self.findings.append(Finding(kind, message, call))

    def timed(self, *arguments: object) -> object:
        """Call the primitive with a watch in hand."""
        start = time.perf_counter()
        try:
            return self.primitive.function(*arguments)
        finally:
            self.seconds += time.perf_counter() - start

    def plain_type(self, law: Law | None = None) -> FunctionType:
        """The primitive's type with plain types chosen for its variables, such that a law can speak of it."""
        t = self.primitive.type if law is None else specialised(law, self.primitive.type)
        as_function = t if isinstance(t, FunctionType) else FunctionType((), t)
        chosen = apply(ground(as_function, self.rng), as_function)
        assert isinstance(chosen, FunctionType)
        return chosen

    def draw(self, types: Sequence[Type], names: Sequence[str] = ()) -> tuple[object, ...]:
        """Values of types; those of named parameters within the range that the primitive declares for them."""
        ranges: dict[str, Range] = dict(self.primitive.ranges)
        bounds = [ranges.get(name) for name in names] or [None] * len(types)
        if time.perf_counter() > self.deadline:
            raise _StopChecking
        with time_limit(5 * SLOW_SECONDS):
            return tuple(self.drawer.draw(t, self.rng, bounds=b) for t, b in zip(types, bounds, strict=True))

    def survives(
        self,
        test: Callable[[tuple[object, ...]], object],
        values: tuple[object, ...],
        types: Sequence[Type],
        show: Callable[[str], str],
    ) -> bool:
        """Whether values pass a test; if not, what broke is reported with the smallest values that break it so."""
        try:
            test(copied(values))
        except BrokenPromiseError as found:
            broken = found
        else:
            return True
        if broken.kind == "slow":
            # It stays as it was drawn: each attempt to shrink it would cost its full time.
            self.report("slow", broken.message, show(", ".join(map(show_drawn, values, types))))
            raise _StopChecking
        kind = broken.kind
        values = shrink(values, types, lambda smaller: _breaks(test, smaller, kind) is not None)
        smallest = _breaks(test, values, kind) or broken
        self.report(kind, smallest.message, show(", ".join(map(show_drawn, values, types))))
        return False


def _breaks(
    test: Callable[[tuple[object, ...]], object], values: tuple[object, ...], kind: FindingKind
) -> BrokenPromiseError | None:
    try:
        test(copied(values))
    except BrokenPromiseError as found:
        return found if found.kind == kind else None
    return None


def _check_calls(inspection: _Inspection, trials: int) -> None:
    """Result type, exceptions, mutation, determinism, laziness, time."""
    primitive = inspection.primitive
    for _ in range(trials):
        t = inspection.plain_type()
        arguments = inspection.draw(t.parameters, primitive.parameters)

        def test(values: tuple[object, ...], t: FunctionType = t) -> bool:
            return checked_call(primitive, t, values) is not None

        inspection.trials += 1
        if not inspection.survives(test, arguments, t.parameters, lambda shown: f"{primitive.short}({shown})"):
            return
        outcome = guarded(primitive, inspection.timed, arguments)
        inspection.defined += outcome is not None and is_defined(outcome.value, t.result)
    if not inspection.defined:
        inspection.report("advice", f"expected a value for some of {trials} drawn arguments, found none")


def _check_law(inspection: _Inspection, law: Law, trials: int) -> None:
    primitive = inspection.primitive
    if (why := misfit(law, primitive.type)) is not None:
        inspection.report("law", f"{law}: {why}")
        return
    for _ in range(trials):
        t = inspection.plain_type(law)
        types = argument_types(law, t)

        def value_of(*arguments: object, t: FunctionType = t) -> object:
            outcome = guarded(primitive, primitive.function, arguments)
            if outcome is None or not is_defined(outcome.value, t.result):
                raise Undefined
            return outcome.value

        def test(values: tuple[object, ...], f: Callable[..., object] = value_of) -> None:
            if not holds(law, f, values):
                raise BrokenPromiseError("law", f"expected the law {law} to hold, found that it does not")

        if not inspection.survives(test, inspection.draw(types), types, lambda shown: f"values {shown}"):
            return


def _check_inverse(inspection: _Inspection, inverse: Inverse, trials: int) -> None:
    """Every answer of an inverse, put in as the argument, gives the output; how often the drawn argument is found."""
    primitive, parameters = inspection.primitive, inspection.primitive.parameters
    try:
        inverses = companions(primitive, inverse)
    except BrokenPromiseError as broken:
        inspection.report(broken.kind, broken.message)
        return
    places = [parameters.index(name) for name in inverse.given]
    tried = recalled = 0
    for _ in range(trials):
        t = inspection.plain_type()
        arguments = inspection.draw(t.parameters, parameters)
        try:
            outcome = checked_call(primitive, t, arguments)
        except BrokenPromiseError:
            return  # as the plain calls have told, or will with other arguments
        if outcome is None:
            continue
        more = inspection.draw(t.parameters, parameters)
        samples = dict(zip(parameters, zip(arguments, more, strict=True), strict=True))

        def test(values: tuple[object, ...], t: FunctionType = t, samples: Samples = samples) -> None:
            out, *rest = values
            wrong_preimage(primitive, t, inverses, out, dict(zip(inverse.given, rest, strict=True)), samples)

        given, types = [arguments[p] for p in places], (t.result, *(t.parameters[p] for p in places))
        # Any other output as well: an inverse is also asked for those that the other arguments cannot give.
        for out in (outcome.value, *inspection.draw((t.result,))):
            if not inspection.survives(
                test, (out, *given), types, lambda shown: f"inverse for {inverse.parameter!r} of {shown}"
            ):
                return
        tried += 1
        drawn, known = arguments[parameters.index(inverse.parameter)], dict(zip(inverse.given, given, strict=True))
        recalled += finds(primitive, inverse, outcome.value, known, drawn)
    inspection.recalls.append((_recall_name(primitive, inverse), recalled / max(tried, 1)))


def _recall_name(primitive: Primitive, inverse: Inverse) -> str:
    """The parameter, and what is given unless it is all others."""
    if len(inverse.given) + 1 == len(primitive.parameters):
        return inverse.parameter
    return f"{inverse.parameter} given {', '.join(inverse.given) or 'nothing'}"


# ---- Documentation --------------------------------------------------------------------------------------------------


def _check_documentation(inspection: _Inspection) -> None:
    """The doctests pass; a word without a summary or an example is advised of it."""
    primitive = inspection.primitive
    if not primitive.summary:
        inspection.report("advice", "expected a docstring that says what the word does, found none")
    finder = doctest.DocTestFinder(recurse=False)
    tests = finder.find(primitive.function, primitive.short, globs=dict(primitive.function.__globals__))
    if not any(test.examples for test in tests):
        inspection.report("advice", "expected an example (>>>) in the docstring, found none")
    lines: list[str] = []
    try:
        with time_limit(5 * SLOW_SECONDS):
            for test in tests:
                doctest.DocTestRunner(verbose=False).run(test, out=lines.append)
    except TimeIsUp:
        inspection.report("slow", "expected the doctest to end, found that it takes too long")
    if lines:
        inspection.report("doctest", *_doctest_failure("".join(lines)))


def _doctest_failure(text: str) -> tuple[str, str]:
    """Expected and found of the first failure that doctest reports, and the example."""
    _, _, failed = text.partition("Failed example:\n")
    example, _, verdict = failed.partition("\n")
    verdict, _, _ = verdict.partition("*" * 20)
    lines = [line.strip() for line in verdict.splitlines() if line.strip()]
    if lines[0].startswith("Exception"):
        return f"expected a value, found {lines[-1]}", example.strip()
    cut = lines.index("Got:") if "Got:" in lines else len(lines)
    return f"expected {' '.join(lines[1:cut])}, found {' '.join(lines[cut + 1 :]) or 'nothing'}", example.strip()


# ---- Reports as text ------------------------------------------------------------------------------------------------


def report_lines(reports: Sequence[PrimitiveReport]) -> list[str]:
    """Reports as text for a terminal: a line for each primitive, its findings under it, a summary at the end."""
    width = max((len(report.name) for report in reports), default=0)
    lines = [line for report in reports for line in _lines_of(report, width)]
    failed = sum(not report.passed for report in reports)
    ending = f"{failed} of {len(reports)} failed" if failed else f"all {len(reports)} passed"
    return [*lines, f"primitives checked: {ending}"]


def _lines_of(report: PrimitiveReport, width: int) -> Iterator[str]:
    verdict = "ok  " if report.passed else "FAIL"
    recalls = "".join(f", inverse {name} {share:.0%}" for name, share in report.recalls)
    speed = f"{report.seconds_per_call * 1e6:.1f} us a call" if report.seconds_per_call else "not timed"
    yield f"{verdict} {report.name:<{width}}  {show_type(report.type)}  ({speed}{recalls})"
    for finding in report.findings:
        yield f"     {finding.kind}: {finding.message}"
        if finding.call:
            yield f"       at {finding.call}"
