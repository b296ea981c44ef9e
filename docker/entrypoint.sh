#!/bin/sh
# What every part of Airflow does first: the file with the administrator's password, from AIRFLOW_ADMIN_PASSWORD.
set -eu

python - <<'PYTHON'
import json
import os
from pathlib import Path

file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
file.parent.mkdir(parents=True, exist_ok=True)
new = file.with_suffix(f".{os.getpid()}")
new.touch(mode=0o600)
new.write_text(json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}))
new.replace(file)
PYTHON

unset AIRFLOW_ADMIN_PASSWORD
exec "$@"
