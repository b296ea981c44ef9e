"""Seals and opens files by age (age-encryption.org): whoever has the public key can make a backup, only the identity opens it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage.x25519 import Identity, Recipient

from fugong.core.errors import ConfigurationError, RefusedError

SUFFIX = ".age"
IDENTITY = "AGE-SECRET-KEY-1"


def read_recipients(text: str) -> list[Recipient]:
    """The public keys of `FUGONG_BACKUP_KEY`: `age1…`, several with commas; every one of their identities opens a backup.

    Raises:
        ConfigurationError: one is no public key of age. What looks like an identity is not printed.
    """
    recipients: list[Recipient] = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        try:
            recipients.append(Recipient.from_str(word))
        except pyrage.RecipientError as error:
            shown = "AGE-SECRET-KEY-…" if word.upper().startswith(IDENTITY) else word
            raise ConfigurationError(
                f"FUGONG_BACKUP_KEY:{shown} 不是 age 的公钥(age1…),用 fugong backup key 生成 | "
                f"{shown} is no public key of age (age1…): fugong backup key makes one"
            ) from error
    return recipients


def read_identities(file: Path) -> list[Identity]:
    """The identities in a file that `fugong backup key` or `age-keygen` wrote.

    Raises:
        RefusedError: there is no such file, or it holds none.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        identities = [Identity.from_str(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise RefusedError(f"{file}:读不出私钥 | no identity can be read ({error})") from error
    if not identities:
        raise RefusedError(f"{file}:里面没有私钥(AGE-SECRET-KEY-1…)| holds no identity (AGE-SECRET-KEY-1…)")
    return identities


def new_identity(file: Path) -> str:
    """Write a new identity to a file of its own, for our account alone, and return its public key.

    Raises:
        RefusedError: there is such a file already: what it opens would be lost.
    """
    identity = Identity.generate()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RefusedError(f"{file}:已经存在,不覆盖 | is there already and is not overwritten") from None
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def seal(reader: BinaryIO, draft: Path, recipients: list[Recipient]) -> None:
    """Write what `reader` gives to a file, sealed; as it is where there are no recipients. Holds some kilobytes at a time."""
    with draft.open("xb") as out:
        if recipients:
            pyrage.encrypt_io(reader, out, recipients)
            return
        while block := reader.read(1 << 20):
            out.write(block)


def open_sealed(file: Path, writer: BinaryIO, identities: list[Identity]) -> None:
    """Write what is in a file, sealed or not, to `writer`.

    Raises:
        RefusedError: no identity opens it, or its bytes were changed or cut off.
    """
    with file.open("rb") as reader:
        if file.suffix != SUFFIX:
            while block := reader.read(1 << 20):
                writer.write(block)
            return
        try:
            pyrage.decrypt_io(reader, writer, identities)
        except (pyrage.DecryptError, OSError) as error:
            if getattr(error, "errno", None) is not None:  # the writer's, a full disk, say; a damaged block has no number
                raise
            raise RefusedError(
                f"{file.name}:打不开:私钥不对,或文件已损坏 | cannot be opened: another identity, or a damaged file ({error})"
            ) from error
