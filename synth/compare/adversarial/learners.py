"""Who takes part in the protocol `adversarial`: nets, programs, references, and the searches that are misled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.library import Library
from synth.compare.ablations import with_decoys
from synth.compare.adversarial.image_learners import (
    AttackedCnn,
    AttackedReference,
    RandomPush,
    nearest_image,
    support_vectors,
)
from synth.compare.adversarial.poisoned import PER_EXAMPLE, MisledSearch, PoisonedNet
from synth.compare.adversarial.sequences import EditedNet, EditedProgram, EditedReference
from synth.compare.programs import ProgramSearch
from synth.compare.protocol import ORACLE, Learner
from synth.compare.tokens.net import CODE
from synth.solver import Solver
from tasks.domains.lists import LISTS

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = [
    "ABLATIONS",
    "EDITED_NETS",
    "HEADLINE",
    "IMAGE_NETS",
    "IMAGE_REFERENCES",
    "PAIRS",
    "POISONED_NET",
    "PROGRAM",
    "SEARCHES",
    "TRUE_FUNCTION",
]

HEADLINE = 1
"""The strength that findings are about, and at which the second checkpoint of a net is chosen."""
PAIRS = 8
"""Examples from which the program learns that is attacked by edits."""


def _gru(inputs: int, outputs: int) -> Module:
    from synth.nets.gru import Gru  # torch is imported only where a net is made

    return Gru(inputs, outputs)


def _transformer(inputs: int, outputs: int) -> Module:
    from synth.nets.transformer_sinusoidal import TransformerSinusoidal  # as above

    return TransformerSinusoidal(inputs, outputs)


def _plain_words() -> Library:
    return LISTS.tier("T0")


def _more_words() -> Library:
    return with_decoys(_plain_words(), 1, seed=0)


def _ranked(top: int) -> Solver:
    from synth.search.forward import BottomUp  # the other rooms of a comparison do without the search

    return BottomUp(top=top, ranked=True)


def _bottom_up() -> Solver:
    from synth.search.forward import BottomUp  # as above

    return BottomUp()


_CNN = ("cnn", 2e-3)
_IMAGE_CODE = (
    "synth.nets.cnn:Cnn",
    "synth.compare.training:train",
    "synth.compare.adversarial.image_nets:train_net",
    "synth.compare.adversarial.image_nets:_batches",
)
IMAGE_NETS = (
    Learner(
        "cnn",
        "CNN",
        "net",
        AttackedCnn(_CNN[1], HEADLINE),
        "two convolutions and two linear layers; attacked along its own gradient, and without",
        learns_from="70% of the images",
        recipe="AdamW, peak learning rate 0.002, weight decay 0.001",
        code=_IMAGE_CODE,
    ),
    Learner(
        "cnn_adversarial",
        "CNN, adversarially trained",
        "net",
        AttackedCnn(_CNN[1], HEADLINE, strength=2.0),
        "the same, trained on its own PGD images of two grey levels (Madry et al. 2018)",
        learns_from="70% of the images, moved by PGD of 7 steps",
        recipe="as the other, each batch attacked first",
        code=(*_IMAGE_CODE, "synth.compare.adversarial.gradient_attacks:pgd"),
    ),
)
IMAGE_REFERENCES = (
    Learner(
        "svm",
        "RBF-SVM",
        "reference",
        AttackedReference(support_vectors, _CNN),
        "support vectors; attacked by transfer from the CNN, by the Square attack, and towards images of other digits",
    ),
    Learner(
        "nearest",
        "nearest image",
        "reference",
        AttackedReference(nearest_image, _CNN),
        "the digit of the nearest training image; attacked as the SVM is",
    ),
    Learner(
        "cnn_noise", "CNN, random signs (control)", "reference", RandomPush(_CNN), "the CNN; pushes of drawn direction"
    ),
)

PROGRAM = Learner(
    "program",
    "learned program",
    "program",
    EditedProgram(ProgramSearch(_plain_words, _bottom_up)),
    "bottom-up search over fifteen plain words; its program is tried on every input within two edits",
    learns_from=f"{PAIRS} pairs of length 1 to 6",
    words=_plain_words,
    tier="T0",
)
EDITED_NETS = (
    Learner(
        "gru",
        "GRU",
        "net",
        EditedNet(_gru, 4e-3, HEADLINE),
        "one GRU of 128 units reads, another writes, as in `length`",
        learns_from="fresh data of length 1 to 10 without end",
        recipe="AdamW, peak learning rate 0.004",
        code=("synth.nets.gru:Gru", *CODE),
    ),
    Learner(
        "transformer",
        "Transformer (sines)",
        "net",
        EditedNet(_transformer, 3e-3, HEADLINE),
        "2 layers of 64 channels and 4 heads, as in `length`",
        learns_from="fresh data of length 1 to 10 without end",
        recipe="AdamW, peak learning rate 0.003",
        code=("synth.nets.transformer_sinusoidal:TransformerSinusoidal", *CODE),
    ),
)


def _search(name: str, title: str, run: MisledSearch, description: str) -> Learner:
    return Learner(
        name,
        title,
        "program",
        run,
        description,
        learns_from="pairs of length 1 to 6, some of them the attacker's",
        words=run.words,
        tier="T0",
    )


SEARCHES = (
    _search(
        "strict",
        "search without noise",
        MisledSearch(_plain_words, _ranked, "poison"),
        "the cheapest program that fits all examples",
    ),
    _search(
        "tolerant",
        "search with noise",
        MisledSearch(_plain_words, _ranked, "poison", allowed=1),
        "the same, where a program may miss one example, as `noise` in a task says",
    ),
    _search(
        "misled",
        "search on chosen examples",
        MisledSearch(_plain_words, _ranked, "ambiguity"),
        "the cheapest program that fits all examples, which are all right",
    ),
)
POISONED_NET = Learner(
    "gru_poisoned",
    "GRU, poisoned alike",
    "net",
    PoisonedNet(_gru, 4e-3, HEADLINE, _plain_words, _ranked),
    f"as the GRU of `length`; {PER_EXAMPLE:,} examples for each one of a search, the same share of them poisoned",
    learns_from="examples of length 1 to 10, some of them the attacker's",
    recipe="AdamW, peak learning rate 0.004",
    code=("synth.nets.gru:Gru", "synth.compare.training:train", "synth.compare.adversarial.poisoned:PoisonedNet"),
)


def _with_useless_words(learner: Learner) -> Learner:
    """A search over the same words and as many useless ones besides."""
    assert isinstance(learner.run, MisledSearch)
    return replace(
        learner,
        name=f"{learner.name}_decoys",
        title=f"{learner.title}, with as many useless words",
        run=replace(learner.run, words=_more_words),
        words=_more_words,
        ablates=learner.name,
    )


ABLATIONS = (
    Learner(
        "program_decoys",
        "learned program, with as many useless words",
        "program",
        EditedProgram(ProgramSearch(_more_words, _bottom_up)),
        PROGRAM.description,
        words=_more_words,
        tier="T0",
        ablates="program",
    ),
    *(_with_useless_words(one) for one in SEARCHES),
)
TRUE_FUNCTION = Learner(ORACLE, "oracle", "reference", EditedReference(), "the true function, attacked as programs are")
