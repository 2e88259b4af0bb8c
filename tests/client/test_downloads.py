"""A downloaded file is whole, or the target is unchanged and nothing is left behind."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from openai_batch_client import errors
from tests.support.hostile_server import HostileServer, hostile
from tests.support.stored_files import StoredFiles
from tests.support.twin import SkippingClock, Twin

CONTENT = bytes(range(256)) * 40


@contextmanager
def downloading(twin: Twin, *plans: dict[str, Any], content: bytes = CONTENT) -> Iterator[tuple[HostileServer, Any]]:
    """A server with one file, file-o, and a client whose pauses take no time."""
    with hostile(answering=StoredFiles({"file-o": content}, [*plans] or [{}])) as server:
        http_client = twin.http_client(verify=False)
        try:
            with twin.connected(server.url, http_client=http_client, retry_budget=60) as api:
                api._clock = SkippingClock()
                yield server, api
        finally:
            twin.run(http_client.aclose() if twin.prefix else http_client.close())


def permissions(path: Path) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", [str, Path])
def test_download(twin: Twin, tmp_path: Path, kind: type) -> None:
    """The content is written as it is, also after cuts, with the permissions of a new file. The path is returned."""
    target = tmp_path / "ä results.jsonl"
    seen: list[Any] = []
    with downloading(twin, {"cut": 1000}, {"cut": 1}, {}) as (_, api):
        path = twin.run(api.download_file("file-o", to=kind(target), on_progress=seen.append))
    (tmp_path / "new").touch()

    assert (target, CONTENT) == (path, target.read_bytes())
    assert permissions(tmp_path / "new") == permissions(target)
    assert ("download", len(CONTENT), len(CONTENT)) == seen[-1]
    assert {"ä results.jsonl", "new"} == {each.name for each in tmp_path.iterdir()}


def test_empty_file(twin: Twin, tmp_path: Path) -> None:
    """An empty file is downloaded."""
    with downloading(twin, content=b"") as (_, api):
        twin.run(api.download_file("file-o", to=tmp_path / "empty"))
    assert b"" == (tmp_path / "empty").read_bytes()


def test_target_that_exists(twin: Twin, tmp_path: Path) -> None:
    """A file that exists is replaced and keeps its permissions. A link stays a link."""
    target, link = tmp_path / "secret", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to(target)
    with downloading(twin) as (_, api):
        assert link == twin.run(api.download_file("file-o", to=link))
    assert (CONTENT, 0o600, True) == (target.read_bytes(), permissions(target), link.is_symlink())


def test_target_with_a_long_name(twin: Twin, tmp_path: Path) -> None:
    """The name of the target can be as long as the file system allows."""
    with downloading(twin) as (_, api):
        twin.run(api.download_file("file-o", to=tmp_path / ("x" * 255)))
    assert ["x" * 255] == [each.name for each in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("missing/results", FileNotFoundError),
        ("folder", IsADirectoryError),
        ("", IsADirectoryError),
        ("pipe", OSError),
        ("file/results", NotADirectoryError),
    ],
)
def test_target_that_cannot_be_written(twin: Twin, tmp_path: Path, target: str, error: type[OSError]) -> None:
    """A folder, a pipe or a missing folder is an OSError. Nothing is sent, and nothing is changed."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.rglob("*"))
    with downloading(twin) as (server, api), pytest.raises(error):
        twin.run(api.download_file("file-o", to=tmp_path / target))
    assert ([], before) == (server.received, sorted(tmp_path.rglob("*")))
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


class Interruption(BaseException):
    """Ends a program, as KeyboardInterrupt does."""


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    ("plan", "error"),
    [
        ({"recipe": {"status": 404, "json": {"error": {"message": "gone"}}}}, errors.NotFoundError),
        ({"framing": "close"}, errors.BatchAPIError),
        ({"cut": 0}, errors.APIConnectionError),
        ({"framing": "chunked", "status": 206, "headers": ["Content-Range: bytes 0-9/10"]}, errors.BatchAPIError),
        ({}, Interruption),
        ({}, ZeroDivisionError),
    ],
)
def test_interrupted(
    twin: Twin, tmp_path: Path, plan: dict[str, Any], error: type[BaseException], exists: bool
) -> None:
    """After any failure, the target is as before, and no other file is left."""
    target = tmp_path / "results"
    if exists:
        target.write_bytes(b"old")

    def interrupt(_: object) -> None:
        if not issubclass(error, errors.BatchAPIError):
            raise error

    with downloading(twin, plan) as (_, api), pytest.raises(error):
        twin.run(api.download_file("file-o", to=target, on_progress=interrupt))
    assert ({"results": b"old"} if exists else {}) == {each.name: each.read_bytes() for each in tmp_path.iterdir()}


@pytest.mark.parametrize("file_id", ["", ".", "..", "a\n", None, ["a"]])
def test_id_that_is_no_segment(twin: Twin, tmp_path: Path, file_id: Any) -> None:
    """An id that would lead to another URL is a ValueError. Nothing is sent or written."""
    with downloading(twin) as (server, api), pytest.raises(ValueError, match="Nothing was sent"):
        twin.run(api.download_file(file_id, to=tmp_path / "results"))
    assert ([], []) == (server.received, [*tmp_path.iterdir()])


def test_id_with_reserved_characters(twin: Twin, tmp_path: Path) -> None:
    """The id is one segment of the path, whatever its characters are."""
    with downloading(twin) as (server, api), pytest.raises(errors.NotFoundError):
        twin.run(api.download_file("../batches?a=b#c", to=tmp_path / "results"))
    assert [("GET", "/v1/files/..%2Fbatches%3Fa%3Db%23c/content")] == server.requests()


def test_async_progress(twin: Twin, tmp_path: Path) -> None:
    """An async on_progress is a TypeError, also if it is a method of an object. Nothing is sent."""

    class Bar:
        async def __call__(self, _: object) -> None: ...

    with downloading(twin) as (server, api), pytest.raises(TypeError, match="on_progress"):
        twin.run(api.download_file("file-o", to=tmp_path / "results", on_progress=Bar()))
    assert ([], []) == (server.received, [*tmp_path.iterdir()])
