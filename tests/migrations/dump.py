"""Makes the dump of the newest revision: python -m tests.migrations.dump

Restores the dump before it on a server of its own, upgrades it with this program, and dumps the result as plain SQL with INSERTs.
Commit the file together with the revision; a released dump never changes.
"""

from __future__ import annotations

import lzma
import re
import subprocess
import tempfile
from pathlib import Path

from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.warehouse import revision
from fugong.warehouse.embedded import server as embedded
from fugong.warehouse.embedded.binaries import binary
from fugong.warehouse.roles import FOLDER
from tests.migrations.warehouses import WITHOUT_REVISION, create_database, dump_file, restore


def main() -> None:
    names = [WITHOUT_REVISION, *revision.revisions()[1:]]
    before, newest = names[-2:]
    home = Path(tempfile.mkdtemp(prefix="fugong-dump-"))
    try:
        embedded.start(home)
        settings = create_database(home, "dumped")
        restore(settings, before)
        print(*setup.init(settings), sep="\n")
        build_marts(settings)
        command = [binary("pg_dump"), "--inserts", "--rows-per-insert=500", settings.warehouse_url]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    finally:
        embedded.remove(home)
    # psql's own words, which only psql understands, are no part of it; the roles that it grants to are.
    text = re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.M)
    roles = (FOLDER / "10_roles.sql").read_text(encoding="utf-8")
    dump_file(newest).write_bytes(lzma.compress((roles + text).encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{before} → {dump_file(newest).name}: {dump_file(newest).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
