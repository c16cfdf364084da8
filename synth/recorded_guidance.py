"""Guidance as plain data, for the record of a run, and back: numbers as they are, programs and sketches as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsl.errors import DslError
from dsl.inference import infer
from dsl.parser import parse, parse_type
from dsl.printer import show
from dsl.program import Lambda, holes
from dsl.type_system import Type, show_type, type_variables
from synth.guidance import Above, Guidance
from tasks.task import Spec

__all__ = ["read_guidance", "recorded_guidance", "subgoal_type"]


def recorded_guidance(guidance: Guidance, spec: Spec) -> dict[str, Any] | None:
    """What `read_guidance` makes the same guidance of; None if a program in it has no text that says it exactly."""
    result = spec.type_request.result
    sketches = [_recorded(sketch, result, probability, spec) for sketch, probability in guidance.sketches]
    subgoals = [_recorded_subgoal(program, probability, spec) for program, probability in guidance.subgoals]
    if None in sketches or None in subgoals:
        return None
    rare = {  # most guides say none of these, and a record has no room for nothing
        "after": guidance.after,
        "contexts": {_place_text(above): dict(bits) for above, bits in guidance.contexts.items()},
        "subgoals": subgoals,
    }
    data = {"source": guidance.source, "bits": dict(guidance.bits), "sketches": sketches}
    return data | {name: said for name, said in rare.items() if said}


def read_guidance(value: Mapping[str, Any], spec: Spec) -> Guidance:
    """The guidance that a record has.

    KeyError, TypeError, ValueError or DslError for what `recorded_guidance` does not write.
    """
    result = spec.type_request.result
    return Guidance(
        value["source"],
        dict(value["bits"]),
        tuple((_program(line, result, spec), float(line["probability"])) for line in value["sketches"]),
        value.get("after", 0),
        {_place(text): dict(bits) for text, bits in value.get("contexts", {}).items()},
        tuple(
            (_program(line, parse_type(line["type"]), spec), float(line["probability"]))
            for line in value.get("subgoals", ())
        ),
    )


def subgoal_type(program: Lambda, spec: Spec) -> Type:
    """The type of a subgoal's value, its parameters being the spec's; DslError or ValueError where it has none."""
    return infer(program.body, spec.library, variables=_variables(program.parameters, spec))


def _recorded_subgoal(program: Lambda, probability: float, spec: Spec) -> dict[str, Any] | None:
    """As plain data, with its type, which the spec does not say."""
    try:
        t = subgoal_type(program, spec)
    except (DslError, ValueError):
        return None
    if type_variables(t) or next(holes(program), None) is not None:
        return None
    line = _recorded(program, t, probability, spec)
    return None if line is None else line | {"type": show_type(t)}


def _recorded(program: Lambda, result: Type, probability: float, spec: Spec) -> dict[str, Any] | None:
    """A program whose value is of a type, as plain data; None where its text says something else, or nothing."""
    try:
        text = show(program.body, spec.library, expected=result, variables=_variables(program.parameters, spec))
        line = {"parameters": list(program.parameters), "body": text, "probability": probability}
        return line if _program(line, result, spec) == program else None
    except (DslError, ValueError):  # of another type, or of another number of parameters
        return None


def _program(line: Mapping[str, Any], result: Type, spec: Spec) -> Lambda:
    parameters = tuple(line["parameters"])
    variables = _variables(parameters, spec)
    return Lambda(parameters, parse(line["body"], spec.library, expected=result, variables=variables))


def _variables(parameters: Sequence[str], spec: Spec) -> dict[str, Type]:
    return dict(zip(parameters, spec.type_request.parameters, strict=True))


def _place_text(above: Above) -> str:
    """A place as text: `list.map/0`; that of a whole body is `/0`."""
    production, argument = above
    return f"{production}/{argument}"


def _place(text: str) -> Above:
    production, _, argument = text.rpartition("/")
    return production, int(argument)
