#!/bin/sh
# Run once by the postgres image, when its data folder is empty: one role and one database for the warehouse, one of each for
# Airflow's own metadata. `fugong init` and `airflow db migrate` fill them. SECRETS: the folder with both passwords, a file for each.
set -eu

secrets=${SECRETS:-/run/secrets}
for name in fugong_db_password airflow_db_password; do
    test -s "$secrets/$name" || { echo "$secrets/$name is missing or empty" >&2; exit 1; }
done

# What only a superuser can do for the warehouse: in the container start.sh has copied it.
server=/run/fugong
test -d "$server" || server=$(dirname "$0")/../../plugins/fugong/warehouse/sql/server
test -f "$server/10_server.sql" || { echo "10_server.sql is missing: mount plugins/fugong/warehouse/sql/server at /fugong/server" >&2; exit 1; }

# psql reads the passwords itself: the arguments of a process are for everybody to read, its environment for many.
psql --no-psqlrc --set ON_ERROR_STOP=1 --set secrets="$secrets" --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
-- A statement that fails would be in the log, password and all.
SET log_min_error_statement = panic;
SET log_statement = none;
\set fugong_password `head -n 1 :'secrets'/fugong_db_password`
\set airflow_password `head -n 1 :'secrets'/airflow_db_password`
CREATE ROLE fugong_owner LOGIN CREATEROLE PASSWORD :'fugong_password';
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE fugong OWNER fugong_owner;
CREATE DATABASE airflow OWNER airflow;
REVOKE ALL ON DATABASE airflow FROM PUBLIC;
SQL
if [ -s "$secrets/postgres_password" ]; then
    psql --no-psqlrc --set ON_ERROR_STOP=1 --set secrets="$secrets" --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
SET log_min_error_statement = panic;
SET log_statement = none;
\set postgres_password `head -n 1 :'secrets'/postgres_password`
ALTER ROLE CURRENT_USER PASSWORD :'postgres_password';
SQL
fi
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname fugong --file "$server/10_server.sql"
