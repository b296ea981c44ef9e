"""Watches what `airflow_local.py up` started: a part that was killed is started again, and so is one that runs and does nothing.

`up` starts it, `down` ends it. What it does stands in `FUGONG_HOME/airflow/logs/watch.log`.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

sys.path.insert(0, str(Path(__file__).resolve().parent))

import airflow_local as airflow

from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.settings import Settings, number_of
from fugong.messages.direct import tell_warehouse_away
from fugong.storage.modes import UMASK
from fugong.warehouse.embedded import server

LOG = logging.getLogger("watch")
LOOK_SECONDS = 5
HUNG_SECONDS = 180
"""A part whose last sign of life is so old is hung (FUGONG_HUNG_SECONDS). A busy one is late by some ten seconds."""
MOST_STARTS = 5
"""A part that was started so often within `STARTS_SECONDS` ends at once whenever it starts: it is left alone, and said."""
STARTS_SECONDS = 600


def hung_parts(api: str, parts: dict[str, airflow.Running], hung_seconds: int, silent_since: float | None) -> list[str]:
    """The parts that run and give no sign of life.

    Args:
        silent_since: since when the api-server has not answered, on the clock of `time.time`.
    """
    now = time.time()
    old = {name for name, part in parts.items() if now - part.started > hung_seconds}
    if silent_since is not None:  # it knows of the others: nothing is known of them now
        return [airflow.API_SERVER] if now - silent_since > hung_seconds and airflow.API_SERVER in old else []
    health = airflow.ask(f"{api}/api/v2/monitor/health") or {}
    hung: list[str] = []
    for key, name in airflow.HEALTH.items():
        heard = health.get(key, {}).get(f"latest_{key}_heartbeat")
        if name in old and heard and (datetime.now(UTC) - datetime.fromisoformat(heard)).total_seconds() > hung_seconds:
            hung.append(name)
    return hung


class Watch:
    """One look after another."""

    def __init__(self, settings: Settings, postgres: str | None, hung_seconds: int) -> None:
        """Watch the parts of this installation."""
        self.settings, self.postgres, self.hung_seconds = settings, postgres, hung_seconds
        self.home = airflow.Home(settings.home / "airflow")
        self.silent_since: float | None = None
        self.pages_silent_since: float | None = None
        self.starts: dict[str, list[float]] = {}

    def look(self) -> bool:
        """Start again what has ended or hangs; False when nothing is meant to run any more."""
        api_port, parts = self.home.read()
        if not parts:
            return False
        api = f"http://127.0.0.1:{api_port}"
        is_silent = airflow.ask(f"{api}/api/v2/monitor/health") is None
        self.silent_since = (self.silent_since or time.time()) if is_silent else None
        dead = [name for name, part in parts.items() if not airflow.is_alive(part)]
        hung = [name for name in hung_parts(api, parts, self.hung_seconds, self.silent_since) if name not in dead]
        self.pages_silent_since = None if airflow.shows_pages(self.home) else (self.pages_silent_since or time.time())
        if airflow.WEB in parts and airflow.WEB not in dead and self._are_pages_hung(parts[airflow.WEB]):
            hung.append(airflow.WEB)
        is_warehouse_dead = self.postgres is None and not server.status(self.settings.home).is_running
        if not (dead or hung or is_warehouse_dead):
            return True
        for name in dead:
            LOG.warning("%s 已退出 | has ended", name)
        for name in hung:
            LOG.warning("%s 超过 %d 秒没有动静 | gave no sign of life for as long", name, self.hung_seconds)
        if is_warehouse_dead:
            LOG.warning("仓库已停 | the warehouse has stopped")
        self._start_again(api_port, [*dead, *hung])
        return True

    def _are_pages_hung(self, pages: airflow.Running) -> bool:
        now, since = time.time(), self.pages_silent_since
        return since is not None and min(now - since, now - pages.started) > self.hung_seconds

    def _start_again(self, api_port: int, names: list[str]) -> None:
        _, parts = self.home.read()
        parts = dict(parts)
        wanted = airflow.plan(self.settings, self.home, api_port, self.postgres)  # starts the warehouse, too
        for name in names:
            began = [moment for moment in self.starts.get(name, []) if time.time() - moment < STARTS_SECONDS]
            if len(began) >= MOST_STARTS:
                LOG.error("%s 反复退出,不再启动 | ends again and again and is left alone: %s", name, airflow.RUNBOOK)
                continue
            airflow.stop_parts({name: parts[name]})
            parts[name] = airflow.start_part(wanted[name], self.home)
            self.home.write(api_port, parts)
            self.starts[name] = [*began, time.time()]
            LOG.warning("%s 已重新启动 | was started again, pid %d", name, parts[name].pid)
        self.silent_since = None


def tell_away(settings: Settings) -> None:
    """Tell the engineers that the warehouse cannot be started again."""
    try:
        tell_warehouse_away(settings)
    except (OSError, ConfigurationError) as error:
        LOG.error("没有通知 | nobody is told: %s", error)


def main() -> int:
    os.umask(UMASK)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    watch = Watch(
        Settings.load(),
        sys.argv[1] if len(sys.argv) > 1 else None,
        number_of(os.environ, "FUGONG_HUNG_SECONDS", HUNG_SECONDS, 10, 86_400),
    )
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            with FileLock(watch.home.folder / "lock", timeout=0):  # `up` and `down` hold it: then nothing is ours to start
                if not watch.look():
                    return 0
        except Timeout:
            continue
        except WarehouseError as error:
            LOG.error("%s", error)
            tell_away(watch.settings)
        except (OSError, airflow.AirflowLocalError) as error:
            LOG.error("%s", error)


if __name__ == "__main__":
    sys.exit(main())
