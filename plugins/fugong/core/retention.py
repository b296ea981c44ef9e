"""How long what is kept is kept."""

from __future__ import annotations

KEPT_DAYS = 7
"""So long a sealed original with personal data is kept."""
