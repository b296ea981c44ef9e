"""Airflow and the pages on this machine, without Docker: `airflow_local.py up | down | status | run`.

Starts the parts that `docker-compose.yaml` lists, with the commands and the environment that stand there; only what
`local_names` declares is put in the place of host names and paths. Instead of the service `postgres` it takes the embedded
server, or a server that `docker/postgres/` has prepared (`--postgres HOST:PORT`).

Everything lies in `FUGONG_HOME/airflow`: `.env` (generated secrets, mode 0600), `secrets/` (the same, a file each, as the parts read them),
`state.json` (what runs), `logs/`.
`up` also starts a watch (`airflow_watch.py`), which starts again what is killed or hangs; `run` runs a command of Airflow in its environment.
Everything listens on 127.0.0.1. `up` starts what is missing and may be repeated; so may `down`, also after `kill -9`.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import yaml
from filelock import FileLock

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "plugins"))

from fugong.core import errors  # noqa: E402
from fugong.core.settings import Settings  # noqa: E402
from fugong.storage.modes import PASSAGE, UMASK, make_folder  # noqa: E402
from fugong.warehouse.embedded import server as embedded  # noqa: E402

INIT = "airflow-init"
API_SERVER = "airflow-api-server"
SCHEDULER = "airflow-scheduler"
WEB = "web"
PARTS = (WEB, API_SERVER, SCHEDULER, "airflow-dag-processor", "airflow-triggerer")
HEALTH = {"scheduler": "airflow-scheduler", "dag_processor": "airflow-dag-processor", "triggerer": "airflow-triggerer"}
"""What the api-server calls the other parts."""
API_PORT, WEB_PORT = 8080, 8090
START_SECONDS = 300
STOP_SECONDS = 40
WATCH = "watch"
LOG_BYTES = 10_000_000
INHERITED = ("HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
"""Of the caller's environment nothing else is passed on: a stray AIRFLOW__… or proxy would be hard to find."""
GENERATED = (
    "FUGONG_DB_PASSWORD",
    "FUGONG_LOADER_PASSWORD",
    "FUGONG_BACKUP_PASSWORD",
    "FUGONG_WEB_PASSWORD",
    "FUGONG_WEB_SECRET",
    "AIRFLOW_DB_PASSWORD",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_SECRET_KEY",
)
ADDRESSES = ("FUGONG_WAREHOUSE", "FUGONG_WAREHOUSE_BACKUP", "FUGONG_WAREHOUSE_OWNER", "FUGONG_WAREHOUSE_WEB")
"""In containers their passwords are in files."""
OF_THE_CALLER = (
    "FUGONG_OPENLINEAGE",
    "FUGONG_METRICS",
    "FUGONG_BACKUP_KEY",
    "FUGONG_BACKUP_DAYS",
    "FUGONG_AIRFLOW_DAYS",
    "FUGONG_LOGIN_DAYS",
    "FUGONG_MESSAGES",
)
"""Settings that the caller's environment gives to every part."""
DEMO = "demo"
"""A file in the home that marks its data as invented: the pages say so."""
RUNBOOK = "docs/runbooks/airflow_does_not_start.md"


class AirflowLocalError(Exception):
    """Airflow cannot be started or stopped. The sentence says why, and what to do."""


