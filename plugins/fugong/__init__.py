"""Fugong (复工): departments' report files in, a district's figures out, each traceable to the lines it came from."""

__version__ = "0.1.0"
