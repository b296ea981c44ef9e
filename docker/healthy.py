"""Exit 0 when a part is healthy: `healthy.py api-server|scheduler|dag_processor|triggerer`, of Airflow, or `healthy.py web ADDRESS`, the pages.

The api-server is asked for its execution API, which it builds when first asked: until then every task would wait for it.
The other parts are asked for by their heartbeats, as the api-server sees them; the pages are asked for one that everybody may see.

A part that gives no sign of life for `FUGONG_HUNG_SECONDS` (180) is ended, with all that it started: Docker starts again what
has ended, and not what is only unhealthy.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import psutil

HUNG_SECONDS = 180
MARK = Path(tempfile.gettempdir(), "fugong-last-healthy")
"""Its time of change is when this part was healthy last."""


def main(part: str, page: str = "") -> int:
    hung_seconds = int(os.environ.get("FUGONG_HUNG_SECONDS") or HUNG_SECONDS)
    answers_itself = page or part == "api-server"
    address = page or urljoin(
        os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"], "health" if part == "api-server" else "/api/v2/monitor/health"
    )
    try:
        # No proxy: it could not reach us.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
            body = answer.read() if page else json.load(answer)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        print(f"{part if answers_itself else 'api-server'}: {error}")
        if answers_itself and silent_seconds() > hung_seconds:
            end_all(part)
        return 1
    if answers_itself or body[part]["status"] == "healthy":
        MARK.touch()
        return 0
    heard = body[part][f"latest_{part}_heartbeat"]
    print(f"{part}: {body[part]['status']}, {heard}")
    # What was heard may be from before this container started.
    is_old = heard is not None and (datetime.now(UTC) - datetime.fromisoformat(heard)).total_seconds() > hung_seconds
    if is_old and silent_seconds() > hung_seconds:
        end_all(part)
    return 1


def silent_seconds() -> float:
    """How long ago this part was healthy, or, where that was another container, started."""
    started = psutil.Process(1).create_time()
    return time.time() - (max(MARK.stat().st_mtime, started) if MARK.exists() else started)


def end_all(part: str) -> None:
    """End everything in this container but its first process, which ends then, and us."""
    print(f"{part} 没有动静,结束后由 Docker 重新启动 | gives no sign of life and is ended; Docker starts it again")
    ours = {1, os.getpid(), *(one.pid for one in psutil.Process().parents())}
    for process in psutil.process_iter():
        if process.pid not in ours and process.uids().real == os.getuid():
            process.send_signal(signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
