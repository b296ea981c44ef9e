"""试投: what lies in `inbox/<DEPT>/试投/` gets the receipt that it would get, and goes back to its sender; nothing is stored.

Receipt and file lie in `outbox/<DEPT>/试投/` afterwards. A run that is killed leaves the file where `collect` put it, and the
next one answers it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fugong.core.sanitize import file_stem
from fugong.core.settings import TRIAL, Settings

if TYPE_CHECKING:
    from fugong.intake.processor import SubmissionProcessor


def answer(desk: SubmissionProcessor, settings: Settings, department: str, file: Path) -> Path:
    """Judge one file that was taken for a trial, write its receipt, and put the file beside it.

    Returns:
        Where the file is now. Where one of that name lies already it is given a number.

    Raises:
        ConfigurationError: our contract or suite is at fault; the file stays.
    """
    into = settings.outbox / file_stem(department) / TRIAL
    into.mkdir(parents=True, exist_ok=True)
    named = _free(into, file.name)
    if named != file.name:
        file = file.rename(file.with_name(named))
    desk.attempt(file, department, into)
    place = file.rename(into / named)
    file.parent.rmdir()
    return place


def _free(folder: Path, name: str) -> str:
    """The name, or the first like it that no file in the folder has: the receipt of an earlier trial stays as it is."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, f"{dot}{ending}") if stem else (name, "")
    names = (name, *(f"{stem}({n}){ending}" for n in range(2, 1_000)))
    return next(one for one in names if not (folder / one).exists())
