"""What we use of python-ldap, which is installed only where people log in with a directory (requirements-ldap.lock)."""

OPT_NETWORK_TIMEOUT: int
OPT_TIMEOUT: int

def set_option(option: int, invalue: int | str) -> None: ...
