"""Operations of every kind are right on the wire: those that tests/grown.yaml adds, in both clients."""

import asyncio
import json
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from inspect import iscoroutine
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from attrs import frozen

from tests.support.grown import extended_contract, imported
from tests.support.scripted_server import LOST, Answer, Received, ScriptedServer, scripted
from tests.support.twin import SkippingClock

REPORT = {"name": "report-7", "kind": "usage", "made_at": 1764012488}
PAGE = {"pages": [{"number": 3, "made_at": 1764012488}], "next": 0, "more": True}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The package of the extended contract."""
    return imported(extended_contract(), tmp_path_factory.mktemp("operations"), "client_of_operations")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with scripted() as server:
        yield server


@frozen
class Client:
    """A sync or an async client for the server."""

    package: ModuleType
    server: ScriptedServer
    api: Any
    run: Callable[[Any], Any]

    def call(self, method: str, *arguments: Any, **keywords: Any) -> Any:
        return self.run(getattr(self.api, method)(*arguments, **keywords))

    def low(self, operation: str, *arguments: Any, **keywords: Any) -> Any:
        """Call the function of an operation's module."""
        function = "sync" if type(self.api).__name__ == "ReportAPI" else "asyncio"
        module = getattr(self.package.api.report, operation)
        return self.run(getattr(module, function)(*arguments, client=self.api, **keywords))

    @property
    def only(self) -> Received:
        """The only request that has arrived."""
        (request,) = self.server.received
        return request


@pytest.fixture(params=["ReportAPI", "AsyncReportAPI"])
def client(request: pytest.FixtureRequest, package: ModuleType, server: ScriptedServer) -> Iterator[Client]:
    with asyncio.Runner() as runner:

        def run(value: Any) -> Any:
            if hasattr(value, "__aiter__"):
                return runner.run(collected(value))
            return runner.run(value) if iscoroutine(value) else value

        api = getattr(package, request.param)(api_key="sk-test", base_url=server.url)
        api._clock = SkippingClock()
        server.play(Answer())
        yield Client(package, server, api, run)
        run(api.close())


async def collected(items: Any) -> list[Any]:
    return [item async for item in items]


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status, {"content-type": "application/json"})


def test_operation_without_arguments(client: Client) -> None:
    """An operation without arguments sends no body. 204 is None, and a number is a number."""
    client.server.play(Answer(status=204))
    assert client.call("ping_reports") is None
    assert ("GET", "/v1/reports/ping", b"") == (client.only.method, client.only.target, client.only.content)
    assert client.only.headers["content-type"] is None
    assert client.only.headers["authorization"] is None
    assert client.low("ping_reports") is None

    client.server.play(as_json(7))
    assert 7 == client.call("count_reports") == client.low("count_reports")


@pytest.mark.parametrize("content", [b"", b"null"])
def test_missing_result(client: Client, content: bytes) -> None:
    """A success without its number is an exception and not None."""
    client.server.play(Answer(content))
    with pytest.raises(client.package.UnexpectedResponseError, match="missing"):
        client.call("count_reports")


def test_optional_body(client: Client) -> None:
    """Without the argument, no body is sent. Models and mappings are accepted. The result is a list of models."""
    client.server.play(as_json([REPORT]))
    (report,) = client.call("refresh_reports")
    assert client.package.Report(**REPORT) == report
    assert (b"", None) == (client.only.content, client.only.headers["content-type"])

    for body in (client.package.CreateReportRequest(kind="usage"), {"kind": "usage"}):
        for call in (client.call, client.low):
            client.server.play(as_json([REPORT]))
            call("refresh_reports", body=body)
            assert {"kind": "usage"} == json.loads(client.only.content)
            assert "application/json" == client.only.headers["content-type"]

    client.server.play(as_json({"reports": []}))
    with pytest.raises(client.package.UnexpectedResponseError, match="should be a list"):
        client.call("refresh_reports")


@pytest.mark.parametrize(
    ("method", "body", "answer"),
    [
        ("order_reports", ["report-7"], True),
        ("order_reports", (), False),
        ("label_reports", {"report-7": "final"}, {"report-7": "final"}),
        ("schedule_reports", 3, None),
        ("schedule_reports", None, None),
    ],
)
def test_body_of_any_kind(client: Client, method: str, body: Any, answer: Any) -> None:
    """Lists, tuples, maps, numbers and null are sent as JSON, and booleans and maps are results."""
    for call in (client.call, client.low):
        client.server.play(Answer(status=204) if answer is None else as_json(answer))
        assert answer == call(method, body=body)
        assert json.dumps(body) == json.dumps(json.loads(client.only.content))
        assert "application/json" == client.only.headers["content-type"]


