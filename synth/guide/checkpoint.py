"""Checkpoints: a network's weights as safetensors, and beside them in JSON what they are and how they came about.

lists.safetensors   the weights, in half precision; its own header says how large it is, so a cut-off file is found
lists.json          format, sizes, the words it was trained with, types, settings, figures, a digest of the weights;
                    `pays` is set to true by hand, once searches were measured to be better with it than without
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from dsl.errors import InterfaceError
from dsl.library import Library
from synth.guide.model import GuideNet, Sizes
from synth.guide.predict import NeuralGuide
from synth.guide.words import signature_digest, word_features

__all__ = ["FORMAT", "About", "load", "read_about", "save", "words_of"]

FORMAT = 2
"""The version of the files and of the features that the weights are for; another one is refused."""


@dataclass(frozen=True)
class About:
    """What is said beside the weights: the command that remakes them, the words with hashes of what they do, figures.

    `center` is the mean of what the network makes of its own tasks (see `NeuralGuide.distance`).
    """

    name: str
    command: str
    sizes: Sizes
    library: str
    words: Mapping[str, str]
    types: Sequence[str]
    settings: Mapping[str, object]
    figures: Mapping[str, object]
    center: Sequence[float] = field(default=())


def words_of(library: Library) -> dict[str, str]:
    """Every word with a hash of its features, so that a difference can be named."""
    return dict(zip(library.entries, map(signature_digest, word_features(library)), strict=True))


def save(path: Path, net: GuideNet, about: About) -> None:
    """Write the weights to `path` (FILE.safetensors), and the rest beside it; each file at once or not at all."""
    weights = {name: t.detach().to("cpu", torch.float16).contiguous() for name, t in net.state_dict().items()}
    data = save_tensors(weights, metadata={"format": str(FORMAT)})
    facts = {
        "format": FORMAT,
        "name": about.name,
        "command": about.command,
        "pays": False,
        "parameters": sum(p.numel() for p in net.parameters()),
        "sizes": about.sizes.to_json(),
        "library": about.library,
        "types": list(about.types),
        "settings": dict(about.settings),
        "figures": dict(about.figures),
        "words": dict(about.words),
        "center": [round(value, 4) for value in about.center],
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    replace_file(path, data)
    replace_file(path.with_suffix(".json"), (json.dumps(facts, indent=1) + "\n").encode())


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that it is never there in part."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    os.replace(beside, path)


def read_about(path: Path) -> Mapping[str, Any]:
    """What is said beside the weights in `path`. Raises InterfaceError for what no `save` wrote, or another version."""
    beside = path.with_suffix(".json")
    try:
        facts = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(path, f"expected {beside.name} beside it, with what it is, found {_short(error)}") from None
    if not isinstance(facts, dict) or "format" not in facts:
        raise _refused(path, f"expected what a guide is in {beside.name}, found something else")
    if facts["format"] != FORMAT:
        raise _refused(path, f"expected a guide of format {FORMAT}, found format {facts['format']!r}")
    missing = [key for key in ("name", "sizes", "sha256", "words") if key not in facts]
    if missing:
        raise _refused(path, f"expected {', '.join(missing)} in {beside.name}, found none")
    return facts


def load(path: Path) -> NeuralGuide:
    """The guide in a file, checked: whole, of this format, every weight there and finite.

    Raises InterfaceError, which names the difference.
    """
    facts = read_about(path)
    weights = _weights(path, facts)
    try:
        sizes = Sizes(**facts["sizes"])
    except TypeError as error:
        raise _refused(path, f"expected the sizes of a network, found {facts['sizes']!r} ({error})") from None
    net = GuideNet(sizes)
    _check(path, net, weights)
    net.load_state_dict({name: t.to(torch.float32) for name, t in weights.items()})
    net.eval()
    return NeuralGuide(net, str(facts["name"]), center=tuple(facts.get("center", ())))


def _weights(path: Path, facts: Mapping[str, Any]) -> dict[str, Tensor]:
    try:
        data = path.read_bytes()
        weights = load_tensors(data)
    except (OSError, SafetensorError, ValueError) as error:
        raise _refused(
            path, f"expected whole weights, found a file that is cut off or none at all: {_short(error)}"
        ) from (None)
    found = hashlib.sha256(data).hexdigest()
    if found != facts["sha256"]:
        raise _refused(
            path,
            f"expected the weights that {path.with_suffix('.json').name} speaks of (sha256 {facts['sha256'][:12]}...), "
            f"found others ({found[:12]}...)",
        )
    return weights


def _check(path: Path, net: GuideNet, weights: Mapping[str, Tensor]) -> None:
    """Refuse weights that are not all there, too many, of other shapes, or no numbers."""
    wanted = {name: tuple(t.shape) for name, t in net.state_dict().items()}
    if missing := sorted(set(wanted) - set(weights)):
        raise _refused(path, f"expected {len(wanted)} weights, found none for {', '.join(missing[:3])}")
    if unknown := sorted(set(weights) - set(wanted)):
        raise _refused(path, f"expected {len(wanted)} weights, found also {', '.join(unknown[:3])}")
    for name, shape in wanted.items():
        if tuple(weights[name].shape) != shape:
            raise _refused(path, f"expected {name} of shape {shape}, found {tuple(weights[name].shape)}")
        if not bool(torch.isfinite(weights[name]).all()):
            raise _refused(path, f"expected numbers, found {name} with some that are infinite or none (NaN)")


def _refused(path: Path, why: str) -> InterfaceError:
    return InterfaceError(f"cannot use the guide: {why}", path=str(path), hint="train it again: synth guide train")


def _short(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
