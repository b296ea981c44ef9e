#!/bin/sh
# What every part of Airflow does first: the file with passwords, and who is who. The administrator's is AIRFLOW_ADMIN_PASSWORD; those who sign
# have names of their own in AIRFLOW_PEOPLE (name:password,name:password), because a signature is the name that is logged in.
set -eu
# What nobody says otherwise about is for this account alone, in every part of Airflow and in its tasks.
umask 077

AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=$(python - <<'PYTHON'
import json
import os
from pathlib import Path

people = dict(one.strip().split(":", 1) for one in os.environ.get("AIRFLOW_PEOPLE", "").split(",") if one.strip())
file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
file.parent.mkdir(parents=True, exist_ok=True)
new = file.with_suffix(f".{os.getpid()}")
new.touch(mode=0o600)
new.write_text(json.dumps({**people, "admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}))
new.replace(file)
print(",".join(["admin:admin", *(f"{name}:user" for name in people if name != "admin")]))
PYTHON
)
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS

# With DEV Airflow logs the local variables of every frame of an error, passwords among them.
unset AIRFLOW_ADMIN_PASSWORD AIRFLOW_PEOPLE DEV
exec "$@"
