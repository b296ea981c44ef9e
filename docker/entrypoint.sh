#!/bin/sh
# What every part of Airflow does first. The api-server writes the file with passwords: the administrator's is AIRFLOW_ADMIN_PASSWORD, people's
# are in AIRFLOW_PEOPLE (name:password,name:password). What a person may do is said by their account (`fugong account`), by nothing here:
# without one they see and cannot act.
set -eu
# What nobody says otherwise about is for this account alone, in every part of Airflow and in its tasks.
umask 077

case "$*" in
*api-server*)
    ROLES=$(python -m fugong account airflow)
    export ROLES
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=$(python - <<'PYTHON'
import json
import os
from pathlib import Path

people = dict(one.strip().split(":", 1) for one in os.environ.get("AIRFLOW_PEOPLE", "").split(",") if one.strip())
roles = dict(one.split(":", 1) for one in os.environ["ROLES"].split(",") if one)
file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
file.parent.mkdir(parents=True, exist_ok=True)
new = file.with_suffix(f".{os.getpid()}")
new.touch(mode=0o600)
new.write_text(json.dumps({**people, "admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}))
new.replace(file)
print(",".join(["admin:admin", *(f"{name}:{roles.get(name, 'viewer')}" for name in people if name != "admin")]))
PYTHON
    )
    export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS
    unset ROLES
    ;;
esac

# With DEV Airflow logs the local variables of every frame of an error, passwords among them.
unset AIRFLOW_ADMIN_PASSWORD AIRFLOW_PEOPLE DEV
exec "$@"
