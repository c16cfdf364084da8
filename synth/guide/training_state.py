"""A training that was stopped, in a file: weights and the optimiser's, in full precision, and what they belong to."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as save_tensors
from torch import Tensor

from dsl.errors import InterfaceError
from synth.guide.checkpoint import replace_file
from synth.guide.train import Training

__all__ = ["load_state", "save_state", "state_file"]


def state_file(checkpoint: Path) -> Path:
    """Where the state of a training is kept that will write `checkpoint`."""
    return checkpoint.with_suffix(".state")


def save_state(path: Path, training: Training, learned_from: str) -> None:
    """Write a training as it is; `learned_from` is a digest of what it learns from."""
    tensors = {f"net {name}": t.contiguous() for name, t in training.net.state_dict().items()}
    kept = training.optimiser.state_dict()["state"]
    tensors |= {
        f"optimiser {number} {key}": torch.as_tensor(value).contiguous()
        for number, values in kept.items()
        for key, value in values.items()
    }
    how_far = {"done": str(training.done), "curve": json.dumps(training.curve)}
    replace_file(path, save_tensors(tensors, metadata=_facts(training, learned_from) | how_far))


def _facts(training: Training, learned_from: str) -> dict[str, str]:
    return {"settings": json.dumps(training.settings.to_json(), sort_keys=True), "learned from": learned_from}


def load_state(path: Path, training: Training, learned_from: str) -> None:
    """Go on where a training was stopped. Raises InterfaceError for a file of another training, or a broken one."""
    try:
        with safe_open(path, framework="pt") as file:
            facts: dict[str, str] = file.metadata() or {}
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        why = f"expected a training to go on with, found a broken file: {error}"
        raise InterfaceError(why, path=str(path)) from None
    for key, wanted in _facts(training, learned_from).items():
        if facts.get(key) != wanted:
            raise InterfaceError(
                f"expected the training that was stopped here, with {key} {facts.get(key)}, found {key} {wanted}",
                path=str(path),
                hint="give the same options and files, or remove this file to begin anew",
            )
    training.net.load_state_dict(_named(tensors, "net "))
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _named(tensors, "optimiser ").items():
        number, key = name.split(" ")
        state.setdefault(int(number), {})[key] = tensor
    groups = training.optimiser.state_dict()["param_groups"]
    training.optimiser.load_state_dict({"state": state, "param_groups": groups})
    training.done, training.curve = int(facts["done"]), json.loads(facts["curve"])


def _named(tensors: dict[str, Tensor], before: str) -> dict[str, Tensor]:
    return {name.removeprefix(before): t for name, t in tensors.items() if name.startswith(before)}
