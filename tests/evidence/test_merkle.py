"""The trees are those of RFC 6962."""

from __future__ import annotations

from hashlib import new

import pytest

from fugong.core.settings import DIGESTS
from fugong.evidence import merkle
from fugong.evidence.digest import leaf_hash


def by_the_book(leaves: list[bytes], algorithms: list[str]) -> bytes:
    """RFC 6962, 2.1, word for word; a node has the algorithm of its last leaf."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    pair = by_the_book(leaves[:k], algorithms[:k]) + by_the_book(leaves[k:], algorithms[k:])
    return new(algorithms[-1], b"\x01" + pair).digest()


def test_the_known_roots_of_the_test_vectors_of_certificate_transparency() -> None:
    leaves = [leaf_hash("sha256", bytes.fromhex(one)) for one in ("", "00", "10", "2021", "3031", "40414243")]
    assert merkle.root([], "sha256").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root(leaves[:1], "sha256").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.root(leaves[:3], "sha256").hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"


@pytest.mark.parametrize("size", [*range(1, 20), 64, 65])
def test_grown_built_and_by_the_book_are_the_same_and_every_path_leads_to_the_root(size: int) -> None:
    algorithms = [DIGESTS[n > 6] for n in range(size)]
    leaves = [leaf_hash(algorithm, bytes([n])) for n, algorithm in enumerate(algorithms)]
    frontier: list[bytes] = []
    for n, leaf in enumerate(leaves):
        merkle.grow(frontier, n, leaf, algorithms[n])
    wanted = by_the_book(leaves, algorithms)
    tree = merkle.Tree(leaves, algorithms)
    assert merkle.root_of(frontier, algorithms[-1]) == tree.root == wanted
    for at, leaf in enumerate(leaves):
        steps = tree.path(at)
        assert merkle.walk(leaf, steps) == wanted
        assert all(merkle.walk(leaf_hash("sha256", b"other"), steps) != wanted for _ in steps)
