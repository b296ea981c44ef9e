"""The advisory locks that this program takes in its database: one list, so that no two have one number."""

from typing import LiteralString

INIT_LOCK = 7_236_001
"""One `init` at a time."""
BUILD_LOCK = 7_236_002
"""One build of marts at a time."""
COLLECT_LOCK = 7_236_003
"""Files are taken from the inbox by one process at a time."""
SIGNING_LOCK = 7_236_004
"""Drafts are concluded one after the other."""
GATE: LiteralString = "7236005"
"""Held in share mode by settlements and by nobody else (`fugong.marts.gate`). The server gives it back at the very end of a COMMIT, and when
the session dies."""
WAITING_BUILD_LOCK = 7_236_006
"""Held by the one run that waits before it builds marts."""
DEPARTMENT_LOCK = 7_236
"""First of two numbers, the second one stands for a department: its files are processed by one process at a time."""
