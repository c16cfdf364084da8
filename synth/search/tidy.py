"""Making a found program pleasant to read, without changing what it means."""

from __future__ import annotations

from dataclasses import replace

from dsl.program import Application, Lambda, Name, Program, Variable, children, free_variables, rebuild, walk

__all__ = ["tidy"]

_LAZY = frozenset({"control.if", "bool.and", "bool.or"})


def tidy(program: Program) -> Program:
    """Lambdas that only pass their parameters on become the word itself; a fold's first parameter is called `acc`."""
    parts = tuple(map(tidy, children(program)))
    tidied = rebuild(program, parts) if parts else program
    match tidied:
        case Application(Name("list.fold" | "list.scan" | "list.fold_right" as word), (Lambda() as step, *rest)):
            return replace(tidied, arguments=(_accumulating(step, word == "list.fold_right"), *rest))
        case Application(function, arguments) if any(isinstance(a, Lambda) for a in arguments):
            return Application(function, tuple(map(_reduced, arguments)))
        case _:
            return tidied


def _reduced(argument: Program) -> Program:
    """`lambda x: f(x)` is `f` (eta-reduction); words that may leave an argument unrun keep their lambda."""
    match argument:
        case Lambda(parameters, Application(Name(word) as name, passed)) if word not in _LAZY:
            same = len(passed) == len(parameters) and all(
                isinstance(p, Variable) and p.name == n for p, n in zip(passed, parameters, strict=True)
            )
            return name if same else argument
        case _:
            return argument


def _accumulating(step: Lambda, last: bool) -> Program:
    """A folding function whose accumulator is called `acc` and whose item keeps the first free name."""
    taken = {name for node in walk(step.body) if isinstance(node, Lambda) for name in node.parameters}
    taken |= free_variables(step.body) - set(step.parameters)
    if len(step.parameters) != 2 or "acc" in taken or "acc" in step.parameters:
        return _reduced(step)
    accumulator, item = reversed(step.parameters) if last else step.parameters
    spare = "x" if "x" not in taken else item
    renaming = {accumulator: "acc", item: spare}
    body = _rename(step.body, renaming)
    names = tuple(renaming[p] for p in step.parameters)
    return _reduced(Lambda(names, body))


def _rename(program: Program, renaming: dict[str, str]) -> Program:
    match program:
        case Variable(name):
            return Variable(renaming.get(name, name))
        case Lambda(parameters, body):
            inner = {a: b for a, b in renaming.items() if a not in parameters}
            return Lambda(parameters, _rename(body, inner))
        case _:
            parts = children(program)
            return rebuild(program, tuple(_rename(p, renaming) for p in parts)) if parts else program
