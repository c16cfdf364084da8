"""A finite machine as the weights of a simple recurrent net with rectified units, exactly.

One hidden unit stands for each transition (state, item) of the machine, and is 1 just after the machine took it, else
0. It adds 1 for its item and 1 for every unit whose transition ends in its state, less 1, so that it is 1 only where
both are there: `max(0, 1 + 1 - 1)`. All numbers are -1, 0, 1 or 2, which float32 holds exactly, so that nothing wears
out with length. That states times items are enough units is the construction of Minsky (1967, chapter 3) for nets of
threshold units; rectified ones do the same here, as sums are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.compare.bodies.machine import Machine, NotFiniteError

__all__ = ["Weights", "compile_machine", "states_of_units", "units_needed"]

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """Of `Elman`: (H, I) from inputs, (H, H) from states, (H,) biases and start, (V, H) and (V,) of the readout."""

    inputs: Array
    states: Array
    bias: Array
    start: Array
    outputs: Array
    output_bias: Array


def units_needed(machine: Machine) -> int:
    """How many hidden units a machine takes: one for the start, one for each transition.

    >>> units_needed(Machine((0, 1), ((0, 1), (1, 0)), (0, 1)))
    5
    """
    return 1 + len(machine.transitions)


def compile_machine(machine: Machine, *, hidden: int, low: int, inputs: int, outputs: int) -> Weights:
    """The weights of an `Elman` of `hidden` units over `inputs` tokens that does what the machine does.

    Tokens are items less `low`. Units that are not needed stay 0. Raises NotFiniteError where the units are too few.
    """
    if units_needed(machine) > hidden:
        raise NotFiniteError(f"it takes {units_needed(machine)} units, and the net has {hidden}")
    ends = states_of_units(machine)
    weights = Weights(
        inputs=np.zeros((hidden, inputs), dtype=np.float32),
        states=np.zeros((hidden, hidden), dtype=np.float32),
        bias=np.full(hidden, -1, dtype=np.float32),
        start=np.zeros(hidden, dtype=np.float32),
        outputs=np.zeros((outputs, hidden), dtype=np.float32),
        output_bias=np.zeros(outputs, dtype=np.float32),
    )
    weights.start[0] = 1
    for unit, (state, place, after) in enumerate(machine.transitions, 1):
        weights.inputs[unit, machine.alphabet[place] - low] = 1
        weights.states[unit, [before for before, end in enumerate(ends) if end == state]] = 1
        said = machine.outputs[after]
        if said is not None:
            weights.outputs[said - low, unit] = 1
    return weights


def states_of_units(machine: Machine) -> tuple[int, ...]:
    """In which state the machine is when a unit is 1, unit by unit."""
    return (0, *(after for _, _, after in machine.transitions))
