"""Fugong (复工): departments' report files in, a district's figures out, each traceable to the lines it came from."""

__version__ = "0.1.0.dev0"
"""The only place where the version stands; pyproject.toml reads it from here. `.dev0` until it is released (docs/releases.md)."""
