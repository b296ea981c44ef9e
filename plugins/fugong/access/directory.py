"""A directory of people (LDAP, Active Directory): whether it knows a name and a password. Certificates are checked; nothing of a person is kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from fugong.access.authentication import Answer, Ask
from fugong.core.errors import ConfigurationError
from fugong.core.secret import read_secret

LOG = logging.getLogger(__name__)
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
SECONDS = 5
"""A directory that has not answered by then is away."""


@dataclass(frozen=True)
class DirectorySettings:
    """How the directory is asked.

    Attributes:
        reader: the account that may search it.
        base: where people are.
        name: the attribute that holds the name they log in with.
        filter: what else must hold of them; may be empty.
        authorities: the file with the certificates of those who may vouch for it.
        starts_tls: whether a connection of `ldap://` is upgraded before anything is said.
    """

    url: str
    reader: str
    base: str
    name: str
    filter: str
    authorities: str
    starts_tls: bool
    reader_password: str | None = field(repr=False)

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> DirectorySettings | None:
        """Read `FUGONG_LDAP_URL` and what belongs to it; None where that is not set.

        Raises:
            ConfigurationError: it is no address of a directory, or something is missing.
        """
        url = environ.get("FUGONG_LDAP_URL")
        if not url:
            return None
        if not url.startswith(("ldap://", "ldaps://")):
            raise ConfigurationError(
                "FUGONG_LDAP_URL 应以 ldaps:// 或 ldap:// 开头 | FUGONG_LDAP_URL should begin with ldaps:// or ldap://"
            )
        for name in ("FUGONG_LDAP_BASE", "FUGONG_LDAP_READER"):
            if not environ.get(name):
                raise ConfigurationError(f"有 FUGONG_LDAP_URL,缺 {name} | FUGONG_LDAP_URL is set, {name} is missing")
        return cls(
            url=url,
            reader=environ["FUGONG_LDAP_READER"],
            base=environ["FUGONG_LDAP_BASE"],
            name=environ.get("FUGONG_LDAP_NAME") or "uid",
            filter=environ.get("FUGONG_LDAP_FILTER") or "",
            authorities=environ.get("FUGONG_LDAP_CA") or AUTHORITIES,
            starts_tls=url.startswith("ldap://") and environ.get("FUGONG_LDAP_TLS") != "off",
            reader_password=read_secret(environ, "FUGONG_LDAP_READER_PASSWORD"),
        )


def asking(environ: Mapping[str, str]) -> Ask | None:
    """What asks the directory of these settings; None where there is none.

    Raises:
        ConfigurationError: a setting is wrong or missing, or python-ldap is not installed.
    """
    settings = DirectorySettings.load(environ)
    if settings is None:
        return None
    if not settings.reader_password:
        raise ConfigurationError(
            "有 FUGONG_LDAP_URL,缺 FUGONG_LDAP_READER_PASSWORD(或 _FILE 所指文件是空的)| "
            "FUGONG_LDAP_URL is set, FUGONG_LDAP_READER_PASSWORD is missing (or the file that _FILE names is empty)"
        )
    if (settings.starts_tls or settings.url.startswith("ldaps://")) and not Path(settings.authorities).is_file():
        raise ConfigurationError(
            f"FUGONG_LDAP_CA={settings.authorities}:没有这个证书文件 | there is no such file of certificates"
        )
    try:
        ldap = import_module("ldap")  # late: compiled only where people log in with a directory
    except ImportError as fault:
        raise ConfigurationError(
            "缺 python-ldap:make ldap,或按 requirements-ldap.lock 安装 | python-ldap is missing: make ldap, or install requirements-ldap.lock"
        ) from fault
    return Directory(ldap, settings).ask


class Directory:
    """Asks the directory: searches for a person as the reader, then tries the person's own password."""

    def __init__(self, ldap: Any, settings: DirectorySettings) -> None:
        """Ask by the module `ldap`."""
        self._ldap, self._settings = ldap, settings

    def ask(self, name: str, password: str) -> Answer:
        """Whether there is exactly one person of this name, with this password."""
        if not password:
            return Answer.WRONG  # a bind without a password is anonymous, and succeeds
        ldap = self._ldap
        try:
            person = self._find(name)
            if person is None:
                return Answer.WRONG
            with self._connected() as connection:
                try:
                    connection.simple_bind_s(person, password)
                except (ldap.INVALID_CREDENTIALS, ldap.INAPPROPRIATE_AUTH):
                    return Answer.WRONG
        except ldap.LDAPError as fault:
            LOG.error("%s: %s", self._settings.url, fault)
            return Answer.AWAY
        return Answer.RIGHT

    def _find(self, name: str) -> str | None:
        ldap, settings = self._ldap, self._settings
        wanted = f"({settings.name}={import_module('ldap.filter').escape_filter_chars(name)})"
        with self._connected() as connection:
            connection.simple_bind_s(settings.reader, settings.reader_password)
            found = connection.search_s(
                settings.base,
                ldap.SCOPE_SUBTREE,
                f"(&{settings.filter}{wanted})" if settings.filter else wanted,
                [settings.name],
            )
        people = [dn for dn, _ in found if dn is not None]  # None: Active Directory names another directory
        return people[0] if len(people) == 1 else None

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        ldap, settings = self._ldap, self._settings
        connection = ldap.initialize(settings.url)
        try:
            connection.set_option(ldap.OPT_REFERRALS, 0)
            connection.set_option(ldap.OPT_NETWORK_TIMEOUT, SECONDS)
            connection.set_option(ldap.OPT_TIMEOUT, SECONDS)
            connection.set_option(ldap.OPT_X_TLS_CACERTFILE, settings.authorities)
            connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
            connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)  # makes those before count for this connection
            if settings.starts_tls:
                connection.start_tls_s()
            yield connection
        finally:
            with suppress(ldap.LDAPError):
                connection.unbind_s()