@dataclass(frozen=True)
class Part:
    """A service of the compose file, ready to run here."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(repr=False)

    @property
    def digest(self) -> str:
        """Changes when the command or the environment does: then a running part is out of date."""
        return hashlib.sha256(json.dumps([self.command, self.environment], sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Running:
    """A part that we started: its first process is the leader of a session that all its children stay in."""

    pid: int
    started: float
    digest: str


@dataclass(frozen=True)
class Home:
    """Where this installation of Airflow keeps its things."""

    folder: Path

    @property
    def logs(self) -> Path:
        """One file per part; below, one folder per DAG."""
        return self.folder / "logs"

    @property
    def secrets(self) -> Path:
        """The variables of `.env.example`, with values."""
        return self.folder / ".env"

    def read(self) -> tuple[int, dict[str, Running]]:
        """The API's port (0: not chosen yet) and what was started."""
        try:
            state = json.loads((self.folder / "state.json").read_text())
        except FileNotFoundError:
            return 0, {}
        return state["api_port"], {name: Running(**part) for name, part in state["parts"].items()}

    def web_port(self) -> int:
        """The port of the pages; one is chosen where none is."""
        file = self.folder / "web_port"
        return int(file.read_text()) if file.exists() else self.choose_web_port()

    def choose_web_port(self) -> int:
        """Choose a port for the pages: the one that they had, or a free one."""
        file = self.folder / "web_port"
        port = free_port(int(file.read_text()) if file.exists() else WEB_PORT)
        file.write_text(str(port))
        return port

    def read_watch(self) -> Running | None:
        """The watch that was started last."""
        try:
            return Running(**json.loads((self.folder / "watch.json").read_text()))
        except FileNotFoundError:
            return None

    def write(self, api_port: int, parts: Mapping[str, Running]) -> None:
        """Note what runs, in one step."""
        new = self.folder / "state.json.new"
        new.write_text(
            json.dumps({"api_port": api_port, "parts": {name: asdict(part) for name, part in parts.items()}}, indent=2)
        )
        new.replace(self.folder / "state.json")


# From the compose file to commands


