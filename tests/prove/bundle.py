"""The bundle for machines without a network: installed and tried on one; for the other architecture, complete."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fugong.core.settings import PROJECT
from tests.prove.proof import Proof, Try
from tools.bundle import __main__ as bundle
from tools.bundle import wheels
from tools.bundle.wheels import Target

ARCHITECTURES = ("x86_64", "aarch64")
PYTHONS = ((3, 11), (3, 12), (3, 13))
MINUTES = 5
KEPT_IN_HOME = ".cache/fugong/"
"""What stands in our own files, and digests of those that are valid (`core/cache_folder.py`)."""
WITHOUT_NETWORK = r"""
set -e
ip link set lo up
begun=$(date +%s)
"$1"/install.sh "$2" > "$3/install.log" 2>&1
installed=$(date +%s)
cd "$2"
trap 'make down > "$3/down.log" 2>&1' EXIT
make demo > "$3/demo.log" 2>&1
echo $((installed - begun)) $(($(date +%s) - installed))
"""
"""Bundle, target and a folder for logs → the seconds of the installation and of the demonstration."""


@contextmanager
def opened(seed: int) -> Iterator[Try]:
    """The two cases: installed and tried here; complete for every architecture and Python. There is nothing to draw, whatever the seed."""
    cases = (installed_without_network, complete)
    yield lambda case: cases[(case - 1) % len(cases)]()


def installed_without_network() -> dict[str, Any]:
    """Install in a network namespace with nothing but loopback and in an empty home, and run the demonstration."""
    machine = platform.machine()
    assert machine in ARCHITECTURES, f"no bundle is made for {machine}"
    minor = tuple(map(int, platform.python_version_tuple()[:2]))
    with tempfile.TemporaryDirectory(prefix="fugong-bundle-") as folder:
        work = Path(folder)
        work.chmod(0o755)  # the embedded server's account passes through
        archive = bundle.make(PROJECT / "dist", [Target(machine, (minor[0], minor[1]), (2, 28))])
        (work / "home").mkdir()
        (work / "logs").mkdir()
        environment = {"HOME": str(work / "home"), "PATH": os.defpath, "LANG": "C.UTF-8"}
        # Whoever is not root becomes it in a namespace of users.
        command = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", WITHOUT_NETWORK, "sh"]
        begun = time.monotonic()
        done = subprocess.run(
            [*command, archive.with_suffix(""), work / "fugong", work / "logs"],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        logs = {log.stem: log.read_text("utf-8") for log in (work / "logs").glob("*.log")}
        assert done.returncode == 0, f"{done.stderr}\n{logs.get('demo') or logs.get('install', '')}"[-2000:]
        assert "演示完成 | Done." in logs["demo"]
        left = [str(one.relative_to(work / "home")) for one in sorted((work / "home").rglob("*")) if not one.is_dir()]
        left = [one for one in left if not one.startswith(KEPT_IN_HOME)]
        assert not left, f"left in the home: {', '.join(left[:10])}"
        seconds = time.monotonic() - begun
        install, demo = map(int, done.stdout.split())
    assert seconds < MINUTES * 60, f"{seconds:.0f} s: installed in {install} s, tried in {demo} s"
    return {"install": install, "demo": demo}


def complete() -> dict[str, Any]:
    """Fetch every wheel for every architecture and Python, and compare each with the lock."""
    entries = wheels.read_lock(bundle.LOCK)
    found: dict[str, Any] = {"n_wheels": {}, "glibc": {}}
    for architecture in ARCHITECTURES:
        folder = PROJECT / "dist" / "proof" / architecture
        for python in PYTHONS:
            target = Target(architecture, python, (2, 28))
            wanted = wheels.meant(entries, target)
            have = wheels.fetch(folder, wanted, target, lambda *_: None)
            assert set(have) == set(wanted)
            assert all(wheels.digest(wheel) in entry.hashes for entry, wheel in have.items())
            label = f"{architecture} {python[0]}.{python[1]}"
            found["n_wheels"][label] = len(have)
            needed = next(iter(wheels.glibc_needed(wheel.name for wheel in have.values())))
            found["glibc"][label] = f"{needed[0]}.{needed[1]}"
    return found


def summary(found: Sequence[dict[str, Any]]) -> str:
    """The seconds, and the wheels."""
    told: list[str] = []
    for one in found:
        if "install" in one:
            told.append(
                f"{platform.machine()}: installed in {one['install']} s, `make demo` in {one['demo']} s, without a network"
            )
        else:
            told.append(
                ", ".join(f"{label}: {n} of {n} wheels, glibc {one['glibc'][label]}" for label, n in one["n_wheels"].items())
            )
    return "; ".join(told)


PROOF = Proof(
    name="bundle",
    claim="The bundle installs without a network and runs `make demo` within five minutes; for both architectures and every Python each wheel is there with its hash",
    claim_zh="安装包不联网就能装好并跑完 `make demo`，五分钟以内；两种架构、每个 Python 版本的每个 wheel 都在，摘要相符",
    n_cases=2,
    open=opened,
    summary=summary,
)
