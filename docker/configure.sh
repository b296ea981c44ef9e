#!/bin/sh
# Writes what `docker compose up` needs: `.env` with the digests of the base images, and a file for each secret in `secrets/`. Run it in the
# clone's folder, again after an upgrade: what is there is kept, what is missing is made. Secrets that an older `.env` holds move into their files.
set -eu
umask 077
cd "$(dirname "$0")/.."
secrets=${FUGONG_SECRETS:-secrets}

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
# What .env says of a variable; nothing where it does not.
value() { sed -n "s/^$1=//p" .env | tail -n 1; }
set_value() {
    sed "s|^#* *$1=.*|$1=$2|" .env > .env.new
    grep -q "^$1=" .env.new || echo "$1=$2" >> .env.new
    mv .env.new .env
}

test -f .env || cp .env.example .env
chmod 600 .env
mkdir -p "$secrets"
# Others cannot enter the folder; in their containers the accounts of Airflow and PostgreSQL can read the files.
chmod 700 "$secrets"

keep() { # NAME VALUE: makes the file of a secret, if there is none
    file=$secrets/$(echo "$1" | tr '[:upper:]' '[:lower:]')
    held=$(value "$1")
    if [ ! -e "$file" ]; then
        printf '%s\n' "${held:-$2}" > "$file.new"
        chmod 444 "$file.new"
        mv "$file.new" "$file"
        echo "密钥 | secret   $file"
    fi
    if [ -n "$held" ]; then
        sed "/^$1=/d" .env > .env.new
        mv .env.new .env
    fi
}
for name in POSTGRES_PASSWORD FUGONG_DB_PASSWORD FUGONG_LOADER_PASSWORD FUGONG_BACKUP_PASSWORD FUGONG_WEB_PASSWORD FUGONG_WEB_SECRET \
    AIRFLOW_DB_PASSWORD AIRFLOW_SECRET_KEY REDIS_PASSWORD; do
    keep "$name" "$(random)"
done
keep AIRFLOW_JWT_SECRET "$(random)$(random)"
keep AIRFLOW_FERNET_KEY "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"
keep AIRFLOW_ADMIN_PASSWORD "$(random | cut -c 1-16)"
for name in AIRFLOW_PEOPLE FUGONG_LDAP_READER_PASSWORD FUGONG_QUARANTINE_KEY; do
    keep "$name" "" # these may be empty
done

digest() { # IMAGE: what a registry or, without one, this machine calls it
    docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}' 2>/dev/null \
        || docker image inspect "$1" --format '{{range .RepoDigests}}{{println .}}{{end}}' 2>/dev/null | sed -n 's/.*@//p' | head -n 1
}
loaded() { docker image inspect "$1" --format '{{.Id}}' 2>/dev/null || true; }
settle() { # NAME IMAGE VALUE
    if [ -n "$3" ]; then
        set_value "$1" "$3"
        echo "映像 | image    $3"
    else
        echo "找不到映像 $2,请在 .env 填写 $1 | image $2 was not found: write $1 into .env" >&2
    fi
}
if [ -z "$(value PYTHON_DIGEST)" ]; then
    found=$(digest python:3.12-slim-bookworm)
    # Where the image of Fugong was loaded from a file, none is built.
    [ -n "$found" ] || [ -z "$(loaded fugong:0.1.0)" ] || found=nothing-is-built-here
    settle PYTHON_DIGEST python:3.12-slim-bookworm "$found"
fi
if [ -z "$(value POSTGRES_IMAGE)" ]; then
    found=$(value POSTGRES_DIGEST) # of an older .env
    [ -n "$found" ] || found=$(digest postgres:18-bookworm)
    # One that was loaded from a file has no digest; its number stands for its content as well.
    settle POSTGRES_IMAGE postgres:18-bookworm "$(test -n "$found" && echo "postgres:18-bookworm@$found" || loaded postgres:18-bookworm)"
fi

if [ -z "$(value FUGONG_LDAP_URL)$(value FUGONG_LOGIN)" ]; then
    echo "还要在 .env 里写明用户怎样登录 | say in .env how people log in: FUGONG_LDAP_URL …, FUGONG_LOGIN=demo just to try it out"
fi
