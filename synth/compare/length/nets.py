"""The pure nets of protocol `length`: makers, peak learning rates and what each is known for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from synth.compare.axis import Point
from synth.compare.protocol import Learner
from synth.compare.tokens.net import CODE, MakeNet, TokenNet

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = ["net_learners", "sparse_learners"]


def net_learners(given: str, *, headline: Point, shown: Sequence[Point]) -> tuple[Learner, ...]:
    """All nets, trained on the same data; the best of their checkpoints at `headline` is told besides."""

    def net(name: str, title: str, make: MakeNet, learning_rate: float, kind: str, description: str) -> Learner:
        return Learner(
            name,
            title,
            "net",
            TokenNet(make, learning_rate, headline=headline, shown=tuple(shown)),
            description,
            learns_from=given,
            recipe=f"AdamW, peak learning rate {learning_rate}, warm-up and cosine, gradients clipped to 1",
            code=(f"synth.nets.{name}:{kind}", *CODE),
        )

    return (
        net("gru", "GRU", _gru, 4e-3, "Gru", "one GRU of 128 units reads, another writes"),
        net("lstm", "LSTM", _lstm, 4e-3, "Lstm", "one LSTM of 128 units reads, another writes"),
        net(
            "transformer_sinusoidal",
            "Transformer (sines)",
            _transformer_sinusoidal,
            3e-3,
            "TransformerSinusoidal",
            "2 layers of 64 channels and 4 heads; places coded by sines, as in the original paper",
        ),
        net(
            "transformer_nope",
            "Transformer (NoPE)",
            _transformer_nope,
            3e-3,
            "TransformerNope",
            "2 causal layers of 64 channels and 4 heads, no position code: known to do best on longer inputs",
        ),
        net(
            "transformer_randomised",
            "Transformer (randomised)",
            _transformer_randomised,
            1e-3,
            "TransformerRandomised",
            "as the one with sines, but a row's places are drawn in rising order from 512",
        ),
        net(
            "transformer_alibi",
            "Transformer (ALiBi)",
            _transformer_alibi,
            3e-3,
            "TransformerAlibi",
            "2 causal layers of 64 channels and 4 heads; attention falls off with distance",
        ),
        net(
            "stack_rnn",
            "stack-RNN",
            _stack_rnn,
            3e-3,
            "StackRnn",
            "a simple recurrent net of 128 units beside a stack that it pushes and pops in part",
        ),
    )


def sparse_learners(learners: Sequence[Learner], *, lengths: Sequence[int]) -> tuple[Learner, ...]:
    """The same nets, trained on some lengths only: what lies between them is an interpolation in length."""
    found = []
    for one in learners:
        assert isinstance(one.run, TokenNet), "nets that read tokens"
        told = f"fresh data of length {', '.join(map(str, lengths))} without end"
        run = replace(one.run, lengths=tuple(lengths))
        title = f"{one.title}, even lengths"
        found.append(replace(one, name=f"{one.name}_sparse", title=title, run=run, learns_from=told))
    return tuple(found)


def _gru(inputs: int, outputs: int) -> Module:
    from synth.nets.gru import Gru  # torch is imported only where a net is made

    return Gru(inputs, outputs)


def _lstm(inputs: int, outputs: int) -> Module:
    from synth.nets.lstm import Lstm  # as above

    return Lstm(inputs, outputs)


def _transformer_sinusoidal(inputs: int, outputs: int) -> Module:
    from synth.nets.transformer_sinusoidal import TransformerSinusoidal  # as above

    return TransformerSinusoidal(inputs, outputs)


def _transformer_nope(inputs: int, outputs: int) -> Module:
    from synth.nets.transformer_nope import TransformerNope  # as above

    return TransformerNope(inputs, outputs)


def _transformer_randomised(inputs: int, outputs: int) -> Module:
    from synth.nets.transformer_randomised import TransformerRandomised  # as above

    return TransformerRandomised(inputs, outputs)


def _transformer_alibi(inputs: int, outputs: int) -> Module:
    from synth.nets.transformer_alibi import TransformerAlibi  # as above

    return TransformerAlibi(inputs, outputs)


def _stack_rnn(inputs: int, outputs: int) -> Module:
    from synth.nets.stack_rnn import StackRnn  # as above

    return StackRnn(inputs, outputs)
