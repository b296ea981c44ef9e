"""What analysts see of a mart: `open.<mart>`, in which no firm's amount shows.

Four things keep it in. A value behind which one or two firms stand is hidden; so is an amount of which one firm has the greater
part. Where a group of cells has hidden ones, another of at least three firms goes with them, so that the total less the rest is never
the amount of a few. Amounts that stay with a firm from day to day are rounded, so that two days, or two tables, cannot be
subtracted. Marts by firm or by day of business are not shown at all, unless as sums over firms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import LiteralString

from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.marts.model import Cell, Mart

SMALL_CELL = 3
"""Fewer firms than this are not shown to analysts."""
GREATER_PART = "0.8"
"""A firm with more of an amount than this can be told by it."""
SUPPRESSED = Bilingual("是否有数值因户数过少而隐去", "Whether values are hidden because too few firms stand behind them")
ENTERPRISES = Bilingual("企业数", "Firms in this cell; not to be added up")


def columns(mart: Mart) -> dict[str, Bilingual]:
    """The columns of a mart's view, with their comments."""
    if mart.is_of_firms:
        shown = {key: mart.columns[key] for key in mart.open_keys} | {"n_enterprises": ENTERPRISES}
        return shown | {name: mart.columns[name] for name in mart.open_sums} | {"is_suppressed": SUPPRESSED}
    shown = {name: said for name, said in mart.columns.items() if name not in mart.closed}
    return shown | ({"is_suppressed": SUPPRESSED} if mart.cells else {})


def keys(mart: Mart) -> tuple[str, ...]:
    """The columns that tell the rows of the view apart."""
    return mart.open_keys if mart.is_of_firms else mart.keys


def grain(mart: Mart) -> str:
    """What a row of the view stands for."""
    return f"one row per {', '.join(mart.open_keys)}" if mart.is_of_firms else mart.grain


def statements(mart: Mart) -> Iterator[sql.Composed]:
    """Make the view anew, with its comments; none for a mart that is not open."""
    view = sql.Identifier("open", mart.name)
    yield sql.SQL("DROP VIEW IF EXISTS {}").format(view)
    if not mart.is_open:
        return
    yield sql.SQL("CREATE VIEW {} AS {}").format(view, select(mart, sql.Identifier("mart", mart.name)))
    about = f"{grain(mart)}. Values of fewer than {SMALL_CELL} firms are hidden"
    yield sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(f"汇总 | {about}"))
    for name, said in columns(mart).items():
        column = sql.Identifier("open", mart.name, name)
        yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, sql.Literal(str(said)))


def select(mart: Mart, table: sql.Composable) -> sql.Composed:
    """What analysts see of a mart whose rows are in a table."""
    shown = [name for name in columns(mart) if name != "is_suppressed"]
    if not mart.cells and not mart.is_of_firms:
        return sql.SQL("SELECT {} FROM {}").format(_list([_value(mart, name) for name in shown]), table)
    key = keys(mart)
    cells = _cells_over_firms(mart) if mart.is_of_firms else mart.cells
    source = _over_firms(mart, table) if mart.is_of_firms else sql.SQL("SELECT * FROM {}").format(table)
    steps = [sql.SQL("WITH cell AS ({})").format(source)]
    steps += [
        sql.SQL("{} AS (SELECT {}, {} FROM {})").format(
            sql.Identifier(step), sql.SQL(f"{before}.*"), _list(made), sql.SQL(before)
        )
        for step, before, made in _stages(key, cells)
    ]
    hidden = {
        name: [_of("hidden", place) for place, cell in enumerate(cells) if not cell.columns or name in cell.columns]
        for name in shown
    }
    values = [
        sql.Identifier(name)
        if name in key
        else sql.SQL("CASE WHEN NOT ({}) THEN {} END AS {}").format(
            sql.SQL(" OR ").join(hidden[name]), _value(mart, name, bare=True), sql.Identifier(name)
        )
        for name in shown
    ]
    any_hidden = sql.SQL(" OR ").join(_of("hidden", place) for place in range(len(cells)))
    return sql.SQL("{} SELECT {}, ({}) AS is_suppressed FROM judged").format(sql.SQL(", ").join(steps), _list(values), any_hidden)


