"""Hostile requests get an error object, and the embedded server stays small and responsive."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.batch_server import file_store, request_body
from scripts.batch_server.__main__ import main
from scripts.batch_server.running import running
from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load
from tests.support.stepped_server import SteppedServer, line

ATTACKS = load(Path(__file__).with_name("attacks.yaml")).document
KEY = {"Authorization": "Bearer sk-local"}
BATCH = {"endpoint": "/v1/responses", "completion_window": "24h"}
LINE = '{"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"model": %s}}'
# A limit for the whole process in bytes, after attacks that send 300 MB each.
MOST_MEMORY = 400_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.URL, int]]:
    """The URL and the process id of a server in a process of its own, which must not print a traceback."""
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "scripts.batch_server", "--port", "0", "--speed", "0"]
    # The log is a file, because the server would wait for a reader of a pipe.
    with log.open("w") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process:
        while (found := re.search(r"http://\S+(?=;)", log.read_text("utf-8"))) is None:
            assert process.poll() is None
            time.sleep(0.05)
        yield httpx.URL(found[0]), process.pid
        process.terminate()
    assert "Traceback" not in log.read_text("utf-8")


def repeated(part: Any) -> tuple[str, int]:
    """A text and how often it is repeated."""
    return (part[0], part[1]) if isinstance(part, list) else (part, 1)


def joined(parts: Any) -> bytes:
    """The bytes of a text, of a repeated text, or of a list of both."""
    if isinstance(parts, list) and not isinstance(parts[1], int):
        return b"".join(map(joined, parts))
    text, times = repeated(parts)
    return (text * times).encode("latin-1")


def pieces(parts: list[Any]) -> Iterator[bytes]:
    """The bytes of a body, in pieces of at most a megabyte."""
    for text, times in map(repeated, parts):
        at_once = max(1_000_000 // len(text), 1)
        for done in range(0, times, at_once):
            yield (text * min(at_once, times - done)).encode("latin-1")


def attack(url: httpx.URL, case: Any) -> tuple[int, Any]:
    """Send a request as far as the server reads it, and return the status and the parsed body of the response."""
    body, chunked = case.get("body", []), case.get("chunked", False)
    headers: dict[str, Any] = {"Host": "x", **KEY, "Content-Type": "application/json", **case.get("headers", {})}
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif "Transfer-Encoding" not in headers:
        headers.setdefault("Content-Length", str(sum(len(text) * times for text, times in map(repeated, body))))
    head = b"".join(name.encode() + b": " + joined(value) + b"\r\n" for name, value in headers.items())
    with socket.create_connection((url.host, url.port or 0), timeout=30) as connection:
        # The server may answer, and close the connection, before it has read everything.
        with suppress(ConnectionError):
            connection.sendall(joined(case["request"]) + b" HTTP/1.1\r\n" + head + b"\r\n")
            for piece in pieces(body):
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                connection.sendall(b"0\r\n\r\n")
        answer = b""
        while not is_whole(answer):
            received = connection.recv(65_536)
            assert received, f"the connection ended after {answer!r}"
            answer += received
    return int(answer.split()[1]), json.loads(answer.partition(b"\r\n\r\n")[2])


def is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)\r\n", head + b"\r\n")
    return length is not None and len(body) == int(length[1])


def creates(url: httpx.URL, count: int) -> list[int]:
    """The statuses of concurrent creates, each of which may take a minute on a busy machine."""
    with httpx.Client(base_url=url, headers=KEY, timeout=60, limits=httpx.Limits(max_connections=None)) as http:
        file_id = http.post("files", files={"file": json.dumps(line(1))}, data={"purpose": "batch"}).json()["id"]

        def create(_: int) -> int:
            return http.post("batches", json={"input_file_id": file_id, **BATCH}).status_code

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(create, range(count)))


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gets_an_error(name: str, server: tuple[httpx.URL, int]) -> None:
    """A hostile request gets a client error with a short message."""
    status, body = attack(server[0], ATTACKS[name])

    assert ATTACKS[name]["status"] == status, body
    assert {"message", "type", "param", "code"} == body["error"].keys()
    assert 0 < len(body["error"]["message"]) < 1_000


def test_server_survives_attacks(server: tuple[httpx.URL, int]) -> None:
    """After concurrent attacks with large bodies, 200 concurrent creates succeed, and the memory is small."""
    url, process = server
    large = [case for name, case in ATTACKS.items() if "300 MB" in name or "deep" in name]
    with ThreadPoolExecutor(8) as pool:
        assert {400, 413} == {status for status, _ in pool.map(lambda case: attack(url, case), large)}

    assert [200] * 200 == creates(url, 200)
    memory = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert memory is not None
    assert int(memory[1]) * 1024 < MOST_MEMORY


@pytest.mark.parametrize(
    "row",
    [
        LINE.replace('"a"', '"\\ud800"'),
        LINE % '"\\ud800"',
        LINE % "1e999999",
        LINE % "NaN",
        LINE % ("9" * 5_000),
        LINE % ("[" * 900 + "]" * 900),
        "[" * 100_000,
        "\0",
    ],
    ids=["surrogate", "inner-surrogate", "beyond-double", "nan", "digits", "deep", "deeper", "zero"],
)
def test_hostile_line_fails(row: str) -> None:
    """A hostile line of an input file fails the batch, with an error that names the line."""
    server = SteppedServer()
    batch = server.create(server.upload(line(1), row))
    failed = server.after(3600, batch)

    assert "failed" == failed["status"]
    assert [("invalid_json_line", 2)] == [(error["code"], error["line"]) for error in failed["errors"]["data"]]


@pytest.mark.parametrize(
    ("charset", "name"), [("utf-8", "a\x1b[31m\x01"), ("unicode_escape", "\\\\ud800"), ("utf-7", "+2AA-")]
)
def test_file_name_with_any_characters(charset: str, name: str) -> None:
    """A file name with control characters, or in a character set that yields half surrogate pairs, is stored."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    content = part.format("file", f'; filename="{name}"', "{}") + part.format("purpose", "", "batch") + "--b--\r\n"
    media_type = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    response = SteppedServer().http.post("/files", content=content.encode(), headers=media_type)

    assert 200 == response.status_code, response.text
    assert response.json()["filename"]


