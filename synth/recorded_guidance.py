"""Guidance as plain data, for the record of a run, and back: numbers as they are, sketches as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.errors import DslError
from dsl.parser import parse
from dsl.program import Lambda
from synth.guidance import Guidance
from tasks.sketches import show_sketch
from tasks.task import Spec

__all__ = ["read_guidance", "recorded_guidance"]


def recorded_guidance(guidance: Guidance, spec: Spec) -> dict[str, Any] | None:
    """What `read_guidance` makes the same guidance of; None if a sketch in it has no text that says it exactly."""
    sketches = [
        {"parameters": list(sketch.parameters), "body": text, "probability": probability}
        for sketch, probability in guidance.sketches
        if (text := _exact_text(sketch, spec)) is not None
    ]
    if len(sketches) < len(guidance.sketches):
        return None
    data = {"source": guidance.source, "bits": dict(guidance.bits), "sketches": sketches}
    return data | {"after": guidance.after} if guidance.after else data


def read_guidance(value: Mapping[str, Any], spec: Spec) -> Guidance:
    """The guidance that a record has; KeyError, TypeError or DslError for what `recorded_guidance` does not write."""
    sketches = tuple(
        (_sketch(tuple(line["parameters"]), line["body"], spec), float(line["probability"]))
        for line in value["sketches"]
    )
    return Guidance(value["source"], dict(value["bits"]), sketches, value.get("after", 0))


def _sketch(parameters: tuple[str, ...], body: str, spec: Spec) -> Lambda:
    request = spec.type_request
    variables = dict(zip(parameters, request.parameters, strict=True))
    return Lambda(parameters, parse(body, spec.library, expected=request.result, variables=variables))


def _exact_text(sketch: Lambda, spec: Spec) -> str | None:
    try:
        text = show_sketch(sketch, spec.library, spec.type_request)
        return text if _sketch(sketch.parameters, text, spec) == sketch else None
    except (DslError, ValueError):  # of another type, or of another number of parameters
        return None
