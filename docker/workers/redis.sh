#!/bin/sh
# The queue between scheduler and workers. Its password comes by standard input: arguments are for everybody to read. What is queued is on disk,
# so that a restart loses nothing.
set -eu

exec redis-server - <<CONF
bind * -::*
requirepass $(head -n 1 /run/secrets/redis_password)
dir /data
appendonly yes
save ""
maxmemory-policy noeviction
CONF