def test_parameters(client: Client) -> None:
    """Parameters with the names of arguments, of the path item, in headers and with several values arrive unchanged."""
    client.server.play(as_json(PAGE | {"more": False}))
    client.call(
        "list_report_pages",
        "a/b",
        language="en",
        page=0,
        page_size=2,
        made_after_="2026-11-01",
        max_items_=3,
        after_="cover",
        span=7,
        timeout_=5,
        body_=True,
        client_="acme",
        self_=False,
        options_=("tables", "notes"),
        request_="r 1",
        trace_id="t-1",
        version="2",
    )
    target = urlsplit(client.only.target)
    assert "/v1/reports/a%2Fb/pages" == target.path
    assert {
        *(("language", "en"), ("page", "0"), ("page_size", "2"), ("made_after", "2026-11-01"), ("max_items", "3")),
        *(("after", "cover"), ("span", "7"), ("timeout", "5"), ("body", "true"), ("client", "acme")),
        *(("self", "false"), ("options", "tables"), ("options", "notes"), ("request", "r 1"), ("version", "2")),
    } == set(parse_qsl(target.query))
    assert "t-1" == client.only.headers["x-trace"]


def test_optional_parameters_are_not_sent(client: Client) -> None:
    """Without optional arguments, only the required parameter is sent, and no constant."""
    client.server.play(as_json(PAGE | {"more": False}))
    client.call("list_report_pages", "report-7", language="en")
    assert "/v1/reports/report-7/pages?language=en" == client.only.target
    assert client.only.headers["x-trace"] is None


def test_iteration(client: Client) -> None:
    """An iteration follows cursors that are numbers, with the filters and its own arguments."""
    client.server.play(
        as_json({"pages": [{"number": 3, "made_at": 5}, {"number": 4, "made_at": 7}], "next": 0, "more": True}),
        as_json({"pages": [{"number": 5, "made_at": 9}], "next": None, "more": False}),
    )
    found = client.call(
        "iter_report_pages", "report-7", language="en", made_after_="2026-11-01", max_items_=9, made_after=6, after=2
    )
    found = list(found)
    assert [4, 5] == [page.number for page in found]
    queries = [dict(parse_qsl(urlsplit(request.target).query)) for request in client.server.received]
    shared = {"language": "en", "made_after": "2026-11-01", "max_items": "9", "page_size": "20"}
    assert [shared | {"page": "2"}, shared | {"page": "0"}] == queries


def test_key_in_header(client: Client) -> None:
    """With a key, a lost response is repeated with the same key. Without a key, nothing is repeated."""
    for call in (client.call, client.low):
        body = {"kind": "usage"} if call == client.call else {"body": client.package.CreateReportRequest(kind="usage")}
        client.server.play(LOST, Answer(b"{}", 503), as_json(REPORT))
        assert "report-7" == call("create_report", idempotency_key="november", **body).name
        assert ["november"] * 3 == [request.headers["idempotency-key"] for request in client.server.received]

        client.server.play(LOST)
        with pytest.raises(client.package.CreateOutcomeUnknownError, match="List the existing objects"):
            call("create_report", **body)
        assert client.only.headers["idempotency-key"] is None

    client.server.play(LOST)
    with pytest.raises(client.package.CreateOutcomeUnknownError, match="same idempotency key, 'november'"):
        client.call("create_report", kind="usage", idempotency_key="november", retry_budget=0)
    for key in ("", 5):
        with pytest.raises(ValueError, match="must be a string that is not empty"):
            client.call("create_report", kind="usage", idempotency_key=key)


def test_text_and_bytes(client: Client, tmp_path: Path) -> None:
    """Text is decoded as its response says, and can be written to a path. A cut download goes on."""
    client.server.play(Answer("Größe".encode("latin-1"), headers={"content-type": "text/plain; charset=latin-1"}))
    assert "Größe" == client.call("print_report", "report-7") == client.low("print_report", "report-7")
    assert "text/plain, */*;q=0.1" == client.server.received[0].headers["accept"]
    client.server.play(Answer("Größe".encode()))
    assert "Größe" == client.call("print_report", "report-7")
    client.server.play(Answer(b"\xff", headers={"content-type": "text/plain"}))
    with pytest.raises(client.package.UnexpectedResponseError, match="is not text in the encoding utf-8"):
        client.call("print_report", "report-7")

    content = os.urandom(300_000)
    rest = Answer(content[100_000:], 206, {"content-range": f"bytes 100000-299999/{len(content)}"})
    client.server.play(Answer(content, cut_at=100_000), rest)
    target = tmp_path / "report.txt"
    assert target == client.call("print_report_to_path", "report-7", path=target)
    assert content == target.read_bytes()
    assert "bytes=100000-" == client.server.received[1].headers["range"]
    client.server.play(as_json({"error": {"message": "no"}}, 404))
    with pytest.raises(client.package.NotFoundError):
        client.call("print_report_to_path", "report-8", path=target)
    assert content == target.read_bytes()


