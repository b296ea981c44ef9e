"""Firms behind the cells of several dimensions are those that a count firm by firm finds, also where a firm stands in several cells."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.marts.firms_behind import FirmsBehind, Parts, count_firms
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect

FILES = load_sql_files(PROJECT / "include" / "sql")
MART = FILES.mart("resumption_daily")
BEFORE, DAY = date(2020, 3, 10), date(2020, 3, 11)
DIMENSIONS = ("total", "township", "industry", "size")
COLUMNS = ("as_of", "scope", "entity", "township_code", "industry_section", "size_class", "on_post", "on_post_resumed")
Line = tuple[date, str, str, str | None, str, str, int, int]
Connection = psycopg.Connection[Any]


def random_lines(random: Random) -> list[Line]:
    """Lines of two days: of most firms alike, of others with another township or size on the second day, or with two of them on one day."""
    lines: list[Line] = []
    for number in range(60):
        scope, township, size = random.choice(["industry", "site"]), random.choice(["T1", "T2", None]), random.choice("LMS")
        for day in (BEFORE, DAY):
            if number % 7 == 0:
                township, size = random.choice(["T1", "T2", "T3"]), random.choice("LMS")
            for _ in range(random.choice([0, 1, 1, 2])):
                if number % 5 == 0:
                    township = random.choice(["T1", "T2", "T3"])
                people = random.choice([0, 1, 50, 2_000])
                lines.append((day, scope, f"firm {number}", township, "C", size, people, people // 2))
    return lines


def counted(connection: Connection, lines: list[Line]) -> FirmsBehind:
    connection.execute("CREATE TEMP TABLE given AS SELECT * FROM fact.resumption WITH NO DATA")
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY given ({}) FROM STDIN").format(columns)) as copy:
        for line in lines:
            copy.write_row(line)
    cells = sql.SQL("(VALUES ('total'), ('township'), ('industry'), ('size')) AS cell (dimension)")
    found = count_firms(connection, FILES, MART, cells, (), [DAY], lambda _: sql.Identifier("pg_temp", "given"))
    connection.execute("DROP TABLE pg_temp.given")
    return found


def firm_by_firm(lines: list[Line]) -> tuple[dict[Any, int], dict[Any, Any], dict[Any, Any]]:
    """The firms of a cell, the parts of levels of the day, and those of changes since the day before, by a loop over lines."""
    levels: dict[Any, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    changes: dict[Any, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for day, scope, firm, township, section, size, on_post, resumed in lines:
        for dimension, member in zip(DIMENSIONS, ("ALL", township, section, size), strict=True):
            key, sign = (DAY, scope, dimension, member), 1 if day == DAY else -1
            for into in (levels, changes) if day == DAY else (changes,):
                for place, amount in enumerate((on_post, resumed, on_post - resumed)):
                    into[key][firm][place] += sign * amount
    n_firms = {key: len(firms) for key, firms in levels.items()}
    of_levels, of_changes = ({key: parts(firms) for key, firms in each.items()} for each in (levels, changes))
    return n_firms, of_levels, of_changes


def parts(firms: dict[str, list[int]]) -> dict[str, Parts]:
    found: dict[str, Parts] = {}
    for place, name in enumerate(("on_post", "on_post_resumed", "on_post - on_post_resumed")):
        amounts = [amounts[place] for amounts in firms.values()]
        found[name] = Parts(sum(map(bool, amounts)), float(max(map(abs, amounts))), float(sum(amounts)), 0.0)
    return found


def test_a_count_by_cells_is_a_count_firm_by_firm(sample_district: Settings) -> None:
    n_in_several = 0
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        for seed in range(8):
            lines = random_lines(Random(seed))
            found, (n_firms, levels, changes) = counted(connection, lines), firm_by_firm(lines)
            assert found.n_firms == n_firms
            for mine, theirs in ((found.levels, levels), (found.changes, changes)):
                assert mine.keys() == theirs.keys()
                assert {key: {name: mine[key][name] for name in each} for key, each in theirs.items()} == theirs
            cells = defaultdict[Any, set[Any]](set)
            for day, scope, firm, *cell, _, _ in lines:
                cells[day, scope, firm].add(tuple(cell))
            n_in_several += sum(len(each) > 1 for each in cells.values())
    assert n_in_several > 20
