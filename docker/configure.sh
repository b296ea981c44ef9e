#!/bin/sh
# Writes what `docker compose up` needs: `.env` with the digests of the base images, and a file for each secret in `secrets/`. Run it in the
# clone's folder, again after an upgrade: what is there is kept, what is missing is made. Secrets that an older `.env` holds move into their files.
# `docker/configure.sh ldap` also writes what belongs to a directory in a container, for a district that has none.
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

case ${1:-} in
'' | ldap) ;;
*) echo "用法 | usage: docker/configure.sh, docker/configure.sh ldap" >&2; exit 2 ;;
esac

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

# A directory of the district's own in a container, where it has none: address, certificate and the account that searches it.
if [ "${1:-}" = ldap ]; then
    found=$(value FUGONG_LDAP_URL)
    if [ -n "$found" ] && [ "$found" != ldaps://ldap:1636 ]; then
        echo ".env 里已有目录 $found,没有改动 | .env names a directory already, $found: nothing was changed" >&2
        exit 1
    fi
    if [ ! -e "$secrets/ldap_key" ]; then
        openssl req -x509 -nodes -newkey rsa:3072 -sha256 -days 3650 -subj /CN=ldap -addext subjectAltName=DNS:ldap \
            -keyout "$secrets/ldap_key.new" -out "$secrets/ldap_certificate.new" 2>/dev/null
        for name in ldap_certificate ldap_key; do
            chmod 444 "$secrets/$name.new"
            mv "$secrets/$name.new" "$secrets/$name"
            echo "密钥 | secret   $secrets/$name"
        done
    fi
    if [ ! -s "$secrets/fugong_ldap_reader_password" ] || [ -z "$(head -n 1 "$secrets/fugong_ldap_reader_password")" ]; then
        rm -f "$secrets/fugong_ldap_reader_password"
        keep FUGONG_LDAP_READER_PASSWORD "$(random)"
    fi
    set_value FUGONG_LDAP_URL ldaps://ldap:1636
    set_value FUGONG_LDAP_BASE ou=people,dc=fugong
    set_value FUGONG_LDAP_READER cn=reader,dc=fugong
    set_value FUGONG_LDAP_CA "$(cd "$secrets" && pwd)/ldap_certificate"
    case ,$(value COMPOSE_PROFILES), in
    *,ldap,*) ;;
    *) set_value COMPOSE_PROFILES "$(value COMPOSE_PROFILES | sed 's/..*/&,/')ldap" ;;
    esac
fi

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
