#!/bin/sh
# Before the image's own entrypoint, as root: what it runs as postgres is copied to where postgres can read it. The clone may have been made
# with a strict umask, and its files belong to somebody else.
set -eu

install --mode 755 /fugong/postgres/10_databases.sh /docker-entrypoint-initdb.d/
install --directory --mode 755 /run/fugong
install --mode 644 /fugong/server/*.sql /run/fugong/
# The image leaves the password that it was given in the environment of the server: it gets one that is good for nothing. 10_databases.sh sets the
# superuser's.
POSTGRES_PASSWORD=$(head -c 32 /dev/urandom | sha256sum | cut -c 1-64)
export POSTGRES_PASSWORD
exec docker-entrypoint.sh "$@"