def test_form(client: Client, tmp_path: Path) -> None:
    """Each kind of part arrives: files from bytes, paths, files and pairs, texts, several parts, and JSON."""
    path = tmp_path / "ü.txt"
    path.write_bytes(b"on disk")
    with path.open("rb") as opened:
        for file, name, content in (
            (b"bytes", "file", b"bytes"),
            (path, "ü.txt", b"on disk"),
            (opened, "ü.txt", b"on disk"),
            (BytesIO(b"buffer"), "file", b"buffer"),
            (("a.bin", b"pair"), "a.bin", b"pair"),
            (("b.bin", path), "b.bin", b"on disk"),
        ):
            for call in (client.call, client.low):
                client.server.play(as_json(REPORT))
                call("attach_to_report", "report-7", file=file, title="Ä")
                title, sent = client.only.parts()
                assert ({"name": "title", "filename": None, "type": None}, "Ä".encode()) == title
                assert (name, content) == (sent[0]["filename"], sent[1])
    client.server.play(as_json(REPORT))
    client.call(
        "attach_to_report",
        "report-7",
        file=b"1",
        title="",
        more=[("2.bin", b"2"), b"3"],
        pages=4,
        final=True,
        words=("one", "two"),
        source=client.package.CreateReportRequest(kind="usage"),
        timeout_=7,
    )
    parts = client.only.parts()
    assert ["title", "pages", "final", "words", "words", "timeout", "source", "file", "more", "more"] == [
        facts["name"] for facts, _ in parts
    ]
    assert [b"", b"4", b"true", b"one", b"two", b"7", b'{"kind":"usage"}', b"1", b"2", b"3"] == [
        content for _, content in parts
    ]
    assert "application/json" == parts[6][0]["type"]
    with path.open(encoding="utf-8") as text:
        for wrong in ("text", 5, text):
            with pytest.raises(TypeError, match="file must be bytes, a path"):
                client.call("attach_to_report", "report-7", file=wrong, title="")
    with pytest.raises(FileNotFoundError):
        client.call("attach_to_report", "report-7", file=tmp_path / "missing", title="")


def test_file_is_rewound(client: Client, tmp_path: Path) -> None:
    """A retry sends a file again from its beginning."""
    path = tmp_path / "file.bin"
    path.write_bytes(b"x" * 200_000)
    with path.open("rb") as opened:
        for file in (opened, path, BytesIO(b"x" * 200_000)):
            client.server.play(LOST, Answer(b"{}", 503), as_json(REPORT))
            client.call("attach_to_report", "report-7", file=file, title="t")
            assert [200_000] * 3 == [len(request.parts()[1][1]) for request in client.server.received]


def test_file_that_cannot_be_rewound(client: Client) -> None:
    """A pipe is sent in chunks, once. A failure is not repeated."""
    for answer in (as_json(REPORT), Answer(b"{}", 503)):
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as pipe:
            feeding = threading.Thread(target=feed, args=(writer,))
            feeding.start()
            client.server.play(answer)
            if answer.status == 200:
                client.call("attach_to_report", "report-7", file=pipe, title="t")
            else:
                with pytest.raises(client.package.ServerError) as raised:
                    client.call("attach_to_report", "report-7", file=pipe, title="t")
                assert ["The request was not repeated, because a file cannot be rewound."] == raised.value.__notes__
            feeding.join()
        assert "chunked" == client.only.headers["transfer-encoding"]
        assert 300_000 == len(client.only.parts()[1][1])


def feed(descriptor: int) -> None:
    """Write into a pipe, and close it."""
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(b"x" * 300_000)


def test_file_that_fails(client: Client) -> None:
    """The exception of a file reaches the caller, and the request is not repeated."""

    class Failing(BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        client.call("attach_to_report", "report-7", file=Failing(b"x" * 10), title="t")


def test_deprecation(client: Client) -> None:
    """A call of a deprecated operation warns once, at the line of the caller. Others do not warn."""
    client.server.play(Answer(status=204))
    calls: list[Callable[[], Any]] = [
        lambda: client.api.delete_report("report-7", force=True),
        lambda: client.low("delete_report", "report-7"),
    ]
    for call in calls:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            client.run(call())
        (warning,) = caught
        assert (DeprecationWarning, __file__) == (warning.category, warning.filename)
        assert "delete_report is deprecated." == str(warning.message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.call("ping_reports")
    assert "Deprecated. Whether to delete it at once." in client.api.delete_report.__doc__


def test_docs(package: ModuleType) -> None:
    """The docs mark what is deprecated, and name the exceptions of a range of statuses."""
    page = Path(package.__file__ or "").parents[1].joinpath("docs", "ReportAPI.md").read_text("utf-8")
    assert "Delete a report. (deprecated)" in page
    assert "Deprecated. Whether to delete it at once." in page
    assert "[APIStatusError](client-exceptions.md#apistatuserror) or a subclass | Status 4XX" in page
    assert "api.iter_report_pages(name='report-7', language='en', max_items=5)" in page
