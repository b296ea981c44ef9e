"""The bundle for machines without a network: which wheels it holds, and what its installer refuses. `make prove ARGS=bundle` installs a whole one."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT
from tools.bundle import __main__ as bundle
from tools.bundle import wheels
from tools.bundle.wheels import Entry, Target

HERE = Target("x86_64", (3, 11), (2, 28))
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


# Which wheels


def names(target: Target) -> dict[str, str]:
    return {entry.name: entry.version for entry in wheels.meant(wheels.read_lock(bundle.LOCK), target)}


def test_the_lock_means_what_the_other_machine_s_python_needs() -> None:
    assert sys.version_info[:2] in {(3, 11), (3, 12), (3, 13)}
    old, new = names(HERE), names(replace(HERE, python=(3, 13), architecture="aarch64"))
    differ = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    assert {"numpy", "scipy"} <= differ
    assert new.keys() - old.keys() <= {"pyyaml-ft"}
    assert old.keys() - new.keys() <= {"async-timeout"}  # of Python before 3.11.3
    assert len(old) > 150
    assert {"pytest", "pyright", "ruff"} & old.keys() == set()


@pytest.mark.parametrize("page", ["docs/offline.md", "docs/zh/offline.md"])
def test_the_pages_count_the_packages_of_the_lock(page: str) -> None:
    counted = re.findall(r"(\d+) (?:packages|个软件包)", (PROJECT / page).read_text("utf-8"))
    assert counted == [str(len(names(HERE)))] * 2


def test_a_marker_that_looks_at_the_patch_release_is_met_by_both() -> None:
    assert HERE.means("python_full_version < '3.11.5'")
    assert HERE.means("python_full_version >= '3.11.5'")
    assert not HERE.means("python_full_version >= '3.12'")
    assert not HERE.means("sys_platform == 'win32'")
    assert not HERE.means("platform_machine == 'aarch64'")
    assert HERE.means("")


def test_a_lock_with_a_line_without_hashes_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text(f"# x\na==1 \\\n    --hash=sha256:{'0' * 64}\n    # via b\nb==2\n")
    with pytest.raises(wheels.WheelsError, match="2 lines name a package, 1 of them with hashes"):
        wheels.read_lock(lock)


@pytest.mark.parametrize(
    ("wheel", "needed", "is_for_us", "is_for_arm"),
    [
        ("numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", (2, 27), True, False),
        ("psutil-7.2.2-cp36-abi3-manylinux2010_x86_64.manylinux_2_12_x86_64.whl", (2, 12), True, False),
        ("wrapt-2.5.2-cp311-cp311-manylinux1_x86_64.manylinux_2_5_x86_64.whl", (2, 5), True, False),
        ("cffi-2.1.1-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", (2, 17), False, True),
        ("rich-15.0.0-py3-none-any.whl", None, True, True),
        ("x-1-cp311-cp311-manylinux_2_34_x86_64.whl", (2, 34), False, False),
        ("x-1-cp312-cp312-manylinux_2_17_x86_64.whl", (2, 17), False, False),
    ],
)
def test_a_wheel_s_name_says_where_it_runs(wheel: str, needed: tuple[int, int] | None, is_for_us: bool, is_for_arm: bool) -> None:
    assert wheels.glibc_of(wheel) == needed
    assert wheels.fits(Path(wheel), HERE) is is_for_us
    assert wheels.fits(Path(wheel), replace(HERE, architecture="aarch64")) is is_for_arm


def test_a_wheel_that_promises_no_glibc_is_refused() -> None:
    with pytest.raises(wheels.WheelsError, match="linux_x86_64 promises no glibc"):
        wheels.glibc_of("x-1-cp311-cp311-linux_x86_64.whl")


def test_what_is_there_by_hash_is_not_fetched_again_and_nothing_else_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    wheel = tmp_path / "nowhere_to_be_had-1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    entry = Entry("nowhere-to-be-had", "1.0", "", frozenset({hashlib.sha256(b"a wheel").hexdigest()}))
    told: list[tuple[int, int]] = []
    assert wheels.fetch(tmp_path, [entry], HERE, lambda n, of: told.append((n, of))) == {entry: wheel}
    assert told == [(1, 1)]
    wheel.write_bytes(b"a whee")  # cut off, or altered
    with pytest.raises(wheels.WheelsError, match=r"nowhere-to-be-had==1\.0"):
        wheels.fetch(tmp_path, [entry], HERE, lambda n, of: told.append((n, of)))
    assert told[1:] == [(0, 1)]


# The installer


def pack(folder: Path, *, wheel: bytes | None = b"", **values: str) -> Path:
    """A small bundle: the real installer, a package that says nothing, and a source that holds only the lock."""
    (folder / "wheels").mkdir(parents=True)
    made = folder / "wheels" / "nothing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("nothing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: nothing\nVersion: 1.0\n")
        archive.writestr("nothing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("nothing-1.0.dist-info/RECORD", "")
    source = folder / "source"
    source.mkdir()
    (source / bundle.LOCK.name).write_text(f"nothing==1.0 \\\n    --hash=sha256:{wheels.digest(made)}\n")
    with tarfile.open(folder / "fugong-1.tar.gz", "w:gz") as archive:
        archive.add(source, "fugong-1")
    shutil.rmtree(source)
    if wheel is None:
        made.unlink()
    shutil.copy2(PROJECT / "tools/bundle/install.sh", folder / "install.sh")
    text = bundle.described(
        [made.name],
        n_packages=1,
        targets=[Target(platform.machine(), sys.version_info[:2], (2, 28))],
        source="fugong-1.tar.gz",
        of=bundle.Commit("0" * 40, False),
    )
    for name, value in {"MEGABYTES": "1", **values}.items():
        text = re.sub(rf"^FUGONG_{name}=.*$", f"FUGONG_{name}='{value}'", text, flags=re.MULTILINE)
    (folder / "bundle.env").write_text(text)
    bundle.write_sums(folder)
    return folder


def install(packed: Path, *words: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [packed / "install.sh", "--python", sys.executable, *words]
        if "--python" not in words
        else [packed / "install.sh", *words],
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_bundle_as_it_was_packed_fits_and_a_check_installs_nothing(tmp_path: Path) -> None:
    packed = pack(tmp_path / "bundle")
    sums = wheels.digest(packed / "SHA256SUMS")
    code, said = install(packed, "--check", "--sums", sums)
    assert (code, said.count(sums)) == (0, 1), said
    assert "it can be installed" in said
    assert [one.name for one in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda packed: (packed / "wheels/nothing-1.0-py3-none-any.whl").write_bytes(b"x"), "altered or damaged: wheels/nothing-1.0"),
        (lambda packed: (packed / "wheels/nothing-1.0-py3-none-any.whl").unlink(), "missing: wheels/nothing-1.0"),
        (lambda packed: (packed / "wheels/other-1.0-py3-none-any.whl").write_bytes(b"x"), "does not name; nothing was installed: wheels/other"),
        (lambda packed: (packed / "wheels/other.whl").symlink_to("/etc/passwd"), "does not name; nothing was installed: wheels/other.whl"),
        (lambda packed: (packed / "bundle.env").write_text("rm -rf /\n"), "altered or damaged: bundle.env"),
        (lambda packed: (packed / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
        (lambda packed: (packed / "SHA256SUMS").write_text("nonsense\n"), "nothing was installed"),
    ],
    ids=["altered", "missing", "added", "link", "settings", "no list", "no list at all"],
)  # fmt: skip
def test_a_bundle_that_is_not_as_it_was_packed_is_refused_by_name(tmp_path: Path, spoil, told: str) -> None:
    packed = pack(tmp_path / "bundle")
    spoil(packed)
    code, said = install(packed, tmp_path / "target")
    assert (code, told in said) == (1, True), said
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("values", "words", "told"),
    [
        ({"ARCH": "riscv64"}, (), f"This bundle is for riscv64; this machine is {platform.machine()}"),
        ({"GLIBC": "9.9"}, (), "glibc 9.9 or newer is needed; this machine has 2."),
        ({"PYTHONS": "3.99"}, (), "Python 3.99 is needed; this is another"),
        ({}, ("--python", "no-such-python"), "there is no such Python: no-such-python"),
        ({}, ("--python", "/bin/false"), "/bin/false 是 不能运行 | cannot be run"),
        ({}, ("--sums", "0" * 64), "SHA256SUMS is not what its maker told you"),
        ({"MEGABYTES": "999999999"}, (), "999999999 MB are needed"),
    ],
    ids=["architecture", "glibc", "python", "no python", "no interpreter", "sums", "disk"],
)  # fmt: skip
def test_a_machine_that_does_not_fit_is_told_what_is_needed_and_what_there_is(
    tmp_path: Path, values: dict[str, str], words: tuple[str, ...], told: str
) -> None:
    code, said = install(pack(tmp_path / "bundle", **values), *words, tmp_path / "target")
    assert (code, told in said) == (1, True), said
    assert not list((tmp_path / "target").glob("*"))


def test_without_a_python_that_fits_it_says_which_there_are(tmp_path: Path) -> None:
    packed = pack(tmp_path / "bundle", PYTHONS="3.99")
    done = subprocess.run([packed / "install.sh", tmp_path / "target"], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.search(r"Python 3\.99 is needed; found: python3=3\.\d+\n.*docs/offline\.md", done.stderr), done.stderr


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "var").write_text("data")
    code, said = install(pack(tmp_path / "bundle"), target)
    assert (code, "is neither empty nor an interrupted installation of this bundle" in said) == (1, True), said
    assert [one.name for one in target.iterdir()] == ["var"]


def test_a_wheel_that_nobody_packed_is_not_looked_for_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = pack(tmp_path / "other")
    monkeypatch.setenv("PIP_FIND_LINKS", str(other / "wheels"))
    packed = pack(tmp_path / "bundle", wheel=None)
    code, said = install(packed, tmp_path / "target")
    assert (code, "the packages were not installed" in said) == (1, True), said
    assert "No matching distribution found for nothing==1.0" in said
    # The folder waits for this bundle to go on. Another one may not use it.
    assert (tmp_path / "target/.installing").read_text().strip() == wheels.digest(packed / "SHA256SUMS")
    assert "is neither empty nor" in install(other, tmp_path / "target")[1]
