"""The wheels of a hash lock for another machine: which the lock means there, fetching them, and what they ask of its C library.

pip evaluates markers for the Python that runs it, also with `--platform`. So the lock is read here, with the markers of the target.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

ARCHITECTURES = {"x86_64": 5, "aarch64": 17}
"""Machines that bundles are made for, with the oldest minor version of glibc that wheels for them can name."""
LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
AT_ONCE = 15
"""So many packages are fetched by one call of pip; a call that is cut off loses no more than these."""
ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)[ \t]*(?:;[ \t]*(?P<marker>[^\\\n]*?))?[ \t]*\\\n"
    r"(?P<hashes>(?:[ \t]+--hash=sha256:[0-9a-f]{64}[ \t]*\\?\n?)+)",
    re.MULTILINE,
)


class WheelsError(Exception):
    """The wheels of a lock cannot be had. The sentence says which, and why."""


@dataclass(frozen=True)
class Target:
    """A machine that wheels are meant for.

    Attributes:
        architecture: as `uname -m` says it.
        python: the minor version, (3, 11).
        glibc: the oldest C library that the machine may have, (2, 28).
    """

    architecture: str
    python: tuple[int, int]
    glibc: tuple[int, int]

    @property
    def platforms(self) -> list[str]:
        """Its platform tags, the newest first."""
        oldest = ARCHITECTURES[self.architecture]
        found: list[str] = []
        for minor in range(self.glibc[1], oldest - 1, -1):
            found.append(f"manylinux_{self.glibc[0]}_{minor}_{self.architecture}")
            found += [f"{alias}_{self.architecture}" for alias, glibc in LEGACY.items() if glibc == (self.glibc[0], minor)]
        return [*found, f"linux_{self.architecture}"]

    @cached_property
    def tags(self) -> frozenset[Tag]:
        """Tags of wheels that it can install."""
        interpreter = f"cp{self.python[0]}{self.python[1]}"
        return frozenset(
            [*cpython_tags(self.python, platforms=self.platforms), *compatible_tags(self.python, interpreter, self.platforms)]
        )

    def means(self, marker: str) -> bool:
        """Whether a marker holds there, on any patch release of its Python."""
        return not marker or any(Marker(marker).evaluate(self._environment(patch)) for patch in (0, 99))

    def _environment(self, patch: int) -> dict[str, str]:
        minor = f"{self.python[0]}.{self.python[1]}"
        return {
            "implementation_name": "cpython", "implementation_version": f"{minor}.{patch}", "os_name": "posix",
            "platform_machine": self.architecture, "platform_python_implementation": "CPython", "platform_release": "",
            "platform_system": "Linux", "platform_version": "", "python_full_version": f"{minor}.{patch}",
            "python_version": minor, "sys_platform": "linux",
        }  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A package of the lock."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    @property
    def requirement(self) -> str:
        """Its line for pip, without the marker."""
        return f"{self.name}=={self.version} " + " ".join(f"--hash=sha256:{one}" for one in sorted(self.hashes))


def read_lock(lock: Path) -> list[Entry]:
    """Every package of a lock.

    Raises:
        WheelsError: a line names a package without hashes.
    """
    text = lock.read_text("utf-8")
    found = [
        Entry(
            canonicalize_name(one["name"]),
            one["version"],
            (one["marker"] or "").strip(),
            frozenset(re.findall(r"[0-9a-f]{64}", one["hashes"])),
        )
        for one in ENTRY.finditer(text)
    ]
    n_named = len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE))
    if len(found) != n_named:
        raise WheelsError(
            f"{lock.name}: {n_named} 行点名软件包,只有 {len(found)} 行带摘要 | {n_named} lines name a package, {len(found)} of them with hashes"
        )
    return found


def meant(entries: Iterable[Entry], target: Target) -> list[Entry]:
    """The packages that a lock means on the target."""
    return [entry for entry in entries if target.means(entry.marker)]


def digest(file: Path) -> str:
    """The sha256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def fits(wheel: Path, target: Target) -> bool:
    """Whether the target can install a wheel, by its name."""
    return bool(parse_wheel_filename(wheel.name)[3] & target.tags)