def _stages(keys: Sequence[str], cells: Sequence[Cell]) -> Iterator[tuple[LiteralString, LiteralString, list[sql.Composable]]]:
    """The steps from the cells to what is hidden, each with the columns that it adds.

    Within a group (the cells that differ in the last key alone) cells are put in order: those to hide, then the others from the smallest on. Hidden
    are the first ones, until there are two of them, one has three firms, and no firm has the greater part of their sum.
    """
    group = sql.SQL("PARTITION BY {}").format(_list([sql.Identifier(key) for key in keys[:-1]] or [sql.SQL("1::integer")]))
    small, part = sql.Literal(SMALL_CELL), sql.SQL(GREATER_PART)

    def each(text: LiteralString, **more: sql.Composable) -> list[sql.Composable]:
        made: list[sql.Composable] = []
        for place, cell in enumerate(cells):
            amount = sql.Identifier(cell.columns[0]) if cell.largest else sql.SQL("NULL::numeric")
            names = {
                word: _of(word, place)
                for word in ("firms", "tells", "nth", "n_telling", "most", "sum", "greatest", "enough", "hidden")
            }
            order = sql.SQL("{tells} DESC, {firms} > 0 DESC NULLS LAST, {firms}, {last}").format(
                **names, last=sql.Identifier(keys[-1])
            )
            made.append(
                sql.SQL(text).format(
                    **names,
                    **more,
                    count=sql.SQL(" - ").join(map(sql.Identifier, cell.count)),
                    amount=amount,
                    largest=sql.Identifier(cell.largest) if cell.largest else sql.SQL("NULL::numeric"),
                    group=group,
                    ordered=sql.SQL("{} ORDER BY {}").format(group, order),
                    small=small,
                    part=part,
                )
            )
        return made

    yield "counted", "cell", each("{count} AS {firms}")
    yield (
        "told",
        "counted",
        each(
            "(COALESCE({firms} > 0 AND {firms} < {small}, false) OR COALESCE({largest} > {part} * abs({amount}), false)) AS {tells}"
        ),
    )
    yield (
        "placed",
        "told",
        [
            *each("ROW_NUMBER() OVER ({ordered}) AS {nth}"),
            *each("COUNT(*) FILTER (WHERE {tells}) OVER ({group}) AS {n_telling}"),
            *each("MAX({firms}) OVER ({ordered}) AS {most}"),
            *each("SUM({amount}) OVER ({ordered}) AS {sum}"),
            *each("MAX({largest}) OVER ({ordered}) AS {greatest}"),
        ],
    )
    yield (
        "weighed",
        "placed",
        each(
            "MIN({nth}) FILTER (WHERE {nth} >= GREATEST({n_telling}, 2) AND {most} >= {small}"
            " AND COALESCE({greatest} <= {part} * abs({sum}), true)) OVER ({group}) AS {enough}"
        ),
    )
    yield (
        "judged",
        "weighed",
        each("({n_telling} > 0 AND COALESCE({firms} > 0, false) AND {nth} <= COALESCE({enough}, {nth})) AS {hidden}"),
    )


def _over_firms(mart: Mart, table: sql.Composable) -> sql.Composed:
    """The cells of a mart by firm, summed over firms."""
    keys = _list([sql.Identifier(key) for key in mart.open_keys])
    firm = _list([sql.Identifier(key) for key in mart.keys if key == "uscc" or key.endswith("_uscc")])
    sums = [sql.SQL("SUM({name}) AS {name}").format(name=sql.Identifier(name)) for name in mart.open_sums]
    cells = [
        made.format(name=sql.Identifier(name), n=sql.Identifier(f"n {name}"), largest=sql.Identifier(f"largest {name}"))
        for name in mart.open_sums
        for made in (
            sql.SQL("SUM({name}) AS {name}"),
            sql.SQL("COUNT(*) FILTER (WHERE {name} <> 0) AS {n}"),
            sql.SQL("MAX(abs({name})) AS {largest}"),
        )
    ]
    return sql.SQL(
        "SELECT {keys}, COUNT(*) AS n_enterprises, {cells} FROM (SELECT {keys}, {firm}, {sums} FROM {mart} GROUP BY {keys}, {firm}) AS firm "
        "GROUP BY {keys}"
    ).format(keys=keys, firm=firm, sums=_list(sums), cells=_list(cells), mart=table)


def _cells_over_firms(mart: Mart) -> list[Cell]:
    return [Cell(("n_enterprises",), None, ()), *(Cell((f"n {name}",), f"largest {name}", (name,)) for name in mart.open_sums)]


def _value(mart: Mart, name: str, *, bare: bool = False) -> sql.Composable:
    """A column as shown: two significant digits where it is rounded."""
    column = sql.Identifier(name)
    if name not in mart.rounded:
        return column
    value = sql.SQL("CASE WHEN {c} = 0 THEN 0 ELSE round({c}, (1 - floor(log(abs({c}::numeric))))::integer) END").format(c=column)
    return value if bare else sql.SQL("{} AS {}").format(value, column)


def _of(word: str, place: int) -> sql.Identifier:
    """An inner column of the view for one of its cells; no column of a mart has a blank in its name."""
    return sql.Identifier(f"{word} {place}")


def _list(items: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(items)
