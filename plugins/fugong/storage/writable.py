"""Makes the folders of an installation, proves that our account can write there, and says how that is mended where it cannot."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.storage.modes import make_folders, private_folders


def make_writable_folders(settings: Settings, departments: Iterable[str]) -> None:
    """Make the folders that are missing; write a file into each folder that the flow writes to, and remove it.

    Raises:
        ConfigurationError: the system refused some; names each with the command that gives it to us.
    """
    make_folders(settings, ())
    ours = f"chown {os.geteuid()}:{os.getegid()}"
    _prove((folder, ours) for folder in (settings.inbox, settings.outbox, *private_folders(settings)))
    departments = sorted(departments)
    make_folders(settings, departments)
    # The group of these is the department's.
    theirs = (root / name for root in (settings.inbox, settings.outbox) for name in departments)
    _prove((folder, f"chown {os.geteuid()}") for folder in theirs)


def _prove(folders: Iterable[tuple[Path, str]]) -> None:
    if refused := [told for folder, command in folders for told in _refusal(folder, command)]:
        raise ConfigurationError("\n".join(refused))


def _refusal(folder: Path, command: str) -> Iterator[str]:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield (
            f"{folder}: 账户 {os.geteuid()} 不能写入({error.strerror});请执行 {command} {folder}(容器:改为 .env 所写的宿主机文件夹) | "
            f"The account {os.geteuid()} cannot write there ({error.strerror}): run {command} {folder} "
            "(in a container: on the folder of the host that .env names)"
        )
