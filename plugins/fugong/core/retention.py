"""How long Fugong keeps what it must not keep for ever. `operations.retention` deletes it at night."""

from __future__ import annotations

SEALED_ORIGINAL_DAYS = 7
"""A sealed original that holds personal data."""
RAW_CELLS_DAYS = 90
"""Raw cells of rows that were set aside. That a row was set aside, and why, is kept for ever."""
ARCHIVED_FILE_YEARS = 3
"""An original in the archive."""
MESSAGE_DAYS = 90
"""What people were told, once it was sent or given up."""
