"""What codes are called: of lists, policies, departments, townships, industries, reports and states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg

from fugong.contracts.accepted import accepted_contracts
from fugong.core.bilingual import Bilingual
from fugong.core.paths import where
from fugong.core.schema import parse_yaml, read_text
from fugong.core.vocabulary import Lang, State

NAMES = "names.yaml"
"""Beside the questions: names of codes that marts write and no contract lists."""


def names_of_codes(connection: psycopg.Connection, include: Path) -> dict[tuple[str, str], Bilingual]:
    """The names of codes, by list and code: reference tables, contracts, and the file beside the questions.

    A Chinese name stands for itself where no code is called so, a department's other names for it: some columns hold names already.
    """
    rows = connection.execute(
        """
        SELECT list, code, name_zh, name_en FROM ref.code_list
        UNION ALL SELECT 'policy', policy_id, name_zh, name_en FROM ref.policy
        UNION ALL SELECT 'department', department_code, name_zh, name_en FROM ref.department
        UNION ALL SELECT 'township', township_code, name_zh, name_en FROM ref.township
        UNION ALL
        SELECT 'department', alias, name_zh, name_en FROM ref.department CROSS JOIN LATERAL unnest(string_to_array(aliases, ';')) AS alias
        UNION ALL SELECT 'industry_' || level, industry_code, name_zh, name_en FROM ref.industry
        """
    ).fetchall()
    names = {(of, code): Bilingual(zh, en or zh) for of, code, zh, en in rows}
    names |= {("report", one.id): Bilingual(one.name, one.name_en or one.id) for one in accepted_contracts(connection)}
    names |= {("submission_state", one.value): Bilingual(one.name_in(Lang.ZH), one.name_in(Lang.EN)) for one in State}
    file = include / "sql" / "questions" / NAMES
    lists = parse_yaml(read_text(file), where(file)).content if file.is_file() else {}
    for of, codes in lists.items():
        for code, text in codes.items():
            zh, _, en = text.partition("|")
            names[of, str(code)] = Bilingual(zh.strip(), en.strip())
    return {(of, name.zh): name for (of, _), name in names.items()} | names


def parameter_name(names: Mapping[tuple[str, str], Bilingual], policy_id: str, param: str) -> Bilingual:
    """A parameter by the name of its policy."""
    policy = names.get(("policy", policy_id), Bilingual(policy_id, policy_id))
    return Bilingual(f"{policy.zh} {param}", f"{policy.en} {param}")
