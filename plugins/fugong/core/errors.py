"""Our errors. Each says in one sentence what is wrong and what to do. What a department typed is never an error: it is a finding.

`cli.errors` maps them to exit codes.
"""

from __future__ import annotations


class ConfigurationError(Exception):
    """A contract, suite, code list or rule of ours cannot be evaluated. Never raised for what a department typed."""


class NotFoundError(LookupError):
    """What was asked for does not exist. The sentence names what there is."""


class RefusedError(ValueError):
    """What was asked for is refused. The sentence says why."""


class FolderAwayError(OSError):
    """A folder that `fugong init` made is not there: a mount or a network folder that is away. The sentence names it; later it may be back."""


class WarehouseError(Exception):
    """The warehouse cannot do what was asked. The sentence says what to do."""


class WarehouseVersionError(WarehouseError):
    """The warehouse does not fit the program. `fugong init` mends it, or says in one sentence why it cannot."""


class WarehouseMissing(WarehouseVersionError):
    """There is no warehouse yet, or the database holds none: `fugong init` creates it."""


class WarehouseOlder(WarehouseVersionError):
    """An older program made the warehouse: `fugong init` upgrades it."""


class WarehouseNewer(WarehouseVersionError):
    """A newer program upgraded the warehouse: this program has to be upgraded, too. `fugong init` refuses it."""


class EmbeddedServerError(WarehouseError):
    """The embedded server cannot do what was asked."""


class UnsupportedMachineError(EmbeddedServerError):
    """This machine or account cannot run the embedded server."""


class WrongMajorError(EmbeddedServerError):
    """Another major version of PostgreSQL wrote the data."""


class NotStartedError(EmbeddedServerError):
    """The server did not start, or did not stop."""
