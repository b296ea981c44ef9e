"""Examples of answers of the interface for its description: those of the sample district, shortened."""

from __future__ import annotations

from typing import Any

FIGURE: dict[str, Any] = {
    "id": "S041",
    "name": "Tax and fee relief and refunds",
    "name_zh": "减免退税费",
    "as_of": "2020-03-18",
    "known_at": "2020-03-19T10:30:00+08:00",
    "value": 13798800,
    "unit": "元",
    "display": "1379.88万元",
    "numerator": None,
    "denominator": None,
    "coverage": 1,
    "warnings": ["未含税务征收的社会保险费减免 242686 元。"],
    "is_determinable": True,
    "is_known": True,
    "bridge": None,
    "previous": 13264844.71,
    "previous_display": "1326.48万元",
    "why": ["税务局报来3月18日《税费减免退》:+14 行。"],
    "carried_rows": 0,
    "unreconciled": 0.99,
    "interval": {"least": 13798800, "most": 13798800, "is_closed": True, "text": "", "estimate": None},
}
MART: dict[str, Any] = {
    "mart": "register_daily",
    "by": "as_of",
    "keys": ["scale_code"],
    "days": ["2020-02-01", "2020-03-18"],
    "serves": "S018",
    "columns": [{"name": "as_of", "type": "date", "zh": "截至", "en": "The day"}],
}
EXAMPLES: dict[str, Any] = {
    "index": {
        "version": "1.0.0",
        "account": "zhang.san",
        "roles": ["analyst"],
        "routes": {"/api/v1/marts": "可看的汇总表 | The marts that this account may read"},
        "openapi": "https://fugong.example/api/v1/openapi.json",
    },
    "figures": [FIGURE],
    "figure": FIGURE,
    "trace": {
        "figure": "S041",
        "as_of": "2020-03-18",
        "part": "value",
        "n_lines": 269,
        "lines": [
            {
                "submission_id": 58,
                "department_code": "DEPT",
                "file_name": "税费减免退日报(2月11日).xlsx",
                "sheet": "Sheet1",
                "row_number": 4,
                "value": 13920,
                "part": "value",
            }
        ],
        "offset": 0,
        "next": "https://fugong.example/api/v1/trace/S041?as_of=2020-03-18&part=value&offset=1&limit=1",
    },
    "marts": [MART],
    "mart": MART,
    "rows": {
        "mart": "register_daily",
        "rows": [
            {
                "as_of": "2020-02-01",
                "scale_code": "ALL",
                "n_enterprises": 221,
                "n_above_scale": 221,
                "n_served": 221,
                "is_suppressed": False,
            }
        ],
        "offset": 0,
        "next": "https://fugong.example/api/v1/marts/register_daily/rows?offset=1&limit=1",
    },
    "questions": [
        {
            "number": 2,
            "zh": "哪个镇办、行业、规模的企业落后?",
            "en": "Which township, industry and size class is behind?",
            "role": "analyst",
            "parameters": ["as_of"],
        }
    ],
    "question": [
        {"scope": "industry", "dimension": "industry", "member": "C", "name": "制造业", "n_should": 116, "n_resumed": 104}
    ],
    "receipt": {
        "submission_id": 58,
        "department_code": "DEPT",
        "report": "a_report",
        "report_date": "2020-02-11",
        "file_name": "税费减免退日报(2月11日).xlsx",
        "state": "accepted",
        "state_zh": "已入库",
        "rows_read": 12,
        "rows_accepted": 9,
        "rows_set_aside": 0,
        "rows_not_data": 3,
        "parts": [{"table_name": "a_report", "sheet": "Sheet1", "unit": "DEPT", "report_date": "2020-02-11"}],
        "findings": [],
    },
    "briefings": [
        {
            "publication_id": 1,
            "as_of": "2020-03-18",
            "known_at": "2020-03-19T10:30:00+08:00",
            "code_version": "1.0.0",
            "signer": "办公室主任 李四",
            "signed_at": "2020-03-19T11:02:00+08:00",
            "is_provisional": False,
            "reason": "",
            "missing": [],
            "sha256": {"html": "9f2c…"},
            "end": None,
        }
    ],
}
