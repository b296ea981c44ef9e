#!/bin/sh
# As root: hands over to postgres. As postgres: makes the database with its superuser and its scripts if there is none, then becomes the server.
set -eu

if [ "$(id -u)" = 0 ]; then
    install --directory --owner postgres --group postgres --mode 700 "$PGDATA"
    install --directory --owner postgres --group postgres --mode 775 /run/postgresql
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    umask 077
    printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/superuser
    # shellcheck disable=SC2086  # several arguments in one word, as the real entrypoint takes them
    initdb --username postgres --pwfile /tmp/superuser --auth-local trust --auth-host scram-sha-256 $POSTGRES_INITDB_ARGS
    rm /tmp/superuser
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --options "-c listen_addresses='' -c unix_socket_directories=/run/postgresql" start
    for script in /docker-entrypoint-initdb.d/*.sh; do
        "$script"
    done
    pg_ctl --wait --mode fast stop
fi
shift
exec postgres -c listen_addresses='*' -c unix_socket_directories=/run/postgresql "$@"