def test_slow_body_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not arrive in time gets status 408."""
    monkeypatch.setattr(request_body, "MAX_SECONDS", 0.3)
    begun = time.monotonic()
    with running() as server:
        slow = {"request": "POST /v1/batches", "headers": {"Content-Length": "1000"}, "body": ["{"]}
        status, body = attack(httpx.URL(server.url), slow)

    assert (408, "The body took more than 0.3 seconds.") == (status, body["error"]["message"])
    assert time.monotonic() - begun < 10


def test_connection_that_ends_early(caplog: pytest.LogCaptureFixture) -> None:
    """A connection that ends within a body causes no error in the server's log, and the server goes on."""
    with running() as server:
        url = httpx.URL(server.url)
        for path, media_type in (("batches", "application/json"), ("files", "multipart/form-data; boundary=b")):
            with socket.create_connection((url.host, url.port or 0)) as connection:
                head = f"POST /v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-local\r\nContent-Length: 9\r\n"
                connection.sendall(f"{head}Content-Type: {media_type}\r\n\r\n{{".encode())
        assert [200] == creates(url, 1)
    assert [] == [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


def test_full_server_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose memory is full refuses files and batches, and answers other requests."""
    monkeypatch.setattr(file_store, "MAX_STORED_BYTES", 10_000)
    server = SteppedServer()
    body = {"input_file_id": server.upload(line(1)), **BATCH}
    statuses = [server.http.post("/batches", json=body).status_code for _ in range(6)]
    upload = server.http.post("/files", files={"file": b"x" * 9_000}, data={"purpose": "batch"})

    assert [200, 200, 200, 200, 413, 413] == statuses
    assert (413, "server_full") == (upload.status_code, upload.json()["error"]["code"])
    assert 4 == len(server.http.get("/batches").json()["data"])


@pytest.mark.parametrize(("host", "warns"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])
def test_public_host_is_warned_about(
    host: str, warns: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that other machines can reach prints a warning."""
    monkeypatch.setattr("uvicorn.Server.run", lambda *_: None)

    assert 0 == main(["--host", host, "--port", "0"])
    assert warns == ("warning: other machines can reach this server" in capsys.readouterr().err)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--port", "99999"], 2, "argument --port: 99999 is not between 0 and 65535"),
        (["--port", "x"], 2, "argument --port: x is not between 0 and 65535"),
        (["--speed", "-1"], 2, "argument --speed: -1 is not a number of at least 0"),
        (["--speed", "nan"], 2, "argument --speed: nan is not a number of at least 0"),
        (["--spec", "missing.yaml"], 1, "missing.yaml: No such file or directory"),
        (["--host", "192.0.2.1", "--port", "0"], 1, "--host 192.0.2.1: Cannot assign requested address"),
    ],
)
def test_wrong_arguments(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong argument is named, with the reason."""
    try:
        found = main(arguments)
    except SystemExit as ended:
        found = int(str(ended.code))

    assert code == found
    assert message in capsys.readouterr().err


def test_help_says_that_nothing_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """--help says that the server keeps files and batches in memory only."""
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "nothing is kept when the server stops" in " ".join(capsys.readouterr().out.split())
