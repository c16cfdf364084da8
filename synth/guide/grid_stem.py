"""What is around each cell of a grid, by small convolutions: lines, corners and the like, wherever in it they are.

The grids are put together again from their tokens, so it works for whatever holds them, and for grids of all sizes: of
a large one, the tokens are blocks (see `grids`), and blocks are what is around blocks. A patch is seen before attention
compares what is far apart, as in the stems of Xiao et al., "Early convolutions help transformers see better", 2021.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dsl.type_system import TypeConstructor
from synth.guide.features import scalar_of
from synth.guide.grids import COLORS

__all__ = ["GridStem"]

_FIRST_COLOR = scalar_of(0, TypeConstructor("color"))
_MARK = scalar_of((), TypeConstructor("grid"))
_SCALAR, _ROW, _COLUMN, _CELL = 0, 1, 3, 6
"""Columns of a token; the last is 0 for a colour that is in no grid."""


class GridStem(nn.Module):
    """Two convolutions over grids put together from tokens, with what is outside of a grid told apart from all colours.

    E examples, N tokens an example, C channels, K inside, G grids in all, of at most R x S cells.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inside = max(1, channels // 2)
        self.near = nn.Conv2d(channels + 1, inside, 3, padding=1)
        self.wider = nn.Conv2d(inside, channels, 3, padding=1)

    def forward(self, scalars: Tensor, tokens: Tensor) -> Tensor:
        """Embedded scalars (E, N, C) of tokens (E, N, columns) -> what is around each of them (E, N, C), zeros for
        those that are no cells.
        """
        kind = tokens[..., _SCALAR]
        cells = (kind >= _FIRST_COLOR) & (kind < _FIRST_COLOR + 2 * COLORS) & (tokens[..., _CELL] > 0)  # (E, N)
        around = torch.zeros_like(scalars)
        if not bool(cells.any()):
            return around
        example, place = cells.nonzero(as_tuple=True)  # (cells,)
        number = (kind == _MARK).cumsum(1)[example, place]
        _, grid = torch.unique(example * (tokens.shape[1] + 1) + number, return_inverse=True)
        row, column = tokens[example, place, _ROW], tokens[example, place, _COLUMN]
        G, R, S = (int(part.max()) + 1 for part in (grid, row, column))
        there = scalars.new_zeros(G, R, S, 1)
        there[grid, row, column] = 1.0
        colors = scalars.new_zeros(G, R, S, scalars.shape[-1])
        colors = colors.index_put((grid, row, column), scalars[example, place])
        whole = torch.cat([colors, there], dim=-1).permute(0, 3, 1, 2)  # (G, C + 1, R, S)
        inside = nn.functional.gelu(self.near(whole)) * there.permute(0, 3, 1, 2)  # (G, K, R, S)
        seen = self.wider(inside).permute(0, 2, 3, 1)[grid, row, column]  # (cells, C)
        return around.index_put((example, place), seen)
