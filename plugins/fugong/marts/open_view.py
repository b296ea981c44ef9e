"""What analysts see of a mart: the view `open.<mart>`, which shows no amount of one firm.

- A value behind which one or two firms stand is hidden. So is an amount of which one firm has the greater part.
- Where a group of cells has hidden ones, another cell of at least three firms is hidden with them. So the total less the visible cells is
  never the amount of a few firms.
- Amounts that stay with a firm from day to day are rounded, so that the difference of two days, or of two tables, tells nothing.
- Marts by firm are shown as sums over firms or not at all; marts by day of business are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import LiteralString

from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.marts.model import FirmsBehind, Mart, Rollup, is_of_firm

SMALL_CELL = 3
"""Fewer firms than this are not shown to analysts."""
GREATER_PART = "0.8"
"""A larger part of an amount than this gives its firm away."""
SUPPRESSED = Bilingual("是否有数值因户数过少而隐去", "Whether values are hidden because too few firms stand behind them")
ENTERPRISES = Bilingual("企业数", "Firms in this cell; not to be added up")


def columns(mart: Mart) -> dict[str, Bilingual]:
    """The columns of a mart's view, with their comments."""
    if rollup := mart.public_rollup:
        keys_shown = {key: mart.columns[key] for key in rollup.keys}
        return (
            keys_shown
            | {"n_enterprises": ENTERPRISES}
            | {name: mart.columns[name] for name in rollup.sums}
            | {"is_suppressed": SUPPRESSED}
        )
    shown = {name: meaning for name, meaning in mart.columns.items() if name not in mart.hidden}
    return shown | ({"is_suppressed": SUPPRESSED} if mart.suppression else {})


def keys(mart: Mart) -> tuple[str, ...]:
    """The columns that tell the rows of the view apart."""
    return mart.public_rollup.keys if mart.public_rollup else mart.keys


def grain(mart: Mart) -> str:
    """What a row of the view stands for."""
    return f"one row per {', '.join(mart.public_rollup.keys)}" if mart.public_rollup else mart.grain


def statements(mart: Mart) -> Iterator[sql.Composed]:
    """Statements that create the view anew, with its comments. A mart that is not open loses its view."""
    view = sql.Identifier("open", mart.name)
    yield sql.SQL("DROP VIEW IF EXISTS {}").format(view)
    if not mart.is_open:
        return
    yield sql.SQL("CREATE VIEW {} AS {}").format(view, select(mart, sql.Identifier("mart", mart.name)))
    about = f"{grain(mart)}. Values of fewer than {SMALL_CELL} firms are hidden"
    yield sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(f"汇总 | {about}"))
    for name, meaning in columns(mart).items():
        column = sql.Identifier("open", mart.name, name)
        yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, sql.Literal(str(meaning)))


def select(mart: Mart, table: sql.Composable) -> sql.Composed:
    """The SELECT of what analysts see of a mart whose rows are in a table."""
    shown = [name for name in columns(mart) if name != "is_suppressed"]
    if rollup := mart.public_rollup:
        suppression = _suppression_of_rollup(rollup)
        source = _sums_over_firms(mart, rollup, table)
    elif mart.suppression:
        suppression = mart.suppression
        source = sql.SQL("SELECT * FROM {}").format(table)
    else:
        return sql.SQL("SELECT {} FROM {}").format(_list([_value(mart, name) for name in shown]), table)
    key = keys(mart)
    steps = [sql.SQL("WITH cell AS ({})").format(source)]
    steps += [
        sql.SQL("{} AS (SELECT {}, {} FROM {})").format(
            sql.Identifier(step), sql.SQL(f"{before}.*"), _list(added), sql.SQL(before)
        )
        for step, before, added in _stages(key, suppression)
    ]
    hidden = {
        name: [_of("hidden", place) for place, behind in enumerate(suppression) if not behind.columns or name in behind.columns]
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
    any_hidden = sql.SQL(" OR ").join(_of("hidden", place) for place in range(len(suppression)))
    return sql.SQL("{} SELECT {}, ({}) AS is_suppressed FROM judged").format(sql.SQL(", ").join(steps), _list(values), any_hidden)


def _stages(
    keys: Sequence[str], suppression: Sequence[FirmsBehind]
) -> Iterator[tuple[LiteralString, LiteralString, list[sql.Composable]]]:
    """The CTEs that decide which values to hide: name, the CTE before, the columns that it adds.

    Cells that differ in the last key alone form a group. Within a group, cells to hide come first, then the others from the smallest on.
    The view hides the first ones: so many that there are two of them, one has three firms, and no firm has the greater part of their sum.
    """
    group = sql.SQL("PARTITION BY {}").format(_list([sql.Identifier(key) for key in keys[:-1]] or [sql.SQL("1::integer")]))
    small, part = sql.Literal(SMALL_CELL), sql.SQL(GREATER_PART)

    def each(text: LiteralString, **more: sql.Composable) -> list[sql.Composable]:
        made: list[sql.Composable] = []
        for place, behind in enumerate(suppression):
            amount = sql.Identifier(behind.columns[0]) if behind.largest else sql.SQL("NULL::numeric")
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
                    count=sql.SQL(" - ").join(map(sql.Identifier, behind.count)),
                    amount=amount,
                    largest=sql.Identifier(behind.largest) if behind.largest else sql.SQL("NULL::numeric"),
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


def _sums_over_firms(mart: Mart, rollup: Rollup, table: sql.Composable) -> sql.Composed:
    """The rows of a mart by firm, summed over firms; per sum also the number of firms that have a part in it, and the largest part."""
    keys = _list([sql.Identifier(key) for key in rollup.keys])
    firm = _list([sql.Identifier(key) for key in mart.keys if is_of_firm(key)])
    sums = [sql.SQL("SUM({name}) AS {name}").format(name=sql.Identifier(name)) for name in rollup.sums]
    cells = [
        text.format(name=sql.Identifier(name), n=sql.Identifier(f"n {name}"), largest=sql.Identifier(f"largest {name}"))
        for name in rollup.sums
        for text in (
            sql.SQL("SUM({name}) AS {name}"),
            sql.SQL("COUNT(*) FILTER (WHERE {name} <> 0) AS {n}"),
            sql.SQL("MAX(abs({name})) AS {largest}"),
        )
    ]
    return sql.SQL(
        "SELECT {keys}, COUNT(*) AS n_enterprises, {cells} FROM (SELECT {keys}, {firm}, {sums} FROM {mart} GROUP BY {keys}, {firm}) AS firm "
        "GROUP BY {keys}"
    ).format(keys=keys, firm=firm, sums=_list(sums), cells=_list(cells), mart=table)


def _suppression_of_rollup(rollup: Rollup) -> list[FirmsBehind]:
    whole_row = FirmsBehind(("n_enterprises",), None, ())
    return [whole_row, *(FirmsBehind((f"n {name}",), f"largest {name}", (name,)) for name in rollup.sums)]


def _value(mart: Mart, name: str, *, bare: bool = False) -> sql.Composable:
    """A column as analysts see it: with two significant digits where it is rounded."""
    column = sql.Identifier(name)
    if name not in mart.rounded:
        return column
    value = sql.SQL("CASE WHEN {c} = 0 THEN 0 ELSE round({c}, (1 - floor(log(abs({c}::numeric))))::integer) END").format(c=column)
    return value if bare else sql.SQL("{} AS {}").format(value, column)


def _of(word: str, place: int) -> sql.Identifier:
    """An inner column of the view for one entry of the suppression. The blank keeps it apart from columns of marts."""
    return sql.Identifier(f"{word} {place}")


def _list(items: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(items)
