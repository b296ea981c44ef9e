"""What a file could do that has taken the reading child over: here the file is a program, and the child runs it instead of reading."""

from __future__ import annotations

import ctypes
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fugong.core.settings import PROJECT
from fugong.reading import reader as reading
from fugong.reading.reader import Reader, ReaderBroken
from fugong.reading.worker import landlock

pytestmark = pytest.mark.attack

TAKEN_OVER = """
import importlib, json, sys
sys.modules["numpy"] = None
sys.path.insert(0, {plugins!r})
server = importlib.import_module("fugong.reading.worker.fork_server")
result = importlib.import_module("fugong.reading.worker.result")

def run(file, path, into, limits, *, is_free):
    told = {{}}
    exec(file.read().decode(), {{"told": told, "path": path, "into": into}})
    return result.Result(kind="csv", texts=[["told", json.dumps(told)]])

server.read = run
{change}
server.main()
"""
SECRETS = {
    "FUGONG_WAREHOUSE": "postgresql://u:hidden@h/d",
    "FUGONG_QUARANTINE_KEY": "hidden",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "hidden",
    "PGPASSWORD": "hidden",
}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a program in a reading child of a real fork server; gives what it told."""
    readers: list[Reader] = []
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def run_program(program: str, change: str = "") -> dict[str, Any]:
        worker = tmp_path / "worker.py"
        worker.write_text(TAKEN_OVER.format(plugins=str(PROJECT / "plugins"), change=change), encoding="utf-8")
        monkeypatch.setattr(reading, "WORKER", worker)
        archive = tmp_path / "archive"
        archive.mkdir(exist_ok=True)
        (archive / "mine").write_text(program, encoding="utf-8")
        (into := tmp_path / "into").mkdir(exist_ok=True)
        readers.append(Reader())
        found = readers[-1].read(archive / "mine", "a.csv", into)
        assert found.refused is None, found.refused
        assert found.files_limited_by == ("landlock" if probe() and "version" not in change else None)
        return json.loads(found.texts[0][1])

    yield run_program
    for one in readers:
        one.close()


def probe() -> int:
    """The version of Landlock as the kernel itself tells it here; 0 without."""
    known = ctypes.CDLL(None).syscall(444, None, 0, 1)
    modules = Path("/sys/kernel/security/lsm")
    if modules.exists():
        assert ("landlock" in modules.read_text().split(",")) == (known > 0)
    return max(0, known)


def test_the_child_asks_the_kernel_what_it_offers() -> None:
    assert landlock.version() == probe()


ATTEMPTS = {
    "a file of the system": "open('/etc/passwd').close()",
    "another submission": "open({neighbour!r}).close()",
    "what lies beside the file": "os.listdir({archive!r})",
    "the address of the warehouse": "open({server!r}).close()",
    "the environment of who started us": "open('/proc/{parent}/environ').close()",
    "the environment of the fork server": "open(f'/proc/{{os.getppid()}}/environ').close()",
    "the root": "os.listdir('/')",
    "a new file elsewhere": "open({home!r} + '/new', 'w').close()",
    "its own file, to write": "os.close(os.open(path, os.O_WRONLY))",
    "another submission, to take": "os.link({neighbour!r}, into / 'taken')",
    "another submission, to remove": "os.unlink({neighbour!r})",
    "a folder": "os.mkdir(into / 'folder')",
    "a program": "os.execv('/bin/true', ['true'])",
}


def test_the_child_reaches_its_file_its_folder_and_libraries_alone(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "archive").mkdir()
    places = {
        "neighbour": str(tmp_path / "archive" / "another"),
        "archive": str(tmp_path / "archive"),
        "server": str(home / "server.json"),
        "home": str(home),
        "parent": os.getpid(),
    }
    for name in ("neighbour", "server"):
        Path(places[name]).write_text("secret", encoding="utf-8")
    lines = [
        "import errno, os, encodings.gb18030, decimal, pyarrow",
        "told['own'] = open(path).read(6)",
        "open(into / 'mine', 'w').close()",
    ]
    for name, attempt in ATTEMPTS.items():
        lines.append(f"try:\n    {attempt.format(**places)}\n    told[{name!r}] = 'done'")
        lines.append(f"except OSError as error:\n    told[{name!r}] = error.errno in (errno.EACCES, errno.EXDEV) and 'refused'")
    if not probe():  # the last attempt would end the child
        lines = lines[:-2]
    told = run("\n".join(lines))
    assert told.pop("own") == "import"
    assert (tmp_path / "into" / "mine").exists()
    assert told == (dict.fromkeys(ATTEMPTS, "refused") if probe() else dict.fromkeys([*ATTEMPTS][:-1], "done"))


def test_the_child_cannot_signal_who_started_it(run: Run) -> None:
    told = run(
        f"import os\ntry:\n    os.kill({os.getpid()}, 0)\n    told['kill'] = 'done'\nexcept OSError as e:\n    told['kill'] = 'no'"
    )
    assert told == {"kill": "no" if probe() >= landlock.SCOPES_SINCE else "done"}


def test_neither_child_nor_fork_server_has_a_secret_in_its_environment(run: Run) -> None:
    told = run("import os\ntold['names'], told['all'] = sorted(os.environ), str(os.environ)\ntold['server'] = os.getppid()")
    told["all"] += Path(f"/proc/{told['server']}/environ").read_text(encoding="utf-8")
    assert "LANG=C.UTF-8" in told["all"]
    assert "hidden" not in told["all"]
    assert [name for name in told["names"] if name.startswith(("FUGONG", "AIRFLOW", "PG"))] == []


def test_the_child_inherits_nothing_and_leaves_no_core(run: Run) -> None:
    told = run(
        "import ctypes, fcntl, os, resource\n"
        "os.read(int(path.name), 1)\n"
        "def is_open(n):\n    try:\n        fcntl.fcntl(n, fcntl.F_GETFD)\n        return True\n    except OSError:\n        return False\n"
        "told['open'] = [n for n in range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]) if is_open(n)]\n"
        "told['file'] = int(path.name)\n"
        "told['core'] = resource.getrlimit(resource.RLIMIT_CORE)\n"
        "told['no_new_privileges'] = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)",
        change="import os\nos.dup2(0, 40)",  # something that the fork server would have left open
    )
    assert told == {"open": [0, 1, 2, told["file"]], "file": told["file"], "core": [0, 0], "no_new_privileges": 1}


def test_a_link_that_the_child_leaves_is_not_followed(run: Run, tmp_path: Path) -> None:
    run("import os\nos.symlink('/etc/passwd', into / 'sheet_000.arrows')")
    assert [path.name for path in (tmp_path / "into").iterdir() if path.is_symlink()] == []


def test_a_kernel_without_landlock_is_told_once_and_files_are_read(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    reading._tell_once_of_open_files.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert run("told['ran'] = True", change="server.version = lambda: 0") == {"ran": True}
    assert len([line for line in caplog.messages if "Landlock" in line]) == 1


def test_a_child_that_cannot_be_limited_is_our_fault_and_opens_nothing(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ReaderBroken, match=r"could not be limited, so it opened nothing: .*no room"):
        run(
            f"open({str(tmp_path / 'ran')!r}, 'w').close()",
            change="def refuse(*_): raise OSError('no room')\nserver.limit_files = refuse\nserver.version = lambda: 1",
        )
    assert not (tmp_path / "ran").exists()