def interpolate(value: str, variables: Mapping[str, str]) -> str:
    """Fill in `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as Compose does; a default may hold one of these.

    Raises:
        AirflowLocalError: a variable with a message is missing or empty.
    """

    def fill(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        name, rest = found["name"], found["rest"] or ""
        if variables.get(name):
            return variables[name]
        if found["operator"] == ":?":
            raise AirflowLocalError(f"{name} {rest}")
        return interpolate(rest, variables)

    pattern = r"(?P<escaped>\$\$)|\$\{(?P<name>\w+)(?:(?P<operator>:-|:\?)(?P<rest>(?:[^{}]|\$\{[^{}]*\})*))?\}"
    return re.sub(pattern, fill, value)


def read_parts(compose: Path, variables: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Part]:
    """The services of the compose file that run Airflow, with `variables` filled in and `names` put in place.

    Args:
        variables: what `.env` would give.
        names: text in the compose file → what stands for it here.
    """
    services: dict[str, Any] = yaml.safe_load(compose.read_text(encoding="utf-8"))["services"]
    there = re.compile("|".join(map(re.escape, names)))

    def local(value: object) -> str:
        return there.sub(lambda found: names[found[0]], interpolate(str(value), variables))

    return {
        name: Part(
            name=name,
            command=[local(word) for word in [*services[name]["entrypoint"], *services[name]["command"]]],
            environment={key: local(value) for key, value in services[name]["environment"].items()},
        )
        for name in (INIT, *PARTS)
    }


def local_names(home: Path, airflow: Path, api_port: int, postgres: str) -> dict[str, str]:
    """Host names and paths of the compose file, and what stands for them here. All that differs."""
    return {
        "postgres:5432": postgres,
        "airflow-api-server:8080": f"127.0.0.1:{api_port}",
        "0.0.0.0": "127.0.0.1",
        "/opt/fugong": str(PROJECT),
        "/opt/airflow": str(airflow),
        "/run/secrets": str(airflow / "secrets"),
        "/var/lib/fugong": str(home),
    }


def has_directory(home: Home) -> bool:
    """Whether people log in with a directory's password (FUGONG_LDAP_URL in our `.env`). Otherwise this is for trying out."""
    return bool(make_secrets(home.secrets).get("FUGONG_LDAP_URL"))


def make_secrets(file: Path) -> dict[str, str]:
    """The variables of `.env.example`, each generated once."""
    text = file.read_text() if file.exists() else ""
    lines = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    held = {name.strip(): value.strip() for name, _, value in lines}
    wanted = {
        **{name: secrets.token_hex(32) for name in GENERATED},
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "AIRFLOW_ADMIN_PASSWORD": secrets.token_urlsafe(9),
    }
    if missing := {name: value for name, value in wanted.items() if name not in held}:
        new = file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(text + "".join(f"{name}={value}\n" for name, value in missing.items()))
        new.replace(file)
    return held | missing


def write_secrets(folder: Path, held: Mapping[str, str]) -> None:
    """A file for each secret of the compose file, for us alone; those that nobody has given are empty, and count as none."""
    compose = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in compose["secrets"]:
        new = folder / f"{name}.new"
        new.touch(mode=0o600)
        new.write_text(held.get(name.upper(), ""))
        new.replace(folder / name)


def plan(settings: Settings, home: Home, api_port: int, postgres: str | None) -> dict[str, Part]:
    """The parts as they should run; starts the embedded server if it is wanted."""
    variables = {**make_secrets(home.secrets), "AIRFLOW_PORT": str(api_port)}
    write_secrets(home.folder / "secrets", variables)
    if not has_directory(home):
        variables["FUGONG_LOGIN"] = "demo"
    if parallelism := os.environ.get("AIRFLOW_PARALLELISM"):
        variables["AIRFLOW_PARALLELISM"] = parallelism
    ours: dict[str, str] = {"AIRFLOW__API__PORT": str(api_port), "FUGONG_DISTRICT": str(settings.district)}
    if settings.backups:
        ours["FUGONG_BACKUPS"] = str(settings.backups)
    ours |= {name: os.environ[name] for name in OF_THE_CALLER if name in os.environ}
    if postgres is None:
        embedded.start(settings.home)
        # Of the embedded server every part finds the address of its own role.
        ours["FUGONG_WAREHOUSE"] = settings.warehouse_url or ""
        ours["FUGONG_WAREHOUSE_BACKUP"] = settings.backup_url or ""
        ours["FUGONG_WAREHOUSE_OWNER"] = settings.owner_url or ""
        ours["FUGONG_WAREHOUSE_WEB"] = settings.web_url or ""
        ours["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = embedded.airflow_url(settings.home)
        ours["FUGONG_AIRFLOW_DATABASE"] = ours["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
        ours |= dict.fromkeys((f"{name}_PASSWORD_FILE" for name in ours if name in ADDRESSES), "")
    names = local_names(settings.home, home.folder, api_port, postgres or "127.0.0.1")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    inherited = {key: os.environ[key] for key in INHERITED if key in os.environ}
    base = {**inherited, "PATH": programs}
    parts = {
        name: Part(name, part.command, {**base, **part.environment, **ours})
        for name, part in read_parts(PROJECT / "docker-compose.yaml", variables, names).items()
    }
    return parts | {WEB: _pages(settings, home, parts[WEB])}


def _pages(settings: Settings, home: Home, part: Part) -> Part:
    """The pages on their port here, without what only Airflow needs to know."""
    given = {
        key: value
        for key, value in part.environment.items()
        if not key.startswith(("AIRFLOW_", "FUGONG_AIRFLOW_", "FUGONG_WAREHOUSE_OWNER", "FUGONG_WAREHOUSE_BACKUP"))
    }
    said = ["--demo"] if (settings.home / DEMO).exists() else []
    command = [str(home.web_port()) if word == str(WEB_PORT) else word for word in part.command]
    return Part(part.name, [*command, *said], given)


# Processes


def processes(part: Running) -> list[psutil.Process]:
    """The living processes of a part, its leader or, when that was killed, what it left behind.

    A number alone proves nothing: it may have gone to another process. Ours are in the leader's session, run our Python, and
    began after the leader did.
    """
    leader_is_another = False
    with contextlib.suppress(psutil.Error):
        leader_is_another = abs(psutil.Process(part.pid).create_time() - part.started) > 1
    if leader_is_another:
        return []
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) != part.pid or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.create_time() >= part.started - 1 and process.uids().real == os.getuid():
                found.append(process)
    return found


def is_alive(part: Running) -> bool:
    """Whether the leader of the part runs."""
    return any(process.pid == part.pid for process in processes(part))


def start_part(part: Part, home: Home) -> Running:
    log = home.logs / f"{part.name}.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as out:
        process = subprocess.Popen(
            part.command,
            cwd=home.folder,
            env=part.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(process.pid, psutil.Process(process.pid).create_time(), part.digest)


def stop_parts(parts: Mapping[str, Running]) -> None:
    """Ask the leaders to end, and after a while end what is left.

    The api-server goes last: a scheduler waits for its tasks, and without the api-server they could not say that they are done.
    """
    deadline = time.monotonic() + STOP_SECONDS
    for names in (set(parts) - {API_SERVER}, set(parts) & {API_SERVER}):
        for name in names:
            with contextlib.suppress(ProcessLookupError):
                if is_alive(parts[name]):
                    os.kill(parts[name].pid, signal.SIGTERM)
        while time.monotonic() < deadline and any(is_alive(parts[name]) for name in names):
            time.sleep(0.2)
    left = [process for part in parts.values() for process in processes(part)]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=5)


def free_port(wanted: int) -> int:
    """The port that is wanted, or another free one of the loopback."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise AirflowLocalError("127.0.0.1 上没有空闲端口。 | No free port on 127.0.0.1.")


def start_watch(home: Home, postgres: str | None) -> None:
    """Start the watch over the parts, unless it runs."""
    watch = home.read_watch()
    if watch is not None and is_alive(watch):
        return
    command = [sys.executable, str(Path(__file__).with_name("airflow_watch.py")), *([postgres] if postgres else [])]
    started = start_part(Part(WATCH, command, dict(os.environ)), home)
    (home.folder / "watch.json").write_text(json.dumps(asdict(started)))


def stop_watch(home: Home) -> None:
    if (watch := home.read_watch()) is not None:
        stop_parts({WATCH: watch})
        (home.folder / "watch.json").unlink()


def run(settings: Settings, postgres: str | None, words: list[str]) -> int:
    """Run a command of Airflow, such as `dags list`, in the environment of the scheduler."""
    home = Home(settings.home / "airflow")
    api_port, _ = home.read()
    if not api_port:
        raise AirflowLocalError("Airflow 还没有启动过,请先 make up | Airflow was never started: make up")
    part = plan(settings, home, api_port, postgres)[SCHEDULER]
    # Its entrypoint says how people log in, and runs what follows.
    command = [part.command[0], "airflow", *words]
    return subprocess.run(command, cwd=home.folder, env=part.environment, check=False).returncode


# Talking to the API


def ask(url: str, token: str = "", body: object = None) -> Any:
    """The answer of our api-server, None while it gives none."""
    request = urllib.request.Request(url, headers={"Content-Type": "application/json"})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    data = json.dumps(body).encode() if body is not None else None
    try:
        # No proxy: it could not reach our loopback.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, data, timeout=30) as answer:
            return json.load(answer)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return None


def shows_pages(home: Home) -> bool:
    """Whether the pages show the one that everybody may see."""
    address = f"http://127.0.0.1:{home.web_port()}/login"
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=30) as answer:
            return answer.status == 200
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def log_in(api: str, home: Home) -> str:
    """A token of the administrator; "" while the api-server gives none."""
    password = make_secrets(home.secrets)["AIRFLOW_ADMIN_PASSWORD"]
    answer = ask(f"{api}/auth/token", body={"username": "admin", "password": password})
    return answer["access_token"] if answer else ""


def sick_parts(api: str, parts: Mapping[str, Running]) -> list[str]:
    """The parts that the api-server has not heard of since they were started."""
    health = ask(f"{api}/api/v2/monitor/health")
    if health is None or health["metadatabase"]["status"] != "healthy":
        return [API_SERVER, *HEALTH.values()]
    sick: list[str] = []
    for key, name in HEALTH.items():
        heard = health[key][f"latest_{key}_heartbeat"]
        # The heartbeat of the process before this one stays good for a while after its death.
        is_old = heard is None or name not in parts or datetime.fromisoformat(heard).timestamp() < parts[name].started
        if is_old or health[key]["status"] != "healthy":
            sick.append(name)
    return sick


def unready(api: str, home: Home, parts: Mapping[str, Running], dag_ids: set[str]) -> str:
    """What is still missing before files are answered; "" when nothing is."""
    if ask(f"{api}/execution/health") is None:  # The first request makes it build the API that tasks need.
        return API_SERVER
    if sick := sick_parts(api, parts):
        return ", ".join(sick)
    if not shows_pages(home):
        return WEB
    if has_directory(home):  # we are nobody there, and may not list what it knows
        return ""
    answer = ask(f"{api}/api/v2/dags?limit=100", log_in(api, home)) or {"dags": []}
    return ", ".join(sorted(dag_ids - {dag["dag_id"] for dag in answer["dags"]}))


# up, down, status


def up(settings: Settings, postgres: str | None) -> None:
    """Start what does not run, and wait until a file in the inbox would be answered."""
    home = Home(settings.home / "airflow")
    make_folder(settings.home, PASSAGE)
    home.folder.mkdir(mode=0o700, exist_ok=True)
    home.folder.chmod(0o700)
    home.logs.mkdir(exist_ok=True)
    began = time.monotonic()
    with FileLock(home.folder / "lock"):
        api_port, running = home.read()
        if not any(is_alive(part) for part in running.values()):
            api_port = free_port(api_port or API_PORT)
            home.choose_web_port()
        parts = plan(settings, home, api_port, postgres)
        kept = {
            name: part for name, part in running.items() if name in parts and part.digest == parts[name].digest and is_alive(part)
        }
        stop_parts({name: part for name, part in running.items() if name not in kept})
        home.write(api_port, kept)
        if len(kept) < len(PARTS):
            run_init(parts[INIT], home)
            if not has_directory(home):
                add_first_account(parts[INIT])
        api = f"http://127.0.0.1:{api_port}"
        for name in (*(name for name in PARTS if name != SCHEDULER), SCHEDULER):
            if name in kept:
                continue
            if name == SCHEDULER:  # its first tasks would find no API, and be tried again much later
                wait_until(home, kept, lambda: "" if ask(f"{api}/execution/health") else API_SERVER)
            kept[name] = start_part(parts[name], home)
            home.write(api_port, kept)
        dag_ids = {file.stem for file in (PROJECT / "dags").glob("*.py")}
        wait_until(home, kept, lambda: unready(api, home, kept, dag_ids))
        start_watch(home, postgres)
    print(f"已启动({time.monotonic() - began:.0f} 秒)| The pages and Airflow are up")
    print(f"  网页 | pages      http://127.0.0.1:{home.web_port()}   口令 | passwords: fugong account page-password")
    print(f"  Airflow           http://127.0.0.1:{api_port}")
    if has_directory(home):
        print("  登录 | login      单位目录 | the directory (FUGONG_LDAP_URL)")
    else:
        # Not the password itself: what a terminal shows is often kept in a log.
        print(f"  用户 | user       admin   密码见 | password in {home.secrets}")
        print("  登录 | login      演示登录,不可用于生产 | demo login, not for production: docs/accounts.md")
    print(f"  收件夹 | inbox    {settings.inbox}/<部门代码>/")
    print(f"  日志 | logs       {home.logs}")


def run_init(part: Part, home: Home) -> None:
    """Bring both databases to the shape they need.

    Raises:
        AirflowLocalError: that failed; the log's last lines say why.
    """
    log = home.logs / f"{INIT}.log"
    with log.open("wb") as out:
        done = subprocess.run(
            part.command,
            cwd=home.folder,
            env=part.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise AirflowLocalError(f"数据库初始化失败 | the databases could not be prepared. {log}:\n{last_lines(log)}")


def add_first_account(part: Part) -> None:
    """Make the administrator of these pages a signer where nobody has an account yet, and say so: else nobody could sign.

    Raises:
        AirflowLocalError: that failed.
    """

    def account(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "fugong", "account", *words], env=part.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AirflowLocalError(f"fugong account {words[0]}: {done.stderr}")
        return done.stdout

    if json.loads(account("list", "--json")) == []:
        account("add", "admin", "--name", "本机管理员", "--post", "演示", "--role", "admin", "--role", "signer")
        print(
            "签发人 | signer    admin(演示用;正式使用请以 fugong account add 为每人建账号 | for trying it out; people need accounts of their own)"
        )


def wait_until(home: Home, parts: Mapping[str, Running], look: Callable[[], str]) -> None:
    """Wait until nothing is missing.

    Args:
        look: says what is missing; "" when nothing is.

    Raises:
        AirflowLocalError: a part has ended, or it took too long.
    """
    deadline = time.monotonic() + START_SECONDS
    missing = "?"
    while time.monotonic() < deadline:
        for name, part in parts.items():
            if not is_alive(part):
                log = home.logs / f"{name}.log"
                raise AirflowLocalError(f"{name} 已退出 | has ended. {RUNBOOK}; {log}:\n{last_lines(log)}")
        if not (missing := look()):
            return
        time.sleep(0.3)
    raise AirflowLocalError(f"{START_SECONDS} 秒后仍未就绪 | not ready: {missing}. {RUNBOOK}; {home.logs}")


def down(settings: Settings, *, keep_warehouse: bool) -> None:
    """Stop all parts, and the embedded warehouse unless it is to be kept."""
    home = Home(settings.home / "airflow")
    if home.folder.exists():
        with FileLock(home.folder / "lock"):
            stop_watch(home)
            api_port, running = home.read()
            stop_parts(running)
            home.write(api_port, {})
    if not keep_warehouse:
        embedded.stop(settings.home)
    print("网页和 Airflow 已停止 | The pages and Airflow are down")


def status(settings: Settings) -> int:
    """Print how each part is; 0 when all is well."""
    home = Home(settings.home / "airflow")
    api_port, running = home.read()
    api = f"http://127.0.0.1:{api_port}"
    alive = {name for name, part in running.items() if is_alive(part)}
    sick = sick_parts(api, running) if API_SERVER in alive else [name for name in PARTS if name != WEB]
    if WEB in alive and not shows_pages(home):
        sick.append(WEB)
    is_well = alive == set(PARTS) and not sick
    watch = home.read_watch()
    print(f"✓ {WATCH}  pid {watch.pid}" if watch and is_alive(watch) else f"※ {WATCH}  未运行 | not running")
    for name in PARTS:
        if name not in alive:
            print(f"✗ {name}  未运行 | not running")
        elif name in sick:
            print(f"✗ {name}  没有应答 | does not answer" if name == WEB else f"✗ {name}  无心跳 | no heartbeat")
        else:
            print(f"✓ {name}  pid {running[name].pid}")
    if API_SERVER in alive and (token := log_in(api, home)):
        for error in (ask(f"{api}/api/v2/importErrors", token) or {}).get("import_errors", []):
            is_well = False
            print(f"✗ {error['filename']}\n{error['stack_trace']}")
        for dag in (ask(f"{api}/api/v2/dags?limit=100", token) or {}).get("dags", []):
            print(f"{'‖ 已暂停 | paused:' if dag['is_paused'] else '✓'} {dag['dag_id']}  {dag['dag_display_name']}")
        print(f"  Airflow       {api}")
    if WEB in alive:
        print(f"  网页 | pages  http://127.0.0.1:{home.web_port()}")
    return 0 if is_well else 1


def last_lines(log: Path, count: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def main() -> int:
    parser = argparse.ArgumentParser(description="Airflow on this machine, without Docker.")
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("up", help="start what does not run")
    starting.add_argument(
        "--postgres", metavar="HOST:PORT", help="a server prepared by docker/postgres/ instead of the embedded one"
    )
    stopping = commands.add_parser("down", help="stop everything")
    stopping.add_argument("--keep-warehouse", action="store_true", help="leave the embedded warehouse running")
    running = commands.add_parser("run", help="run a command of Airflow in its environment: run dags list")
    running.add_argument("--postgres", metavar="HOST:PORT", help="as for up")
    running.add_argument("words", nargs=argparse.REMAINDER, help="the command, such as: dags list")
    commands.add_parser("status", help="how each part is; exit code 1 when something is wrong")
    arguments = parser.parse_args()
    os.umask(UMASK)
    settings = Settings.load()
    try:
        match arguments.command:
            case "up":
                up(settings, arguments.postgres)
            case "down":
                down(settings, keep_warehouse=arguments.keep_warehouse)
            case "run":
                return run(settings, arguments.postgres, arguments.words)
            case _:
                return status(settings)
    except (AirflowLocalError, errors.EmbeddedServerError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
