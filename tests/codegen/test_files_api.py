"""The contract of the Files API generates a client that type-checks, runs, and whose docs have examples that run."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import iscoroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

from scripts.batch_server.running import RunningServer, running
from scripts.codegen.__main__ import main
from scripts.openapi.contract import ROOT, Contract
from scripts.openapi.loading import load
from tests.support.grown import imported

IS_DEEP = settings.get_current_profile_name() == "deep"
FILES_API = ROOT / "tests" / "files_api.yaml"
LINES = b'{"custom_id": "request-1"}\n' * 3
USE = """
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path
from typing import assert_type

from openai_batch_client import AsyncFileAPI, DeletedFile, FileAPI, FileContent, FileExpiration, UploadedFile
from openai_batch_client.api.file import retrieve_file_content, upload_file


def use(api: FileAPI, path: Path) -> None:
    contents: list[FileContent] = [b"", path, BytesIO(), ("a.txt", b""), ("a.txt", path), path.open("rb")]
    for content in contents:
        assert_type(api.upload_file(file=content, purpose="batch"), UploadedFile)
    api.upload_file(file=b"", purpose="batch", expires_after=FileExpiration(seconds=3600, anchor="created_at"))
    api.upload_file(file=b"", purpose="batch", expires_after={"seconds": 3600, "anchor": "created_at"})
    assert_type(upload_file.sync(client=api, file=b"", purpose="vision"), UploadedFile)
    assert_type(api.delete_file("file-1"), DeletedFile)
    assert_type(api.iter_files(purpose="batch"), Iterator[UploadedFile])
    assert_type(api.retrieve_file_content("file-1"), bytes)
    assert_type(api.retrieve_file_content_to_path("file-1", path="file.bin"), Path)
    assert_type(retrieve_file_content.sync_detailed("file-1", client=api).parsed, bytes)
    api.upload_file(file="path", purpose="batch")  # type: ignore[arg-type]
    api.upload_file(file=b"", purpose="other")  # type: ignore[arg-type]


async def use_async(api: AsyncFileAPI) -> None:
    assert_type(await api.upload_file(file=b"", purpose="batch"), UploadedFile)
    assert_type(api.iter_files(), AsyncIterator[UploadedFile])
    assert_type(await api.retrieve_file_content("file-1"), bytes)
    assert_type(await api.retrieve_file_content_to_path("file-1", path="file.bin"), Path)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return imported(load(FILES_API).document, tmp_path_factory.mktemp("files"), "client_of_files")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running(Contract.load(FILES_API)) as server:
        yield server


@pytest.mark.parametrize("title", ["FileAPI", "AsyncFileAPI"])
def test_files_on_the_embedded_server(package: ModuleType, server: RunningServer, title: str, tmp_path: Path) -> None:
    """A file can be uploaded, found, read, saved and deleted."""
    path = tmp_path / "lines.jsonl"
    path.write_bytes(LINES)
    with asyncio.Runner() as runner:

        def run(value: Any) -> Any:
            if hasattr(value, "__aiter__"):
                return runner.run(collected(value))
            return runner.run(value) if iscoroutine(value) else value

        api = getattr(package, title)(api_key=server.key, base_url=server.url, retry_budget=0)
        expiration = package.FileExpiration(anchor="created_at", seconds=3600)
        uploaded = [
            run(api.upload_file(file=path, purpose="batch", expires_after=expiration)),
            run(api.upload_file(file=("other.jsonl", LINES), purpose="vision")),
        ]
        assert ["batch", "vision"] == [file.purpose for file in uploaded]
        first = uploaded[0]
        assert first == run(api.retrieve_file(first.id))
        assert LINES == run(api.retrieve_file_content(first.id))
        assert path == run(api.retrieve_file_content_to_path(uploaded[1].id, path=path))
        assert LINES == path.read_bytes()
        listed = [file.id for file in run(api.iter_files(page_size=1))]
        assert {file.id for file in uploaded} <= set(listed)
        assert run(api.delete_file(first.id)).deleted
        with pytest.raises(package.NotFoundError):
            run(api.retrieve_file_content(first.id))
        with pytest.raises(package.NotFoundError):
            run(api.retrieve_file_content_to_path(first.id, path=path))
        run(api.close())


async def collected(items: Any) -> list[Any]:
    return [item async for item in items]


def test_examples_of_the_docs_run(
    package: ModuleType, server: RunningServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each example of an operation in the docs runs as a program, with an uploaded file."""
    assert package.__file__
    page = Path(package.__file__).parents[1].joinpath("docs", "FileAPI.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(from .*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 9
    with package.FileAPI(api_key=server.key, base_url=server.url) as api:
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.chdir(tmp_path)
        for block in blocks:
            uploaded = api.upload_file(file=LINES, purpose="batch").id
            text = block.replace("openai_batch_client", package.__name__).replace("file-abc123", uploaded)
            exec(compile(text, "FileAPI.md", "exec"), {"__name__": "__main__"})
    assert LINES == tmp_path.joinpath("content.bin").read_bytes()


def test_types(tmp_path: Path) -> None:
    """A program that uses the package passes mypy --strict and basedpyright."""
    output = tmp_path / "generated"
    assert 0 == main(["--spec", str(FILES_API), "--output", str(output)])
    # Both tools find the package beside the program.
    output.joinpath("use.py").write_text(USE, "utf-8")
    lenient = ("reportUnknownArgumentType", "reportUnknownMemberType", "reportUnknownVariableType")
    options = {"typeCheckingMode": "strict", **dict.fromkeys(lenient, False)}
    output.joinpath("pyrightconfig.json").write_text(json.dumps(options), "utf-8")
    tools = [["mypy", "--strict", "--config-file=", "use.py", "openai_batch_client"]]
    # basedpyright takes long. The weekly run uses it.
    tools += [["basedpyright", "--level", "error", "--pythonpath", sys.executable]] if IS_DEEP else []
    for tool in tools:
        ended = subprocess.run(
            [sys.executable, "-m", *tool],
            env={**os.environ, "MYPYPATH": str(output)},
            cwd=output,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
