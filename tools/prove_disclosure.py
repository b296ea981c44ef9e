"""Attacks what analysts see, mart by mart, and prints what is hidden and how near a reader comes to a firm.

python tools/prove_disclosure.py 50            random districts, so many
python tools/prove_disclosure.py warehouse     the warehouse of FUGONG_HOME, every month
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.core.settings import Settings
from fugong.marts import asof, open_table
from fugong.marts.model import Mart, SqlFiles
from fugong.marts.open_attack import Attacked, attack_rows
from fugong.marts.open_rows import protections
from fugong.marts.protection import Protection
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fixtures.random_districts import try_district  # noqa: E402

Tried = tuple[Mart, Sequence[Protection], Sequence[Attacked]]


def random_districts(files: SqlFiles, n_seeds: int) -> Iterator[Tried]:
    """Every mart with amounts of firms, over so many districts."""
    for mart in files.marts:
        if mart.is_open and open_table.is_protected(mart) and mart.rounded and (mart.sums or mart.public_rollup):
            tried = [try_district(mart, seed) for seed in range(n_seeds)]
            yield mart, [one.protection for one in tried], [each for one in tried for each in one.attacked]


def warehouse(connection: psycopg.Connection, files: SqlFiles) -> Iterator[Tried]:
    """Every protected mart of a warehouse."""
    last_day = max(asof.reported_days(connection))
    for mart in files.marts:
        if not mart.is_open or not open_table.is_protected(mart):
            continue
        table, day = sql.Identifier("mart", mart.name), sql.Identifier(mart.partition_by)
        found = connection.execute(sql.SQL("SELECT DISTINCT date_trunc('month', {})::date FROM {}").format(day, table)).fetchall()
        made = list(protections(connection, files, mart, table, [month for (month,) in found], last_day=last_day))
        yield mart, made, list(attack_rows(made))


def report(tried: Iterator[Tried]) -> int:
    """Print a line per mart. Returns how many amounts a reader came too near to."""
    print("| mart | rows | hide something | cells | hidden | loss ÷ optimum | attacked | least interval | below 20 % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    n_unsafe = 0
    for mart, made, attacked in tried:
        cells = [(one, *cell) for one in made for cell in one.cells()]
        hidden = [cell for cell in cells if cell[0].is_hidden(*cell[1:])]
        n_rows, n_hiding = sum(len(one.rows) for one in made), len({(id(one), key) for one, key, _ in hidden})
        choices = [one.choice for one in made if one.choice and one.choice.least_loss > 1e-9]
        ratio = max((choice.loss / choice.least_loss for choice in choices), default=1.0)
        unsafe = sum(not one.is_safe for one in attacked)
        n_unsafe += unsafe
        least = f"{min(one.interval for one in attacked):.1%}" if attacked else "-"
        print(
            f"| {mart.name} | {n_rows:,} | {n_hiding / max(n_rows, 1):.0%} | {len(cells):,} | {len(hidden) / max(len(cells), 1):.0%} "
            f"| {ratio:.2f} | {len(attacked):,} | {least} | {unsafe} |",
            flush=True,
        )
    return n_unsafe


def main(words: Sequence[str]) -> int:
    """Attack what the words say."""
    files = load_sql_files(ROOT / "include" / "sql")
    if words[:1] == ["warehouse"]:
        with connect(Settings.load()) as connection:
            return report(warehouse(connection, files)) > 0
    return report(random_districts(files, int(words[0]) if words else 50)) > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
