"""Exit 0 when a part of Airflow is healthy: `healthy.py api-server|scheduler|dag_processor|triggerer`.

The api-server is asked for its execution API, which it builds when first asked: until then every task would wait for it.
The other parts are asked for by their heartbeats, as the api-server sees them.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from urllib.parse import urljoin


def main(part: str) -> int:
    execution_api = os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
    address = urljoin(execution_api, "health" if part == "api-server" else "/api/v2/monitor/health")
    # No proxy: it could not reach the api-server.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
        body = json.load(answer)
    if part == "api-server":
        return 0
    state = body[part]["status"]
    print(f"{part}: {state}")
    return 0 if state == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
