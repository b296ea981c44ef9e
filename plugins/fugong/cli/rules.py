"""Commands about rules: what each did, judging again after one was mended, and how files drift away from the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from fugong.cli.common import AsJson, Lang, Language, as_day, opened_warehouse, print_json, progress_bar, say
from fugong.cli.console import Console
from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity

if TYPE_CHECKING:
    from fugong.intake.replay import Replayed

KINDS = {"new-header": "没见过的表头", "column-gone": "列不见了", "unknown-code": "不在代码表里"}
FATES = {
    "changed": ("有变化", "changed"),
    "unchanged": ("不变", "unchanged"),
    "other-rules": ("只因别的规则而不同,未动", "differs by other rules only, left alone"),
    "has-repairs": ("退回行已补报,未动", "returned rows were mended since, left alone"),
    "is-repair": ("是补报,未动", "is a repair, left alone"),
    "reported-anew": ("同日已另有报送入库,未动", "reported anew since, left alone"),
    "rejected": ("按现规则会整份退回,未动", "would be rejected whole, left alone"),
    "read-otherwise": ("会认成别的报表或日期,未动", "would be another report or day, left alone"),
    "archive-gone": ("存档已不在", "its file is no longer in the archive"),
    "fault": ("规则本身有错", "a rule of ours cannot be evaluated"),
}
Since = Annotated[date | None, typer.Option("--since", parser=as_day, metavar="DATE", help="从哪天收到的算起 | Received since")]


def register(app: typer.Typer) -> None:
    """Add the commands `rules`, `replay` and `drift`."""
    app.command("rules")(rules)
    app.command("drift")(drift_)
    app.command("replay")(replay_)


def rules(
    since: Since = None,
    examine: Annotated[
        bool,
        typer.Option(
            "--examine",
            help="规则之间有无矛盾、多余(不用仓库) | Whether rules contradict or imply each other; needs no warehouse",
        ),
    ] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print every rule that found something, or is in shadow."""
    from fugong.intake import rule_stats
    from fugong.validation.suite import load_suites

    if examine:
        _examine(lang, as_json=as_json)
        return
    with opened_warehouse() as (settings, connection):
        contracts = load_contracts(settings.include / "contracts")
        found = rule_stats.load_rule_stats(connection, contracts, load_suites(settings.expectations, contracts.tables), since)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    table = Table(
        say(lang, "报表", "report"),
        Column(say(lang, "规则", "rule"), overflow="fold"),
        say(lang, "轻重", "severity"),
        _right(say(lang, "查出/报送", "hit of")),
        _right(say(lang, "行数", "rows")),
        Column(say(lang, "部门和例子", "departments, example"), overflow="fold"),
    )
    for one in found:
        severity = Severity(one.severity)
        shadow = say(lang, "(试行)", " (shadow)") if one.is_shadow else ""
        share = "" if one.share is None else f"\n{one.share:.1%}"
        example = f"[red]{escape(one.fault)}[/red]" if one.fault else escape(one.example)
        table.add_row(
            one.report,
            f"{one.code}\n[dim]{one.column}[/dim]" if one.column else one.code,
            f"{severity.name_in(lang)}{shadow}",
            f"{one.n_hit:,}/{one.n_judged:,}",
            f"{one.n_rows:,}{share}",
            "\n".join(part for part in (" ".join(one.departments), example) if part),
            style="cyan" if one.is_shadow else "",
        )
    console = Console()
    console.print(table)
    n_shadow = sum(one.is_shadow for one in found)
    console.print(
        say(
            lang,
            f"{len(found)} 条,其中试行 {n_shadow} 条;试行的行数是只因这条规则才会退回的行。",
            f"{len(found)} rules, {n_shadow} in shadow; their rows are those that they alone would send back.",
        )
    )


def _examine(lang: Lang, *, as_json: bool) -> None:
    """Print what contradicts what, and what is said twice; end with 1 where there is any of it without a reason."""
    from fugong.validation.localisation.examine import examine
    from fugong.validation.suite import load_suites

    settings = Settings.load()
    contracts = load_contracts(settings.include / "contracts")
    code_lists = load_code_lists(settings.include / "reference" / "code_list.csv")
    suites = load_suites(settings.expectations, contracts.tables)
    found = [examine(suites[name], table, code_lists) for name, table in sorted(contracts.tables.items())]
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        console = Console(soft_wrap=True)
        for one in found:
            sentences = [
                *(say(lang, f"好的那一行就违反:{name}", f"broken by the good row: {name}") for name in one.broken_at_once),
                *(say(lang, f"没有行会违反:{name}", f"no row breaks it: {name}") for name in one.never),
                *(say(lang, f"填什么都不行:{name}", f"no value passes: {name}") for name in one.unfillable),
                *(
                    say(
                        lang,
                        f"违反它的行必定也违反 {'、'.join(one.implied[name])}:{name}",
                        f"rows that break it always break {', '.join(one.implied[name])}, too: {name}",
                    )
                    for name in one.redundant
                ),
                *(
                    say(lang, f"定位读不懂:{name}({part})", f"not read by localisation: {name} ({part})")
                    for name, part in one.unread.items()
                ),
            ]
            for sentence in sentences:
                console.print(f"{one.table}  {escape(sentence)}", highlight=False)
        n = sum(len(one.smallest) for one in found)
        n_rows = sum(one.n_rows for one in found)
        console.print(
            say(lang, f"{n:,} 条规则,试了 {n_rows:,} 行。", f"{n:,} rules, {n_rows:,} rows tried."), style="dim", highlight=False
        )
    if any(one.contradictions or one.redundant for one in found):
        raise typer.Exit(1)


