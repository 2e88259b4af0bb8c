"""JSON pointers, with the examples that RFC 6901 gives for its escapes."""

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
def test_both_ways(pointer: str, path: list[str]) -> None:
    """What is put together is taken apart again."""
    assert path == keys(pointer)
    assert pointer == below("", *path)
    assert pointer + "/x~1y/3" == below(pointer, "x/y", 3)
    assert (path[-1] if path else "") == last(pointer)
