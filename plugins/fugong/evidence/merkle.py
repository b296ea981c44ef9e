"""Merkle trees as RFC 6962 defines them: roots, paths, and the frontier that lets a tree grow without its leaves.

An inner node is hashed by the algorithm of its last leaf, so that a tree may go on with another algorithm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fugong.evidence.digest import digest, node_hash


class Step(NamedTuple):
    """A step from a leaf to the root: the hash of the other side, where it stands, and the algorithm of the node above."""

    is_left: bool
    other: bytes
    algorithm: str


def root(leaves: Sequence[bytes], algorithm: str) -> bytes:
    """The root of a tree of one algorithm; of no leaves the digest of nothing."""
    if not leaves:
        return digest(algorithm, b"")
    frontier: list[bytes] = []
    for n, leaf in enumerate(leaves):
        grow(frontier, n, leaf, algorithm)
    return root_of(frontier, algorithm)


def grow(frontier: list[bytes], size: int, leaf: bytes, algorithm: str) -> None:
    """Add a leaf to a tree of `size` leaves, known by the roots of its full subtrees, the largest first."""
    node = leaf
    while size & 1:
        node = node_hash(algorithm, frontier.pop(), node)
        size >>= 1
    frontier.append(node)


def root_of(frontier: Sequence[bytes], algorithm: str) -> bytes:
    """The root of the tree with these full subtrees, whose last leaf has the algorithm."""
    node = frontier[-1]
    for left in reversed(frontier[:-1]):
        node = node_hash(algorithm, left, node)
    return node


class Tree:
    """A tree whose leaves are all at hand. Its nodes are hashed once, for any number of paths."""

    def __init__(self, leaves: Sequence[bytes], algorithms: Sequence[str]) -> None:
        """Of leaves with the algorithm of each."""
        self._leaves, self._algorithms = leaves, algorithms
        self._nodes: dict[tuple[int, int], bytes] = {}

    @property
    def root(self) -> bytes:
        """The root."""
        return self._node(0, len(self._leaves))

    def path(self, at: int) -> list[Step]:
        """The steps from a leaf, counted from 0, to the root."""
        steps: list[Step] = []
        first, last = 0, len(self._leaves)
        while last - first > 1:
            middle = first + _split(last - first)
            is_left = at >= middle
            other = self._node(first, middle) if is_left else self._node(middle, last)
            steps.append(Step(is_left, other, self._algorithms[last - 1]))
            first, last = (middle, last) if is_left else (first, middle)
        return steps[::-1]

    def _node(self, first: int, last: int) -> bytes:
        if last - first == 1:
            return self._leaves[first]
        if (first, last) not in self._nodes:
            middle = first + _split(last - first)
            node = node_hash(self._algorithms[last - 1], self._node(first, middle), self._node(middle, last))
            self._nodes[first, last] = node
        return self._nodes[first, last]


def walk(leaf: bytes, steps: Sequence[Step]) -> bytes:
    """The root that a path leads to."""
    for step in steps:
        left, right = (step.other, leaf) if step.is_left else (leaf, step.other)
        leaf = node_hash(step.algorithm, left, right)
    return leaf


def _split(n: int) -> int:
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)
