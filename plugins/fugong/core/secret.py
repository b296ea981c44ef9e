"""Secrets from files: a variable's environment is shown by many programs, a file of mode 0600 by none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from fugong.core.errors import ConfigurationError


def read_secret(environ: Mapping[str, str], name: str) -> str | None:
    """The value of a variable, or the first line of the file that `<name>_FILE` names; None where both are unset or empty.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    if value := environ.get(name):
        return value
    file = environ.get(f"{name}_FILE")
    if not file:
        return None
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigurationError(
            f"{name}_FILE={file}:密钥文件读不了({reason})| the file of this secret cannot be read ({reason})"
        ) from None
    return lines[0].strip() or None if lines else None


def read_address(environ: Mapping[str, str], name: str) -> str | None:
    """A URL, with the password that `<name>_PASSWORD` or `<name>_PASSWORD_FILE` gives put in.

    Raises:
        ConfigurationError: the URL has a password already, or no account that it could belong to.
    """
    url, password = environ.get(name) or None, read_secret(environ, f"{name}_PASSWORD")
    if url is None or password is None:
        return url
    scheme, _, rest = url.partition("://")
    account, at, place = rest.partition("@")
    if not at or ":" in account:
        raise ConfigurationError(
            f"有 {name}_PASSWORD 时,{name} 应写账户而不写密码,如 postgresql://账户@主机:5432/库 | beside {name}_PASSWORD, {name} "
            "should name an account and no password: postgresql://user@host:5432/database"
        )
    return f"{scheme}://{account}:{quote(password, safe='')}@{place}"
