"""A Docker engine of a test's own: in namespaces of its own, so that nothing on the machine is changed and nothing is left.

`dockerd` of Debian's package runs in a network, mount and process namespace made for it. Its bridge, its rules of iptables, `ip_forward` and its
mounts are those of the namespaces and end with them; the one process that leads them takes all others along. There is no way out of that network:
what images need is brought in. Beside the engine runs a registry, from Debian too: the engine asks it in the place of the public one, so that
base images are named by digest as on a server.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

TOOLS = Path(os.environ.get("FUGONG_DOCKER_TOOLS", "/usr/local/lib/fugong-docker"))
"""Where `.ci/docker` leaves Compose and buildx."""
PROGRAMS = ("dockerd", "containerd", "runc", "iptables", "docker-registry", "mmdebstrap", "unshare", "nsenter")
PLUGINS = ("docker-compose", "docker-buildx")
REGISTRY = "127.0.0.1:5000"
START_SECONDS = 60
NAMESPACES = ("--net", "--mount", "--pid", "--fork", "--kill-child")


class EngineError(Exception):
    """The engine could not be started, or a command of it failed."""


def missing() -> list[str]:
    """What an engine needs and this machine lacks."""
    gone = [name for name in PROGRAMS if shutil.which(name) is None]
    gone += [name for name in PLUGINS if not (TOOLS / name).exists()]
    if os.geteuid() != 0:
        gone.append("root")
    return gone


@dataclass
class Engine:
    """A running engine. `leader` is the process that leads its namespaces."""

    folder: Path
    leader: int

    @property
    def environment(self) -> dict[str, str]:
        """What the client needs, and no address of another engine."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("DOCKER_", "COMPOSE_", "FUGONG_", "AIRFLOW"))
        }
        return {
            **kept,
            "DOCKER_HOST": f"unix://{self.folder}/docker.sock",
            "DOCKER_CONFIG": str(self.folder / "client"),
            "DOCKER_BUILDKIT": "1",
            "BUILDKIT_PROGRESS": "plain",
        }

    def docker(self, *words: str, seconds: float = 120, folder: Path | None = None, stdin: bytes | None = None) -> str:
        """What `docker …` prints.

        Raises:
            EngineError: it failed; with what it said.
        """
        done = subprocess.run(
            ["/usr/bin/docker", *words],
            env=self.environment,
            cwd=folder,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise EngineError(f"docker {' '.join(words)}: {done.returncode}\n{said[-6000:]}")
        return done.stdout.decode()

    def inside(self, *words: str, seconds: float = 120, stdin: str | None = None) -> str:
        """What a program of the machine prints that runs in the engine's network and sees its processes.

        Raises:
            EngineError: it failed.
        """
        enter = ["nsenter", f"--target={self.leader}", "--net", "--pid", "--mount"]
        done = subprocess.run(
            [*enter, *words], input=stdin, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
        )
        if done.returncode:
            raise EngineError(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


SCRIPT = """\
set -eu
ip link set lo up
mount -t proc proc /proc
mkdir "$1/data" && { test "$4" = 0 || mount -t tmpfs -o "size=$4" tmpfs "$1/data"; }
docker-registry serve "$1/registry.yml" >"$1/registry.log" 2>&1 &
exec dockerd --host "unix://$1/docker.sock" --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/dockerd.pid" \\
    --config-file "$1/daemon.json" --registry-mirror "http://$2" --cgroup-parent "$3" >"$1/dockerd.log" 2>&1
"""


@contextlib.contextmanager
def running_engine(folder: Path) -> Iterator[Engine]:
    """An engine whose files are in `folder`; nothing of it is left afterwards, not even the folder.

    Raises:
        EngineError: it did not start; with the end of its log.
    """
    folder.mkdir(parents=True)
    (folder / "daemon.json").write_text("{}")
    (folder / "registry.yml").write_text(
        json.dumps(
            {
                "version": 0.1,
                "storage": {"filesystem": {"rootdirectory": str(folder / "data/registry")}},
                "http": {"addr": REGISTRY},
            }
        )
    )
    plugins = folder / "client" / "cli-plugins"
    plugins.mkdir(parents=True)
    for name in PLUGINS:
        (plugins / name).symlink_to(TOOLS / name)
    group = f"/fugong-{os.getpid()}"
    # In memory, where there is plenty: faster, and gone with the mount namespace. Images, layers and volumes take about 5 GB.
    memory = "10g" if psutil.virtual_memory().available > 16 << 30 else "0"
    # A path of a socket has at most 107 characters.
    process = subprocess.Popen(
        ["unshare", *NAMESPACES, "sh", "-c", SCRIPT, "sh", str(folder), REGISTRY, group, memory],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield Engine(folder, wait_until_it_answers(folder, process))
    finally:
        process.send_signal(signal.SIGKILL)  # takes the namespaces' first process along, and that one all others
        process.wait()
        remove(folder, group)


def wait_until_it_answers(folder: Path, process: subprocess.Popen[bytes]) -> int:
    """The process that leads the namespaces.

    Raises:
        EngineError: it did not answer.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if children:
            with contextlib.suppress(EngineError):
                Engine(folder, int(children[0])).docker("version")
                return int(children[0])
        time.sleep(0.2)
    log = folder / "dockerd.log"
    said = log.read_text(errors="replace")[-3000:] if log.exists() else "no log"
    raise EngineError(f"dockerd did not answer within {START_SECONDS} s:\n{said}")


def remove(folder: Path, group: str) -> None:
    """Take away the files and the control groups, once the last processes have ended."""
    deadline = time.monotonic() + 60
    while True:
        try:
            for root in (*Path("/sys/fs/cgroup").glob(f"*{group}"), Path(f"/sys/fs/cgroup{group}")):
                for path in sorted(root.glob("**/"), reverse=True) if root.exists() else []:
                    path.rmdir()
            if folder.exists():
                shutil.rmtree(folder)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
