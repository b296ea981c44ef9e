#!/bin/sh
# What the pages and every part of Airflow do first: it decides how people log in, and refuses to start where nobody has said so.
# Production: the directory (FUGONG_LDAP_URL). For trying out: FUGONG_LOGIN=demo, Airflow's simple auth manager, with passwords from
# AIRFLOW_ADMIN_PASSWORD and AIRFLOW_PEOPLE (name:password,name:password), or from the files that these with _FILE name. Either way an account (`fugong account`) says what a person may do.
set -eu
# What nobody says otherwise about is for this account alone, in every part of Airflow and in its tasks.
umask 077

refuse() {
    echo "$1" >&2
    exit 78
}

# The first line of a secret's file; nothing where there is none.
secret() {
    [ -z "$1" ] || [ ! -r "$1" ] || head -n 1 "$1"
}

if [ -n "${FUGONG_LDAP_URL:-}" ]; then
    for name in FUGONG_LDAP_BASE FUGONG_LDAP_READER; do
        eval "value=\${$name:-}"
        [ -n "$value" ] || refuse "有 FUGONG_LDAP_URL,缺 $name,请写入 .env | FUGONG_LDAP_URL is set, $name is missing in .env"
    done
    case "$FUGONG_LDAP_URL" in
    ldap://* | ldaps://*) ;;
    *) refuse "FUGONG_LDAP_URL 应以 ldaps:// 或 ldap:// 开头 | FUGONG_LDAP_URL should begin with ldaps:// or ldap://" ;;
    esac
    export AIRFLOW__CORE__AUTH_MANAGER=fugong_login.DirectoryAuthManager
elif [ "${FUGONG_LOGIN:-}" = demo ]; then
    export AIRFLOW__CORE__AUTH_MANAGER=airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager
    export AIRFLOW__API__INSTANCE_NAME="演示登录,不可用于生产 | Demo login, not for production"
else
    refuse "没有说明用户怎样登录:生产请在 .env 写 FUGONG_LDAP_URL 等(见 .env.example),只是试用请写 FUGONG_LOGIN=demo。 | Nobody said how people \
log in: set FUGONG_LDAP_URL and what belongs to it in .env (see .env.example), or FUGONG_LOGIN=demo just to try it out."
fi

case "$AIRFLOW__CORE__AUTH_MANAGER $*" in
fugong_login*api-server*)
    [ -n "${FUGONG_LDAP_READER_PASSWORD:-$(secret "${FUGONG_LDAP_READER_PASSWORD_FILE:-}")}" ] \
        || refuse "有 FUGONG_LDAP_URL,密钥文件 fugong_ldap_reader_password 是空的 | FUGONG_LDAP_URL is set, the secret fugong_ldap_reader_password is empty: FUGONG_LDAP_READER_PASSWORD is missing"
    python - <<'PYTHON'
import os
import sys

from fugong.access.authentication import LoginRules
from fugong.core.errors import ConfigurationError

try:
    import ldap  # noqa: F401
    LoginRules.load(os.environ)
except ImportError:
    sys.exit("缺 python-ldap,请按 requirements-ldap.lock 安装 | python-ldap is missing: install requirements-ldap.lock")
except ConfigurationError as error:
    sys.exit(str(error))
PYTHON
    ;;
*api-server*)
    AIRFLOW_ADMIN_PASSWORD=${AIRFLOW_ADMIN_PASSWORD:-$(secret "${AIRFLOW_ADMIN_PASSWORD_FILE:-}")}
    AIRFLOW_PEOPLE=${AIRFLOW_PEOPLE:-$(secret "${AIRFLOW_PEOPLE_FILE:-}")}
    [ -n "$AIRFLOW_ADMIN_PASSWORD" ] || refuse "FUGONG_LOGIN=demo 时密钥文件 airflow_admin_password 不能空 | FUGONG_LOGIN=demo needs the secret airflow_admin_password: AIRFLOW_ADMIN_PASSWORD is missing"
    export AIRFLOW_ADMIN_PASSWORD AIRFLOW_PEOPLE
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
*" fugong serve "*)
    # It asks the directory itself, and says what is missing. Without one people have passwords of their own for it, also with FUGONG_LOGIN=demo.
    ;;
*)
    # Only the api-server and the pages ask the directory.
    unset FUGONG_LDAP_READER_PASSWORD
    ;;
esac

# Where somebody listens: lineage (the address of an OpenLineage receiver) and metrics (that of an OTLP collector, over HTTP).
if [ -n "${FUGONG_OPENLINEAGE:-}" ]; then
    AIRFLOW__OPENLINEAGE__TRANSPORT="{\"type\": \"http\", \"url\": \"$FUGONG_OPENLINEAGE\", \"timeout\": 3, \"retry\": {\"total\": 1}}"
    export AIRFLOW__OPENLINEAGE__TRANSPORT AIRFLOW__OPENLINEAGE__NAMESPACE=fugong AIRFLOW__OPENLINEAGE__DISABLED=False
else
    export AIRFLOW__OPENLINEAGE__DISABLED=True
fi
if [ -n "${FUGONG_METRICS:-}" ]; then
    export AIRFLOW__METRICS__OTEL_ON=True OTEL_EXPORTER_OTLP_ENDPOINT="$FUGONG_METRICS" OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_SERVICE_NAME=fugong
fi

# With DEV Airflow logs the local variables of every frame of an error, passwords among them.
unset AIRFLOW_ADMIN_PASSWORD AIRFLOW_PEOPLE DEV
exec "$@"
