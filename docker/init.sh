#!/bin/sh
# Bring both databases to the shape that this version needs. Safe to run at every start.
set -eu

python -m fugong init
airflow db migrate
python "$(dirname "$0")/pools.py"
