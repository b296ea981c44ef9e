"""Exit 0 when the worker of this container answers by way of the queue."""

from __future__ import annotations

import socket
import sys

from airflow.providers.celery.executors.celery_executor import app

if __name__ == "__main__":
    ours = f"celery@{socket.gethostname()}"
    heard = app.control.ping(destination=[ours], timeout=10)
    sys.exit(0 if heard else f"{ours} does not answer")
