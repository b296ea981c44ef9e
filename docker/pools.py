"""Makes the pools that DAGs name, where they are missing. One that is there stays as an engineer has set it."""

from __future__ import annotations

import sys

from airflow.configuration import conf
from airflow.models.pool import Pool
from airflow.utils.session import create_session
from sqlalchemy import select

NAME = "departments"
FREE = 2
"""Workers that are kept free for collecting and for marts."""


def main() -> int:
    """Make the pool with as many slots as there are workers, but two."""
    slots = max(1, conf.getint("core", "parallelism") - FREE)
    with create_session() as session:
        if session.scalar(select(Pool).where(Pool.pool == NAME)) is None:
            session.add(
                Pool(
                    pool=NAME, slots=slots, description="同时办理的部门数 | departments processed at once", include_deferred=False
                )
            )
            print(f"pool {NAME}: {slots}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
