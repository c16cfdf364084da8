"""Checks of inverses: that whatever one answers gives the output, and how often it finds the argument drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from dsl.drawn_values import show_drawn
from dsl.guarded_calls import BrokenPromiseError, FindingKind, guarded, is_defined
from dsl.inverses import Answer, Anything, Graph, Inverse, Preimages, ask
from dsl.primitive import Primitive
from dsl.type_system import FunctionType, Type
from dsl.values import agree

__all__ = ["Samples", "companions", "finds", "wrong_preimage"]

_MOST_COMBINATIONS = 200
Samples = Mapping[str, Sequence[object]]
"""Some values for each parameter, tried where an inverse says that any will do."""


@dataclass(frozen=True, slots=True)
class _Completed:
    """A function through the points of a graph, and elsewhere like another one."""

    points: Mapping[tuple[object, ...], object]
    elsewhere: object

    def __call__(self, *arguments: object) -> object:
        if arguments in self.points:
            return self.points[arguments]
        assert callable(self.elsewhere)
        return self.elsewhere(*arguments)


def companions(primitive: Primitive, inverse: Inverse) -> tuple[Inverse, ...]:
    """The inverse and those of the parameters that are neither inverted nor given; BrokenPromiseError if one lacks."""
    found = [inverse]
    for name in primitive.parameters:
        if name == inverse.parameter or name in inverse.given:
            continue
        fitting = [i for i in primitive.inverses if i.parameter == name and set(i.given) <= set(inverse.given)]
        if not fitting:
            given = ", ".join(inverse.given) or "nothing"
            message = (
                f"expected an inverse for {name!r} given {given} beside that for {inverse.parameter!r}, found none"
            )
            raise BrokenPromiseError("inverse", message)
        found.append(max(fitting, key=lambda i: len(i.given)))
    return tuple(found)


def wrong_preimage(
    primitive: Primitive,
    t: FunctionType,
    inverses: Sequence[Inverse],
    out: object,
    given: Mapping[str, object],
    samples: Samples,
) -> None:
    """Put every answer in as the argument; BrokenPromiseError for the first that does not give the output."""
    types = dict(zip(primitive.parameters, t.parameters, strict=True))
    try:
        answers = [_answer(primitive, inverse, out, given) for inverse in inverses]
        if any(answer is None for answer in answers):
            return
        found = [
            list(_values(a, types[i.parameter], samples[i.parameter])) for i, a in zip(inverses, answers, strict=True)
        ]
        for values in islice(product(*found), _MOST_COMBINATIONS):
            chosen = dict(zip((i.parameter for i in inverses), values, strict=True))
            _demand_output(primitive, t, out, {**given, **chosen}, chosen)
    except BrokenPromiseError as broken:
        kind: FindingKind = "slow" if broken.kind == "slow" else "inverse"
        raise BrokenPromiseError(kind, broken.message) from None


def _answer(primitive: Primitive, inverse: Inverse, out: object, given: Mapping[str, object]) -> Answer | None:
    arguments = [given[name] for name in inverse.given]
    outcome = guarded(primitive, lambda: ask(inverse, out, arguments), ())
    if outcome is None:
        return None
    assert isinstance(outcome.value, Preimages | Graph | Anything)
    return outcome.value


def _values(answer: Answer | None, t: Type, samples: Sequence[object]) -> Iterator[object]:
    """Values to put in for an answer; those that the language does not have (ints beyond 64 bits) are left out."""
    match answer:
        case Preimages(values):
            yield from (value for value in values if is_defined(value, t))
        case Graph(points):
            if not isinstance(t, FunctionType):
                raise BrokenPromiseError("result type", "expected a value, found the graph of a function")
            if all(is_defined(result, t.result) for result in points.values()):
                yield from (_Completed(points, sample) for sample in samples)
        case _:
            yield from samples


def _demand_output(
    primitive: Primitive, t: FunctionType, out: object, arguments: Mapping[str, object], chosen: Mapping[str, object]
) -> None:
    result = guarded(primitive, primitive.function, [arguments[name] for name in primitive.parameters])
    if result is not None and agree(result.value, out):
        return
    types = dict(zip(primitive.parameters, t.parameters, strict=True))
    shown = " and ".join(_show(value, types[name]) for name, value in chosen.items())
    found = "no value" if result is None else show_drawn(result.value, t.result)
    raise BrokenPromiseError("inverse", f"expected {shown} to give {show_drawn(out, t.result)}, found {found}")


def _show(value: object, t: Type) -> str:
    if not isinstance(value, _Completed):
        return show_drawn(value, t)
    assert isinstance(t, FunctionType)
    parameters, result = t.parameters, t.result
    rows = (
        f"{', '.join(map(show_drawn, arguments, parameters))} -> {show_drawn(value.points[arguments], result)}"
        for arguments in list(value.points)[:4]
    )
    return f"a function with {'; '.join(rows) or 'no points'}"


def finds(primitive: Primitive, inverse: Inverse, out: object, given: Mapping[str, object], drawn: object) -> bool:
    """Whether the argument that was drawn is among those that the inverse answers."""
    match _answer(primitive, inverse, out, given):
        case None:
            return False
        case Preimages(values):
            return any(agree(value, drawn) for value in values)
        case Graph(points):
            assert callable(drawn)
            return all(agree(drawn(*arguments), result) for arguments, result in points.items())
        case Anything():
            return True
