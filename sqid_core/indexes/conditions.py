"""Which products a server may return, in its own language: numbers alone, so that no text of anybody is part of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Prices are kept within these: what lies beyond is beyond every limit that is given too.
MOST_PRICE = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Condition:
    """All that are given must hold. categories, brands: codes of which one must fit, None for any; without a code
    nothing fits. price_from, price_to: both included. picture: whether there is one.
    """

    categories: tuple[int, ...] | None = None
    brands: tuple[int, ...] | None = None
    price_from: float | None = None
    price_to: float | None = None
    picture: bool | None = None

    @property
    def impossible(self) -> bool:
        """Whether nothing can fit, whatever there is."""
        limits = [limit for limit in (self.price_from, self.price_to) if limit is not None]
        return any(map(np.isnan, limits)) or () in (self.categories, self.brands)

    def expression(self) -> str:
        """As Milvus reads it; "" for no condition. What is `impossible` has none."""
        parts = [
            f"{name} in [{', '.join(str(int(code)) for code in codes)}]"
            for name, codes in (("category", self.categories), ("brand", self.brands))
            if codes is not None
        ]
        for sign, limit in ((">=", self.price_from), ("<=", self.price_to)):
            # Also what bounds nothing: who has no price lies in no range.
            parts += [] if limit is None else [f"price {sign} {float(np.clip(limit, -MOST_PRICE, MOST_PRICE))!r}"]
        if self.picture is not None:
            parts.append(f"picture == {str(bool(self.picture)).lower()}")
        return " and ".join(parts)
