"""Errors of ours. What a department typed is never one of them: that is a finding."""

from __future__ import annotations


class ConfigurationError(Exception):
    """A contract, suite, code list or rule of ours cannot be evaluated. Never raised for what a department typed."""


class NotFoundError(LookupError):
    """What was asked for does not exist. The sentence names what there is."""


class RefusedError(ValueError):
    """What was asked for is refused. The sentence says why."""


class WarehouseError(Exception):
    """The warehouse is not there, too old, or not ours. The sentence says what to do."""


class WarehouseVersionError(WarehouseError):
    """The warehouse is missing, older or newer than the program. The sentence says what to do."""


class EmbeddedServerError(Exception):
    """The embedded server cannot do what was asked. The sentence says what to do."""
