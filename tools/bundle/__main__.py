"""`make bundle ARCH=x86_64|aarch64`: everything that an installation without a network needs, in one folder and one archive.

Wheels by the hashes of the lock, the committed source, container images where an engine has them, the list of packages, and `install.sh`, which
checks all of it. A run that was cut off goes on: wheels that are there, and whose hash is in the lock, are not fetched again.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "plugins")]

from fugong import __version__  # noqa: E402
from tools.bundle.wheels import (  # noqa: E402
    ARCHITECTURES,
    Entry,
    Target,
    WheelsError,
    digest,
    fetch,
    glibc_needed,
    meant,
    read_lock,
)

HERE = Path(__file__).parent
LOCK = PROJECT / "requirements-production.lock"
LDAP_LOCK = PROJECT / "requirements-ldap.lock"
LDAP = "python-ldap"
SBOM = PROJECT / "docs" / "sbom.cdx.json"
GLIBC = "2.28"
"""What 麒麟 V10 and 统信 UOS 20 have; every wheel of the lock runs on it."""
MEGABYTES = 2000
"""What an installation takes on disk, with room for the sample district."""
CONTAINER_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}
NO_IMAGES = "NO_IMAGES.txt"


class BundleError(Exception):
    """The bundle cannot be made. The sentence says why."""


@dataclass(frozen=True)
class Commit:
    """What is packed of the program."""

    hash: str
    is_dirty: bool


def run(*command: str | Path) -> str:
    """What a command prints.

    Raises:
        BundleError: it failed, or is not there.
    """
    try:
        done = subprocess.run([*map(str, command)], cwd=PROJECT, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise BundleError(f"没有这个命令 | there is no such command: {error.filename}") from error
    if done.returncode:
        raise BundleError(f"{' '.join(map(str, command))}: {_first_line(done.stderr or done.stdout)}")
    return done.stdout


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def commit() -> Commit:
    """The commit that the source comes from, and whether changes beside it are left out.

    Raises:
        BundleError: this is no checkout.
    """
    try:
        return Commit(run("git", "rev-parse", "HEAD").strip(), bool(run("git", "status", "--porcelain").strip()))
    except BundleError as error:
        raise BundleError(f"要在 Git 检出里制作 | a bundle is made in a Git checkout: {error}") from error


def pack_wheels(folder: Path, entries: Sequence[Entry], targets: Sequence[Target]) -> list[str]:
    """Fetch what the lock means on each target, and drop wheels that no target asks for; the names."""
    wanted: set[str] = set()
    for target in targets:
        label = f"{target.architecture}, Python {target.python[0]}.{target.python[1]}"

        def tell(n: int, of: int, label: str = label) -> None:
            print(f"\r  {label}: {n} / {of} 个 wheel | wheels ", end="", flush=True)

        wanted |= {wheel.name for wheel in fetch(folder, meant(entries, target), target, tell).values()}
        print()
    for other in folder.iterdir():
        if other.is_dir():  # of a run that was killed
            shutil.rmtree(other)
        elif other.suffix == ".whl" and other.name not in wanted:
            other.unlink()
    return sorted(wanted)


def pack_ldap(folder: Path, targets: Sequence[Target]) -> None:
    """What the login with a directory needs: its source is compiled where it will run, because it hangs on that system's OpenLDAP."""
    locked = read_lock(LDAP_LOCK)
    pack_wheels(folder, [entry for entry in locked if entry.name != LDAP], targets)
    source = next(entry for entry in locked if entry.name == LDAP)
    if any(digest(file) in source.hashes for file in folder.glob("*.tar.gz")):
        return
    with tempfile.TemporaryDirectory(dir=folder) as work:
        requirement = Path(work) / "requirement.txt"
        requirement.write_text(source.requirement + "\n", "utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation", "--require-hashes"]
        run(*command, "--no-binary", LDAP, "--requirement", requirement, "--dest", work)
        for file in Path(work).glob("*.tar.gz"):
            file.replace(folder / file.name)


def pack_images(folder: Path, architecture: str) -> str:
    """Save the images of the compose file; why there are none where there are none, else "".

    Those of a profile are saved where they were built. All are saved under a name without a digest: one that is loaded from a file has none.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        needed = set(run("docker", "compose", "config", "--images").split())
        names = {_named(image, architecture) for image in needed}
        for image in sorted(set(run("docker", "compose", "--profile", "*", "config", "--images").split()) - needed):
            try:
                names.add(_named(image, architecture))
            except BundleError as error:
                print(f"  不带 | left out: {error}")
        print(f"  docker save: {', '.join(sorted(names))}", flush=True)
        run("docker", "save", "--output", folder / "images.tar", *sorted(names))
    except BundleError as error:
        (folder / "images.tar").unlink(missing_ok=True)
        why = f"安装包里没有容器镜像 | THERE ARE NO IMAGES IN THIS BUNDLE: {error}"
        (folder / NO_IMAGES).write_text(why + "\n", "utf-8")
        return why
    return ""


def _named(image: str, architecture: str) -> str:
    """The name of an image that the engine has for this architecture.

    Raises:
        BundleError: it has none.
    """
    found = run("docker", "image", "inspect", "--format", "{{.Architecture}} {{range .RepoTags}}{{.}} {{end}}", image).split()
    if found[0] != CONTAINER_ARCHITECTURE[architecture]:
        raise BundleError(
            f"{image}: 镜像是 {found[0]} 的,不是 {architecture} 的 | the image is for {found[0]}, not for {architecture}"
        )
    name = image.partition("@")[0]
    if name.startswith("sha256:"):
        if len(found) == 1:
            raise BundleError(f"{image}: 镜像没有名称 | the image has no name")
        name = found[1]
    if name not in found:
        run("docker", "tag", image, name)
    return name


def write_sums(folder: Path) -> str:
    """Write SHA256SUMS over every file; its own digest."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "SHA256SUMS")
    lines = [f"{digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")
    return digest(folder / "SHA256SUMS")


