"""Digests, and the text that is digested: the same value has the same bytes on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest(algorithm: str, data: bytes | memoryview) -> bytes:
    """The digest of some bytes, by `sha256` or `sm3`."""
    return hashlib.new(algorithm, data, usedforsecurity=True).digest()


def leaf_hash(algorithm: str, content: bytes) -> bytes:
    """The hash of a leaf of a Merkle tree (RFC 6962, 2.1): no leaf passes for an inner node."""
    return digest(algorithm, b"\x00" + content)


def node_hash(algorithm: str, left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return digest(algorithm, b"\x01" + left + right)


def canonical(value: Any) -> str:
    """A value as JSON with sorted names and without spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
