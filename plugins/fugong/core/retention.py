"""How long Fugong keeps what it must not keep for ever. `operations.retention` deletes it at night."""

from __future__ import annotations

SEALED_ORIGINAL_DAYS = 7
"""A sealed original that holds personal data."""
RAW_CELLS_DAYS = 90
"""Raw cells of rows that were set aside. That a row was set aside, and why, is kept for ever."""
ARCHIVED_FILE_YEARS = 3
"""An original in the archive."""
MESSAGE_DAYS = 90
"""What people were told, once it was sent or given up."""
LOGIN_DAYS = 365
"""An entry of the security log: who logged in and out, who was refused. A district may keep it longer or shorter (`FUGONG_LOGIN_DAYS`), but
not shorter than `LOGIN_DAYS_AT_LEAST`. Signatures, changes of accounts and the task force's questions are kept for ever."""
LOGIN_DAYS_AT_LEAST = 180
"""What the law asks of network logs: six months. The warehouse itself refuses to delete earlier (`access.forget_logins`)."""
BACKUP_DAYS = 14
"""A backup. A district may keep it longer or shorter (`FUGONG_BACKUP_DAYS`); the newest one that can be read always stays."""
AIRFLOW_DAYS = 90
"""A run of Airflow with its tasks and their logs (`FUGONG_AIRFLOW_DAYS`)."""
AIRFLOW_DAYS_AT_LEAST = 7
"""A briefing waits for a signature for up to four days, and its run is needed until then."""
