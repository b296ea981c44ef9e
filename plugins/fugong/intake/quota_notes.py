"""`收件限额.txt` in a department's outbox: that files stay in its inbox, why, and what to do. One note, not one per file, written once a day."""

from __future__ import annotations

import os
from datetime import datetime

from fugong.core.sanitize import file_stem
from fugong.core.settings import Settings
from fugong.intake.quotas import MIB, Left, Limit
from fugong.storage.outbox import open_outbox

NOTE = "收件限额.txt"


def tell(settings: Settings, department: str, left: Left | None, now: datetime) -> None:
    """Write the note where a quota keeps files in the inbox, unless it was written today; remove it once none does.

    Raises:
        OSError: the department's outbox cannot be written.
    """
    is_over = left is not None and left.limit.is_quota
    if not is_over and not os.path.lexists(settings.outbox / file_stem(department) / NOTE):
        return
    with open_outbox(settings, department) as folder:
        if left is None or not is_over:
            folder.remove(NOTE)
            return
        heading, *lines = _sentences(left, now)
        if not (folder.read(NOTE) or b"").startswith(heading.encode("utf-8-sig")):
            # Notepad before Windows 10 (2018) shows a text with bare line feeds as one line.
            folder.write(NOTE, "\r\n".join([heading, "", *lines, ""]).encode("utf-8-sig"))


def _sentences(left: Left, now: datetime) -> list[str]:
    quota, load = left.quota, left.load
    what, held, until = {
        Limit.FILES_A_DAY: (
            f"一天最多收 {quota.files_a_day:,} 份(含试投)",
            f"今天已收 {load.n_today:,} 份",
            "明天零点以后接着收",
        ),
        Limit.FILES_WAITING: (
            f"在办最多 {quota.files_waiting:,} 份",
            f"已收、还没有办完的有 {load.n_waiting:,} 份",
            "办完一部分就接着收",
        ),
        Limit.MEGABYTES_WAITING: (
            f"在办最多 {quota.megabytes_waiting:,} MB",
            f"已收、还没有办完的有 {load.n_waiting:,} 份,共 {load.bytes_waiting / MIB:,.1f} MB",
            "办完一部分就接着收",
        ),
    }[left.limit]
    return [
        f"{now.date()} 收件限额:本部门{what}。",
        f"截至 {now:%H:%M},{held};收件夹里还有 {left.n_files:,} 份没有收。",
        f"没有收的原样留在收件夹,不会丢,也不用再放一遍;{until},先放的先收。",
        "要做的:看看是不是放错了(例如整个备份文件夹都拷了进来),放错的请从收件夹删掉。",
        "确实要报这么多,或有急件排在后面:请联系数据组调高本部门的限额。",
        "限额以内全部收完,这份说明会自动消失;一天只写一次,份数以当时为准。",
    ]