def replay_(
    rule: Annotated[str, typer.Option("--rule", metavar="CODE", help="改好的规则 | The rule that was mended")],
    since: Annotated[date, typer.Option("--since", parser=as_day, metavar="DATE", help="从哪天收到的算起 | Received since")],
    report: Annotated[str | None, typer.Option("--report", help="只判这张报表 | This report only")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="真正执行 | Settle what differs")] = False,
    build: Annotated[bool, typer.Option("--marts/--no-marts", help="随后重算汇总 | Build the marts afterwards")] = True,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Show what judging again changes; with --apply, settle it."""
    from fugong.intake.replay import replay
    from fugong.operations.build_marts import build_marts

    settings = Settings.load()
    with progress_bar(is_shown=False if as_json else None) as bar:
        task = bar.add_task(say(lang, "重判", "judging again"), total=None)

        def on_replayed(one: Replayed, done: int, total: int) -> None:
            bar.update(task, description=escape(one.file_name), completed=done, total=total)

        found = replay(settings, rule, since, report=report, is_applied=apply, on_replayed=on_replayed)
        if apply and build and any(one.applied_as for one in found):
            build_marts(settings)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        _print_replayed(found, rule, lang, is_applied=apply)
    faults = [f"{one.file_name}: {one.why}" for one in found if one.fate == "fault"]
    if faults:
        raise ConfigurationError("; ".join(faults))


def drift_(since: Since = None, lang: Language = Lang.ZH, as_json: AsJson = False) -> None:
    """Print what departments send that the contracts do not know, and the change that would take it."""
    from fugong.intake import drift

    with opened_warehouse() as (settings, connection):
        contracts = load_contracts(settings.include / "contracts")
        found = drift.drift(connection, contracts, load_code_lists(settings.include / "reference" / "code_list.csv"), since)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    console = Console()
    if not found:
        console.print(say(lang, "报送与契约一致。", "What is sent fits the contracts."))
    for one in found:
        kind = KINDS[one.kind] if lang is Lang.ZH else one.kind
        column = f" · {one.column}" if one.column else ""
        first, last = (f"{moment.astimezone(SHANGHAI):%Y-%m-%d}" for moment in (one.first_seen, one.last_seen))
        n_files, n_rows = f"{one.n_files:,}", f"{one.n_rows:,}"
        console.print(f"[bold]{one.report}[/bold] {kind}  “{escape(one.value)}”{column}", highlight=False)
        console.print(
            f"  {' '.join(one.departments)} · {first} … {last} · "
            + say(lang, f"{n_files} 份文件 {n_rows} 行", f"{n_files} files, {n_rows} rows"),
            style="dim",
            highlight=False,
        )
        console.print(say(lang, f"  建议:{escape(one.proposal)}", f"  Proposal: {escape(one.proposal)}"), highlight=False)


def _print_replayed(found: Sequence[Replayed], rule: str, lang: Lang, *, is_applied: bool) -> None:
    console = Console()
    changed = [one for one in found if one.fate == "changed"]
    tried = [one for one in found if one.would_set_aside]
    for one in changed:
        number = str(one.submission_id) if one.applied_as is None else f"{one.submission_id} → {one.applied_as}"
        console.print(f"[bold]{number}[/bold] {one.department} {escape(one.file_name)}", highlight=False)
        accepted, set_aside = _moved(*one.accepted), _moved(*one.set_aside)
        console.print(
            say(lang, f"  入库 {accepted} 行,退回 {set_aside} 行", f"  {accepted} rows accepted, {set_aside} set aside"),
            highlight=False,
        )
        for change in one.changes:
            console.print(f"  {change.code} {change.column} {_moved(change.before, change.after)}".rstrip(), highlight=False)
            for example in change.examples:
                console.print(f"    {escape(example)}", style="dim", highlight=False)
    for one in tried:
        console.print(
            say(
                lang,
                f"试行:{one.submission_id} {one.file_name} 会再退回 {one.would_set_aside} 行。",
                f"In shadow: {one.submission_id} {one.file_name} would have {one.would_set_aside} more rows set aside.",
            ),
            highlight=False,
            markup=False,
        )
    for one in found:
        if one.fate not in {"changed", "unchanged"}:
            said = FATES[one.fate][0 if lang is Lang.ZH else 1]
            console.print(
                f"{one.submission_id} {one.department} {one.file_name}: {said} {one.why}".rstrip(), highlight=False, markup=False
            )
    before, after = (sum(one.accepted[at] for one in changed) for at in (0, 1))
    left, goes = (sum(one.set_aside[at] for one in changed) for at in (0, 1))
    console.print(
        say(
            lang,
            f"规则 {rule}:重判 {len(found)} 份,{len(changed)} 份有变化;入库 {before:,} → {after:,} 行,退回 {left:,} → {goes:,} 行。",
            f"Rule {rule}: {len(found)} submissions judged again, {len(changed)} change; "
            f"accepted {before:,} → {after:,} rows, set aside {left:,} → {goes:,}.",
        ),
        highlight=False,
    )
    if changed and not is_applied:
        console.print(
            say(lang, "这是预览,什么也没有改;加 --apply 执行。", "This is a preview; nothing was changed. --apply settles it.")
        )


def _moved(before: int, after: int) -> str:
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def _right(header: str) -> Column:
    return Column(header, justify="right")
