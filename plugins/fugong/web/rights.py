"""Who may see which pages, and the role of the warehouse in which they are read."""

from __future__ import annotations

from collections.abc import Mapping

from fugong.access.account import Role
from fugong.core.bilingual import Bilingual

FIGURES = (Role.SIGNER, Role.OPERATOR, Role.TASKFORCE, Role.VIEWER)
"""The board, figures, briefings: no firm."""
FIRMS = (Role.SIGNER, Role.OPERATOR, Role.TASKFORCE)
"""Lines of files and the sheets that they stand in; every look is recorded."""
SIGNERS = (Role.SIGNER,)
PROPOSERS = (Role.SIGNER, Role.OPERATOR, Role.TASKFORCE)
OPEN = (Role.ANALYST, Role.TASKFORCE, Role.SIGNER, Role.OPERATOR)
"""What analysts see: marts without small cells."""
TODAY = (Role.OPERATOR, Role.ADMIN, Role.AUDITOR)
"""How the flow does, and what happened."""
TEXTS = (*FIGURES, Role.AUDITOR, Role.ANALYST)
"""Numbers of a published text beside the published figures."""
DEPARTMENT = (Role.DEPARTMENT,)
EVERYBODY = tuple(Role)

WAREHOUSE_ROLE: Mapping[Role, str] = {
    Role.SIGNER: "fugong_signer",
    Role.OPERATOR: "fugong_signer",
    Role.VIEWER: "fugong_signer",
    Role.TASKFORCE: "fugong_taskforce",
    Role.ANALYST: "fugong_analyst",
    Role.AUDITOR: "fugong_auditor",
    Role.ADMIN: "fugong_auditor",
    Role.DEPARTMENT: "fugong_department",
}
"""Viewers read the figures that signers sign: their pages show no line of a file. Transactions are read-only except where somebody signs."""

NAMES: Mapping[Role, Bilingual] = {
    Role.VIEWER: Bilingual("看数", "reads figures"),
    Role.OPERATOR: Bilingual("运维", "runs the flow"),
    Role.SIGNER: Bilingual("签发", "signs"),
    Role.ADMIN: Bilingual("管理员", "administrator"),
    Role.ANALYST: Bilingual("分析", "analyst"),
    Role.TASKFORCE: Bilingual("专班", "task force"),
    Role.AUDITOR: Bilingual("审计", "auditor"),
    Role.DEPARTMENT: Bilingual("部门报送", "reports for a department"),
}
"""What pages call the roles."""
