"""The contract of the Files API generates a client that type-checks, runs, and whose docs have examples that run."""

import asyncio
import copy
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from inspect import iscoroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scripts.batch_server.running import RunningServer, running
from scripts.codegen.__main__ import main
from scripts.openapi.contract import ROOT, Contract
from scripts.openapi.loading import load
from tests.support import mypy_cache
from tests.support.grown import imported
from tests.support.sampling import IS_DEEP

FILES_API = ROOT / "tests" / "files_api.yaml"
LINES = b'{"custom_id": "request-1"}\n' * 3
LARGE = 100 * 2**20
MEMORY = """
import asyncio, importlib, inspect, re, sys
from pathlib import Path

def memory(name):
    return int(re.search(name + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

async def use(api):
    async def call(value):
        return await value if inspect.isawaitable(value) else value

    await call(api.upload_file(file=b"small", purpose="batch"))
    Path("/proc/self/clear_refs").write_text("5")  # Linux then forgets the peak, VmHWM.
    before = memory("VmRSS")
    await call(api.upload_file(file=Path("large"), purpose="batch"))
    with open("large", "rb") as file:
        await call(api.upload_file(file=file, purpose="batch"))
    await call(api.retrieve_file_content_to_path("file-1", path="saved"))
    await call(api.close())
    print(memory("VmHWM") - before)

package, title, url = sys.argv[1:]
asyncio.run(use(getattr(importlib.import_module(package), title)(api_key="sk-test", base_url=url)))
"""
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


def test_key_in_a_header(tmp_path: Path) -> None:
    """An API key in a header authorizes all operations, in a package whose contract says so."""
    document = copy.deepcopy(dict(load(FILES_API).document))
    scheme = {"type": "apiKey", "in": "header", "name": "X-Files-Key", "description": "The key of the account."}
    document["components"]["securitySchemes"]["ApiKeyAuth"] = scheme
    package = imported(document, tmp_path, "client_with_own_header")
    with running(Contract(document, FILES_API)) as server:
        with package.FileAPI(api_key=server.key, base_url=server.url) as api:
            uploaded = api.upload_file(file=LINES, purpose="batch")
            assert LINES == api.retrieve_file_content(uploaded.id)
        with package.FileAPI(api_key="wrong", base_url=server.url) as api, pytest.raises(package.AuthenticationError):
            api.retrieve_file(uploaded.id)


@pytest.mark.parametrize("title", ["FileAPI", "AsyncFileAPI"])
def test_memory(package: ModuleType, title: str, tmp_path: Path) -> None:
    """The memory that an upload and a download take does not grow with the size of the file."""
    assert package.__file__
    with tmp_path.joinpath("large").open("wb") as file:
        file.truncate(LARGE)
    with sink() as url:
        ended = subprocess.run(
            [sys.executable, "-c", MEMORY, package.__name__, title, url],
            env={**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert ended.returncode == 0, ended.stderr
    assert LARGE == tmp_path.joinpath("saved").stat().st_size
    assert float(ended.stdout) < 16


@contextmanager
def sink() -> Iterator[str]:
    """A server that reads and forgets uploads, and sends a large file."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            left = int(self.headers["content-length"])
            while left:
                left -= len(self.rfile.read(min(left, 2**20)))
            self._begin(len(b'{"id": "file-1"}'))
            self.wfile.write(b'{"id": "file-1"}')

        def do_GET(self) -> None:
            self._begin(LARGE)
            for _ in range(LARGE // 2**20):
                self.wfile.write(bytes(2**20))

        def _begin(self, size: int) -> None:
            self.send_response(200)
            self.send_header("content-length", str(size))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_types(tmp_path: Path) -> None:
    """A program that uses the package passes mypy --strict and basedpyright."""
    output = tmp_path / "generated"
    assert 0 == main(["--spec", str(FILES_API), "--output", str(output)])
    # Both tools find the package beside the program.
    output.joinpath("use.py").write_text(USE, "utf-8")
    lenient = ("reportUnknownArgumentType", "reportUnknownMemberType", "reportUnknownVariableType")
    options = {"typeCheckingMode": "strict", **dict.fromkeys(lenient, False)}
    output.joinpath("pyrightconfig.json").write_text(json.dumps(options), "utf-8")
    checked = ("use.py", "openai_batch_client")
    tools = [["mypy", "--strict", "--config-file=", f"--cache-dir={mypy_cache.copied(tmp_path)}", *checked]]
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
