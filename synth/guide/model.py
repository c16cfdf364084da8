"""The network of the guide: it reads examples, and scores what may stand where in a program.

An encoder over the tokens of each example (Vaswani et al., "Attention is all you need", 2017), pooled over the examples
(as RobustFill: Devlin et al., 2017); a head that says which words occur (DeepCoder: Balog et al., 2017); and a typed
decoder that scores, at each place, the productions that the grammar admits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from synth.guide.arrays import REQUEST_WIDTH
from synth.guide.choices import LEAF_WIDTH, SHAPE_WIDTH
from synth.guide.features import COLUMNS, OUTPUT_SLOT, SCALAR_WIDTH, TYPE_WIDTH, scalar_features
from synth.guide.grid_stem import GridStem
from synth.guide.properties import PROPERTY_WIDTH
from synth.guide.relations import RELATIONS
from synth.guide.words import WORD_WIDTH

__all__ = ["GuideNet", "Sizes", "Table", "threads"]


@contextmanager
def threads(count: int = 1) -> Iterator[None]:
    """Inside, torch uses so many cores: with one what is small is faster; the number decides how sums are split."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a network is: channels of tokens, of everything else, layers and attention heads of the encoder; and
    whether it has what only grids need.
    """

    tokens: int = 96
    hidden: int = 160
    layers: int = 2
    heads: int = 4
    grids: bool = False

    def to_json(self) -> dict[str, int]:
        """As data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Table:
    """What may be chosen, embedded: heads (H, D), productions (P, D), and types of places (T, D)."""

    heads: Tensor
    productions: Tensor
    types: Tensor


