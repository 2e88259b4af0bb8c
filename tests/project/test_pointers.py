"""Tests of JSON pointers, with the examples of escapes in RFC 6901."""

import pytest

from scripts.openapi.pointers import below, keys, last


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("", []),
        ("/", [""]),
        ("/foo/0", ["foo", "0"]),
        ("/a~1b", ["a/b"]),
        ("/m~0n", ["m~n"]),
        ("/~01", ["~1"]),
        ("/c%d/ ", ["c%d", " "]),
    ],
)
def test_round_trip(pointer: str, path: list[str]) -> None:
    """`keys` splits a pointer, and `below` joins the same keys to the same pointer."""
    assert path == keys(pointer)
    assert pointer == below("", *path)
    assert pointer + "/x~1y/3" == below(pointer, "x/y", 3)
    assert (path[-1] if path else "") == last(pointer)
