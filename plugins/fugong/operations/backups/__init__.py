"""Backups: a sealed dump of the warehouse and copies of the archive, made every night, restored for trial every week.

In:   settings, a folder of its own (`FUGONG_BACKUPS`), a public key (`FUGONG_BACKUP_KEY`).     Out: files in that folder; results of maintenance.
Read: folder (what lies there) → age (seal and open) → make → check → rehearse; restore is for a person.
"""

from fugong.operations.backups.check import check_backups

__all__ = ["check_backups"]
