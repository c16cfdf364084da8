"""What a search's banks say, against the interpreter: every class, on every row, for every derivation that it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dsl.interpreter import run
from dsl.program import Application, Lambda, Program
from dsl.type_system import Type
from dsl.values import Failure, agree, size_of
from synth.budget import Budget
from synth.search.bank import Bank
from synth.search.engine import Engine
from synth.search.kernels.convention import DEFINED
from synth.search.scope import Scope
from synth.search.search import Search
from synth.search.switches import Switches
from tasks.task import Spec


def engine_after(spec: Spec, evaluations: int, switches: Switches = Switches()) -> Engine:  # noqa: B008 - frozen
    """The unguided lane of a search that has used its budget."""
    search = Search(spec, Budget(evaluations=evaluations).start(), switches=switches)
    search.run()
    return search.engine


def check_scope(engine: Engine, scope: Scope) -> int:
    """Compare all banks of a scope with the interpreter; how many values were compared."""
    rows = [surroundings(engine, scope, row) for row in range(scope.rows)]
    return sum(_check_bank(engine, scope, t, bank, rows) for t, bank in scope.banks.items())


def surroundings(engine: Engine, scope: Scope, row: int) -> dict[str, object]:
    """The values of all variables in reach on a row of a scope."""
    if scope.outer is None:
        spec = engine.spec
        inputs = [*(e.arguments for e in spec.examples), *spec.queries]
        return dict(zip(spec.parameters, inputs[row], strict=True))
    found = surroundings(engine, scope.outer, int(scope.owner[row]))
    for (name, t), cell in zip(scope.variables, scope.arguments[row].tolist(), strict=True):
        found[name] = engine.store.decode(cell, t)
    return found


def _check_bank(engine: Engine, scope: Scope, t: Type, bank: Bank, rows: list[dict[str, object]]) -> int:
    checked = 0
    for number in range(bank.count):
        derivations = bank.derivations(number)
        assert derivations, f"class {number} of {scope.key} has no derivation"
        for derivation in derivations:
            program = scope.derived(derivation, engine.lambdas.inner)
            for row, variables in enumerate(rows):
                outcome = outcome_of(engine, program, variables)
                where = (program, variables, outcome)
                if bank.status[number, row] == DEFINED:
                    assert agree(outcome, engine.store.decode(int(bank.cells[number, row]), t)), where
                else:
                    assert _has_no_value(engine, program, variables, outcome), where
                checked += 1
    return checked


def outcome_of(engine: Engine, program: Program, variables: Mapping[str, object]) -> object:
    """What the interpreter makes of a program with free variables."""
    return run(Lambda(tuple(variables), program), tuple(variables.values()), engine.spec.library)


def _has_no_value(engine: Engine, program: Program, variables: Mapping[str, object], outcome: object) -> bool:
    """Whether a program fails, or it or a part of it is larger than what the search keeps."""
    parts = (outcome_of(engine, part, variables) for part in _parts_outside_lambdas(program))
    return any(isinstance(v, Failure) or size_of(v) > engine.applier.largest for v in (outcome, *parts))


def _parts_outside_lambdas(program: Program) -> Iterator[Program]:
    if isinstance(program, Application):
        for argument in program.arguments:
            if isinstance(argument, Application):
                yield argument
                yield from _parts_outside_lambdas(argument)
