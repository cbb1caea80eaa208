"""What a voyage may be asked with, and what is taken where nothing is said; light, since every door reads it."""

from __future__ import annotations

DEFAULT_SPEED_KN = 14.0
"""What a voyage is reckoned at where no speed is given: an assumption of the atlas, said in every answer."""

SPEEDS_KN = (1.0, 40.0)
DRAUGHTS_M = (0.5, 30.0)
MOST_ALTERNATIVES = 6
