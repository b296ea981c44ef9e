"""Attacks 50 random small districts, mart by mart, and prints what was hidden and how near a reader comes to a firm.

python tools/prove_disclosure.py [SEEDS]
"""

from __future__ import annotations

import sys
from pathlib import Path

from fugong.marts import open_table
from fugong.marts.sql_files import load_sql_files

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fixtures.random_districts import try_district  # noqa: E402


def main(n_seeds: int) -> int:
    """Try every protected mart with amounts on every seed. Returns how many amounts a reader came too near to."""
    print("| mart | districts | cells | hidden | of the optimum at most | attacked | least interval | below 20 % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    n_unsafe = 0
    for mart in load_sql_files(ROOT / "include" / "sql").marts:
        if (
            not mart.is_open
            or not open_table.is_protected(mart)
            or not mart.rounded
            or (not mart.sums and not mart.public_rollup)
        ):
            continue
        tried = [try_district(mart, seed) for seed in range(n_seeds)]
        attacked = [one for district in tried for one in district.attacked]
        unsafe = sum(not one.is_safe for one in attacked)
        n_unsafe += unsafe
        n_cells, n_hidden = sum(one.n_cells for one in tried), sum(one.n_hidden for one in tried)
        choices = [one.protection.choice for one in tried if one.protection.choice]
        ratio = max((choice.loss / choice.least_loss for choice in choices if choice.least_loss > 1e-9), default=1.0)
        least = min((one.interval for one in attacked), default=float("nan"))
        print(
            f"| {mart.name} | {n_seeds} | {n_cells:,} | {n_hidden / n_cells:.0%} | {ratio:.2f} | {len(attacked):,} | {least:.0%} | {unsafe} |",
            flush=True,
        )
    return n_unsafe


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50) > 0)
