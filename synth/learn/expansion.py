"""Parts of functions set apart as functions of their own, so that what is around them can be shared.

stitch's gaps take nothing that is bound around them in the pattern, so it cannot find `map` in folds: between
`fold_right(lambda x, r: cons(x + 1, r), [], xs)` and the same with `x + x` there is `x`. Written as
`cons((lambda x: x + 1)(x), r)` they differ in a closed function, which is a gap like any other. It is the step that
version spaces take everywhere (Ellis et al., "DreamCoder", 2021, section 3); here only where one variable is concerned.
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.program import Application, Lambda, Let, Program, Variable, children, rebuild
from synth.learn.forms import abstracted, bound, inner_parts, outside

__all__ = ["expanded"]


def expanded(p: Program) -> Program:
    """A nameless program in whose inner functions each largest part with one of their variables is a function of it.

    A part that is the variable, the whole body, or a function stays. Applying these functions gives the program back.
    """
    if isinstance(p, Lambda):  # the outermost one is the task's
        return Lambda(p.parameters, _inside(p.body))
    return _inside(p)


def _inside(p: Program) -> Program:
    parts = tuple([_inside(part) for part in children(p)])
    made = rebuild(p, parts) if parts else p
    if not isinstance(made, Lambda):
        return made
    body, count = made.body, len(made.parameters)
    return Lambda(made.parameters, rebuild(body, tuple(_parts_apart(body, count))))


def _parts_apart(p: Program, count: int, depth: int = 0) -> Iterator[Program]:
    """The parts of a node inside a function of so many parameters, `depth` further binders around the node."""
    for part, binds in inner_parts(p):
        yield _apart(part, count, depth + binds)


def _apart(p: Program, count: int, depth: int) -> Program:
    if isinstance(p, Variable):
        return p
    used = set(outside(p))
    inner = {index for index in used if index < depth}
    own = {index for index in used if depth <= index < depth + count}
    if len(own) == 1 and not inner and not isinstance(p, Lambda | Let):
        (index,) = own
        return Application(Lambda(("_",), abstracted(p, (index,))), (bound(index),))
    return rebuild(p, tuple(_parts_apart(p, count, depth))) if own else p