def present(folder: Path, entries: Sequence[Entry], target: Target) -> dict[Entry, Path]:
    """The wheels of these packages that are in a folder: of the target, and with a hash of the lock. Others are left alone."""
    by_name = {(entry.name, entry.version): entry for entry in entries}
    found: dict[Entry, Path] = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version, _, _ = parse_wheel_filename(wheel.name)
        entry = by_name.get((name, str(version)))
        if entry is not None and fits(wheel, target) and digest(wheel) in entry.hashes:
            found[entry] = wheel
    return found


def fetch(folder: Path, entries: Sequence[Entry], target: Target, tell: Callable[[int, int], None]) -> dict[Entry, Path]:
    """Fetch the wheels of these packages that are not in the folder yet; a call after one that was cut off goes on.

    Args:
        tell: called with how many there are and how many there will be.

    Returns:
        the wheel of each package.

    Raises:
        WheelsError: the index has no wheel with such a hash for the target, or cannot be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = present(folder, entries, target)
    tell(len(found), len(entries))
    for some in _batches([entry for entry in entries if entry not in found]):
        _download(folder, some, target)
        found |= present(folder, some, target)
        if lacking := [entry for entry in some if entry not in found]:
            raise WheelsError(
                f"没有合适的 wheel | no wheel fits: {', '.join(f'{one.name}=={one.version}' for one in lacking)} ({_described(target)})"
            )
        tell(len(found), len(entries))
    return found


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Some packages at a time, each name once: pip takes no file of requirements that names two versions of a package."""
    waiting = list(entries)
    while waiting:
        some = list({entry.name: entry for entry in reversed(waiting[:AT_ONCE])}.values())
        yield some
        waiting = [entry for entry in waiting if entry not in some]


def _described(target: Target) -> str:
    return f"{target.architecture}, Python {target.python[0]}.{target.python[1]}, glibc {target.glibc[0]}.{target.glibc[1]}"


def _download(folder: Path, entries: Sequence[Entry], target: Target) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as work:
        requirements = Path(work) / "requirements.txt"
        requirements.write_text("\n".join(entry.requirement for entry in entries) + "\n", "utf-8")
        fetched = Path(work) / "wheels"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        command += ["--disable-pip-version-check", "--requirement", str(requirements), "--dest", str(fetched)]
        command += ["--implementation", "cp", "--python-version", f"{target.python[0]}.{target.python[1]}.99"]
        for platform in target.platforms:
            command += ["--platform", platform]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-3:]
            raise WheelsError(f"pip ({_described(target)}): " + " ".join(said)[:2000])
        for wheel in fetched.iterdir():
            wheel.replace(folder / wheel.name)  # whole or not at all


def glibc_of(wheel: str) -> tuple[int, int] | None:
    """The oldest glibc that a wheel runs on, as its name promises; None where it holds no machine code for one."""
    promised: list[tuple[int, int]] = []
    for tag in parse_wheel_filename(wheel)[3]:
        if tag.platform == "any":
            return None
        if match := re.fullmatch(r"manylinux_(\d+)_(\d+)_\w+", tag.platform):
            promised.append((int(match[1]), int(match[2])))
        elif (alias := tag.platform.partition("_")[0]) in LEGACY:
            promised.append(LEGACY[alias])
        else:
            raise WheelsError(f"{wheel}: 标签没有写明 glibc | its tag {tag.platform} promises no glibc")
    return min(promised)


def glibc_needed(wheels: Iterable[str]) -> dict[tuple[int, int], list[str]]:
    """The wheels by the oldest glibc that they run on, the newest glibc first; wheels without machine code are left out."""
    found: dict[tuple[int, int], list[str]] = {}
    for wheel in sorted(wheels):
        if (glibc := glibc_of(wheel)) is not None:
            found.setdefault(glibc, []).append(wheel)
    return dict(sorted(found.items(), reverse=True))
