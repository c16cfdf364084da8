"""A convolutional net for small grey images: an image in, a logit for each class out."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["Cnn"]


class Cnn(nn.Module):
    """Two convolutions of 3 x 3, the largest of each 2 x 2, and two linear layers.

    B images, each a row of `side` x `side` = P pixels between 0 and 1; O classes; `channels` after each convolution.
    """

    def __init__(self, outputs: int, *, side: int = 8, channels: tuple[int, int] = (32, 64), hidden: int = 128) -> None:
        super().__init__()
        first, second = channels
        self.side = side
        self.layers = nn.Sequential(
            nn.Conv2d(1, first, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(first, second, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(second * (side // 2) ** 2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, outputs),
        )

    def forward(self, images: Tensor) -> Tensor:
        """(B, P) -> (B, O)."""
        logits: Tensor = self.layers(images.view(len(images), 1, self.side, self.side))
        return logits  # (B, O)