def described(wheels: Iterable[str], *, n_packages: int, targets: Sequence[Target], source: str, of: Commit) -> str:
    """`bundle.env`: what install.sh has to know.

    Raises:
        BundleError: a wheel asks for a newer C library than the target promises.
    """
    needed = next(iter(glibc_needed(wheels)), (0, 0))
    if needed > targets[0].glibc:
        raise BundleError(f"有 wheel 需要 glibc {needed[0]}.{needed[1]} | a wheel needs glibc {needed[0]}.{needed[1]}")
    values = {
        "ARCH": targets[0].architecture,
        "COMMIT": of.hash,
        "GLIBC": f"{needed[0]}.{needed[1]}",
        "LOCK": LOCK.name,
        "MEGABYTES": str(MEGABYTES),
        "PACKAGES": str(n_packages),
        "PYTHONS": " ".join(f"{one.python[0]}.{one.python[1]}" for one in targets),
        "SOURCE": source,
        "VERSION": __version__,
    }
    return "".join(f"FUGONG_{name}='{value}'\n" for name, value in values.items())


def make(output: Path, targets: Sequence[Target]) -> Path:
    """Make the folder and its archive; the archive."""
    architecture, of = targets[0].architecture, commit()
    if of.is_dirty:
        print("※ 有未提交的改动,不在安装包里 | uncommitted changes are not in the bundle", file=sys.stderr)
    name = f"fugong-{Version(__version__)}-{architecture}"
    folder = output / name
    folder.mkdir(parents=True, exist_ok=True)
    entries = read_lock(LOCK)

    print(f"1/5 软件包 | packages → {folder}", flush=True)
    wheels = pack_wheels(folder / "wheels", entries, targets)
    print("2/5 目录登录所需 | the login with a directory", flush=True)
    pack_ldap(folder / "ldap", targets)
    print(f"3/5 程序 | the program, {of.hash[:12]}", flush=True)
    for old in folder.glob("fugong-*.tar.gz"):
        old.unlink()
    source = folder / f"fugong-{Version(__version__)}.tar.gz"
    run("git", "archive", "--format", "tar.gz", "--prefix", f"fugong-{Version(__version__)}/", "--output", source, "HEAD")
    shutil.copy2(SBOM, folder / SBOM.name)
    for file in ("install.sh", "README.txt"):
        shutil.copy2(HERE / file, folder / file)
    (folder / "install.sh").chmod(0o755)
    print("4/5 镜像 | images", flush=True)
    if why := pack_images(folder / "images", architecture):
        print(f"!!! {why}", file=sys.stderr, flush=True)
    n_packages = len({entry.name for entry in entries if any(one.means(entry.marker) for one in targets)})
    (folder / "bundle.env").write_text(
        described(wheels, n_packages=n_packages, targets=targets, source=source.name, of=of), "utf-8"
    )
    print("5/5 摘要、归档 | digests, archive", flush=True)
    sums = write_sums(folder)
    archive = output / f"{name}.tar"
    with tarfile.open(f"{archive}.new", "w") as packed:
        packed.add(folder, name)
    Path(f"{archive}.new").replace(archive)
    (output / f"{name}.tar.sha256").write_text(f"{digest(archive)}  {archive.name}\n", "utf-8")
    counted = (f"{glibc[0]}.{glibc[1]} × {len(some)}" for glibc, some in glibc_needed(wheels).items())
    print(f"  glibc: {', '.join(counted)}")
    print(f"✓ {archive}: {len(wheels)} 个 wheel,{archive.stat().st_size / 1e6:,.0f} MB | wheels")
    print(f"  SHA256SUMS {sums}\n  请另行告知收件方 | tell whoever receives it, by another way")
    return archive


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a bundle; 1 if it cannot be made."""
    parser = argparse.ArgumentParser(prog="make bundle", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--arch", choices=ARCHITECTURES, default=platform.machine(), help="the machine (this one without)")
    parser.add_argument("--python", nargs="+", default=["3.11"], help="its Python, 3.11 to 3.13; several are packed side by side")
    parser.add_argument("--glibc", default=GLIBC, help=f"the oldest C library it may have ({GLIBC} without)")
    parser.add_argument("--output", type=Path, default=PROJECT / "dist", help="where the bundle is made (dist/ without)")
    given = parser.parse_args(arguments)
    if unknown := set(given.python) - {"3.11", "3.12", "3.13"}:
        parser.error(f"Fugong runs on Python 3.11, 3.12 and 3.13, not on {', '.join(sorted(unknown))}")
    glibc = tuple(map(int, given.glibc.split(".")))
    targets = [Target(given.arch, (3, int(one.partition(".")[2])), (glibc[0], glibc[1])) for one in sorted(set(given.python))]
    try:
        make(given.output.resolve(), targets)
    except (BundleError, WheelsError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