class GuideNet(nn.Module):
    """Reads examples, and scores heads and productions.

    B tasks, E examples in all, N tokens an example, D hidden channels, L decisions, M options of a decision.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        C, D = sizes.tokens, sizes.hidden
        self.sizes = sizes
        self.scalar = nn.Linear(SCALAR_WIDTH, C)
        self.columns = nn.ModuleList(nn.Embedding(count, C) for _, count in (*COLUMNS[1:], *RELATIONS))
        layer = nn.TransformerEncoderLayer(
            C, sizes.heads, 2 * C, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.reader = nn.TransformerEncoder(layer, sizes.layers, enable_nested_tensor=False)
        self.example = nn.Sequential(nn.LayerNorm(2 * C), nn.Linear(2 * C, D), nn.GELU())
        self.request = nn.Linear(REQUEST_WIDTH, D)
        self.task = nn.Sequential(
            nn.Linear(3 * D + PROPERTY_WIDTH, 2 * D), nn.GELU(), nn.Linear(2 * D, D), nn.LayerNorm(D)
        )
        self.word = nn.Sequential(nn.Linear(WORD_WIDTH, D), nn.GELU(), nn.Linear(D, D))
        self.defined = nn.Linear(D, D, bias=False)
        self.leaf = nn.Sequential(nn.Linear(LEAF_WIDTH, D), nn.GELU(), nn.Linear(D, D))
        self.shape = nn.Linear(SHAPE_WIDTH, D)
        self.kind = nn.Linear(TYPE_WIDTH, D)
        self.argument, self.depth = nn.Embedding(4, D), nn.Embedding(8, D)
        self.top, self.open = nn.Parameter(torch.zeros(D)), nn.Parameter(torch.zeros(D))
        self.start = nn.Linear(D, D)
        self.step = nn.GRU(3 * D, D, batch_first=True)
        self.query = nn.Sequential(nn.Linear(4 * D, D), nn.GELU(), nn.Linear(D, D))
        self.context = nn.Sequential(nn.Linear(3 * D, D), nn.GELU(), nn.Linear(D, D))
        self.cut = nn.Sequential(nn.Linear(4 * D, D // 2), nn.GELU(), nn.Linear(D // 2, 1))
        self.prior = nn.Parameter(torch.ones(1))
        self.usual = nn.Sequential(nn.Linear(D, D), nn.GELU(), nn.Linear(D, D))
        self.usual_bias = nn.Linear(D, 1)
        self.present = nn.Sequential(nn.Linear(D, D), nn.GELU(), nn.Linear(D, D))
        self.register_buffer("scalars", torch.from_numpy(scalar_features().copy()), persistent=False)
        self.stem = GridStem(C) if sizes.grids else None  # the last, so that all else begins as it would without

    # ---- what may be chosen --------------------------------------------------------------------------------------

    def table(
        self, words: Tensor, shares: Tensor, leaves: Tensor, heads: Tensor, shapes: Tensor, types: Tensor
    ) -> Table:
        """Word features (W, .), shares in definitions (W, W), leaf features (V, .), the head (P,) and shape (P, .) of
        each production, type features (T, .) -> their embeddings.
        """
        embedded = torch.cat([self.words(words, shares), self.leaf(leaves)])  # (W + V, D)
        return Table(embedded, embedded[heads] + self.shape(shapes), self.kind(types))

    def words(self, words: Tensor, shares: Tensor) -> Tensor:
        """Word features (W, .) and shares in definitions (W, W) -> (W, D)."""
        own = self.word(words)
        embedded: Tensor = own + self.defined(shares @ own)
        return embedded

    # ---- reading -------------------------------------------------------------------------------------------------

    def read(self, tokens: Tensor, lengths: Tensor, owner: Tensor, properties: Tensor, request: Tensor) -> Tensor:
        """Tokens (E, N, columns), lengths (E,), each example's task (E,), properties and request (B, .) -> (B, D)."""
        _, N, _ = tokens.shape
        B = len(request)
        embedded = scalars = self.scalar(self.scalars)[tokens[..., 0]]  # (E, N, C)
        for column, embed in enumerate(self.columns, 1):
            embedded = embedded + embed(tokens[..., column])
        if self.stem is not None:
            embedded = embedded + self.stem(scalars, tokens)
        there = torch.arange(N, device=tokens.device) < lengths[:, None]  # (E, N)
        read = self.reader(embedded, src_key_padding_mask=~there)
        weights = there.to(read.dtype)[..., None]
        output = weights * (tokens[..., 4:5] == OUTPUT_SLOT)
        means = [(read * w).sum(1) / w.sum(1).clamp(min=1) for w in (output, weights - output)]
        examples = self.example(torch.cat(means, dim=-1))  # (E, D)
        pooled = torch.zeros(B, examples.shape[-1], device=tokens.device).index_add(0, owner, examples)
        counts = torch.zeros(B, device=tokens.device).index_add(0, owner, torch.ones(len(owner), device=tokens.device))
        most = torch.full_like(pooled, -1e9).scatter_reduce(
            0, owner[:, None].expand_as(examples), examples, "amax", include_self=False
        )
        asked = self.request(request)
        task: Tensor = self.task(torch.cat([pooled / counts[:, None], most, asked, properties], dim=-1))
        return task

    # ---- which heads occur ---------------------------------------------------------------------------------------

    def presence(self, task: Tensor, request: Tensor, table: Table) -> tuple[Tensor, Tensor]:
        """(B, D) tasks and (B, .) requests -> logits (B, H) that a head occurs by the request alone, and by all."""
        scale = table.heads.shape[-1] ** -0.5
        usual = self.usual(self.request(request)) @ table.heads.T * scale + self.usual_bias(table.heads).T
        return usual, usual + self.present(task) @ table.heads.T * scale

    # ---- decisions -----------------------------------------------------------------------------------------------

    def steps(
        self, table: Table, before: Tensor, parents: Tensor, arguments: Tensor, depths: Tensor, types: Tensor
    ) -> Tensor:
        """What the decoder is told at each decision, (..., 3 D).

        `before` (...) is the production decided last: its row, -1 for a part left open, -2 at the start; `parents`
        likewise, -1 at the top.
        """
        edges = torch.stack([self.top, self.open])  # rows -2 and -1
        known = torch.cat([table.productions, edges])
        last = known[torch.where(before < 0, len(table.productions) + before + 2, before)]
        above = self._above(table, parents)
        where = self.argument(arguments) + self.depth(depths) + table.types[types]
        return torch.cat([last, above, where], dim=-1)

    def _above(self, table: Table, parents: Tensor) -> Tensor:
        above: Tensor = torch.where((parents < 0)[..., None], self.top, table.productions[parents.clamp(min=0)])
        return above

    def in_context(self, table: Table, parents: Tensor, arguments: Tensor, types: Tensor, task: Tensor) -> Tensor:
        """Queries (..., D) for what may stand somewhere, by what is above it and by the task (..., D) alone."""
        where = self.argument(arguments) + table.types[types]
        seen = torch.cat([self._above(table, parents), where, task], dim=-1)
        queries: Tensor = self.context(seen) * task.shape[-1] ** -0.5
        return queries

    def decide(self, states: Tensor, steps: Tensor, task: Tensor) -> tuple[Tensor, Tensor]:
        """States after `steps` (..., D) and tasks (..., D) -> queries (..., D), and logits that a part is left open."""
        _, above, where = steps.chunk(3, dim=-1)
        seen = torch.cat([states, above, where, task], dim=-1)
        return self.query(seen) * states.shape[-1] ** -0.5, self.cut(seen)[..., 0]
