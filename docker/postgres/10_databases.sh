#!/bin/sh
# Run once by the postgres image, when its data folder is empty: one role and one database for the warehouse, one of each for
# Airflow's own metadata. `fugong init` and `airflow db migrate` fill them.
set -eu

: "${FUGONG_DB_PASSWORD:?is not set}" "${AIRFLOW_DB_PASSWORD:?is not set}"

# psql takes the passwords from the environment: the arguments of a process are for everybody to read.
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
-- A statement that fails would be in the log, password and all.
SET log_min_error_statement = panic;
SET log_statement = none;
\getenv fugong_password FUGONG_DB_PASSWORD
\getenv airflow_password AIRFLOW_DB_PASSWORD
CREATE ROLE fugong_owner LOGIN CREATEROLE PASSWORD :'fugong_password';
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE fugong OWNER fugong_owner;
CREATE DATABASE airflow OWNER airflow;
REVOKE ALL ON DATABASE airflow FROM PUBLIC;
SQL

# What only a superuser can do for the warehouse.
for folder in /fugong/server "$(dirname "$0")/../../plugins/fugong/warehouse/sql/server"; do
    if [ -d "$folder" ]; then
        psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname fugong --file "$folder/10_server.sql"
        exit 0
    fi
done
echo "10_server.sql is missing: mount plugins/fugong/warehouse/sql/server at /fugong/server" >&2
exit 1
