"""Records the exchanges of an HTTP client with a service as files in the form of tests/exchanges/, without secrets."""

import datetime
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import yaml
from attrs import define

from scripts.openapi import loading
from scripts.openapi.contract import Contract, ContractOperation

from .exchange import Answer, ExchangeFormat

# A larger response is not recorded. An exchange is a file that people read.
MAX_BYTES = 256 * 1024
# The default of httpx is too short for large uploads.
TIMEOUT_SECONDS = 60.0
# A shorter text can occur anywhere.
_SHORTEST_SECRET = 8


def new_folder(text: str) -> Path:
    """A folder that is empty, or can be created.

    Raises:
        ValueError: It is not.
    """
    folder = Path(text)
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists() or path.is_symlink())
    if not existing.is_dir():
        raise ValueError(f"{existing} is not a folder")
    if existing == folder and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty; name an empty folder, or one that does not exist")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ValueError(f"{existing} is not writable")
    return folder


class Recorder:
    """Writes a file for the first answer with each state of each operation of the contract."""

    def __init__(
        self, folder: Path, contract: Contract, client: Any, *, base_url: str, key: str, is_live: bool
    ) -> None:
        """Create a recorder.

        Args:
            folder: A folder that is empty or does not exist.
            contract: The contract with the operations.
            client: The class of the generated client.
            base_url: The URL of the service, with the paths of the operations below it.
            key: The API key, which no file may contain.
            is_live: Whether the service is not the embedded server.
        """
        self.written: list[Path] = []
        self.problems: list[str] = []
        """Why answers were not recorded."""
        self._folder = folder
        self._contract = contract
        self._base_path = httpx.URL(base_url).raw_path.decode().rstrip("/")
        self._kind, self._service = ("live", "A real service") if is_live else ("local", "The embedded server")
        self._key = key
        self._format = ExchangeFormat(contract, client, key=key)
        self._names: set[str] = set()

    @contextmanager
    def http_client(self, tell: Callable[[str], None]) -> Iterator[httpx.Client]:
        """An HTTP client whose exchanges are recorded until the context ends. `tell` gets the summary.

        Raises:
            ValueError: The folder cannot be created, or answers were not recorded.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"{self._folder} cannot be created: {error.strerror}") from None
        # Hooks keep the proxies of the environment, unlike a transport.
        hooks: dict[str, Any] = {"request": [_ask_for_plain_body], "response": [self._listen]}
        try:
            with httpx.Client(event_hooks=hooks, timeout=TIMEOUT_SECONDS) as http_client:
                yield http_client
        finally:
            tell(f"Wrote {len(self.written)} exchanges to {self._folder}. Read them before you share them.")
            for problem in self.problems:
                tell(f"Not recorded: {problem}.")
        if self.problems:
            raise ValueError("some answers were not recorded")

    def _listen(self, response: httpx.Response) -> None:
        """Record a response to an operation of the contract as soon as its body has arrived."""
        found = self._operation(response.request)
        if found and not 300 <= response.status_code < 400 and isinstance(response.stream, httpx.SyncByteStream):
            request, status, headers = response.request, response.status_code, response.headers
            response.stream = _Listened(
                response.stream, lambda content: self._record(Answer(*found, request, status, headers, content))
            )

    def _operation(self, request: httpx.Request) -> tuple[ContractOperation, dict[str, str]] | None:
        """The operation of a request, if it takes and returns JSON, and the values in its path."""
        path = request.url.raw_path.decode().partition("?")[0].removeprefix(self._base_path)
        # A path without parameters comes first.
        for operation in sorted(self._contract.operations, key=lambda one: one.path.count("{")):
            pattern = re.sub(r"\\\{[^}]*\}", "([^/]+)", re.escape(operation.path))
            match = re.fullmatch(pattern, path)
            if match and operation.method == request.method:
                names = re.findall(r"\{([^}]*)\}", operation.path)
                takes_json = bool(operation.request_schema) or not operation.request_body
                values = dict(zip(names, map(unquote, match.groups()), strict=True))
                return (operation, values) if operation.response_schema and takes_json else None
        return None

    def _record(self, answer: Answer) -> None:
        # To the client, an exception would be a failure of the network.
        try:
            self._format.remember(answer)
            state = self._format.state(answer)
            name = f"{answer.operation.name}/{self._kind}-{state.replace('_', '-')}"
            if name in self._names:
                return
            self._names.add(name)
            is_compressed = answer.headers.get("content-encoding", "identity") != "identity"
            if len(answer.content) > MAX_BYTES or is_compressed:
                self.problems.append(f"{name}: the body is compressed, or larger than {MAX_BYTES // 1024} KiB")
                return
            why = f"{self._service} answers {answer.operation.name}; the status is {state}."
            self._write(name, self._format.document(answer, why, f"{self._kind}, {datetime.date.today()}"))
        except Exception as error:
            # The text of other exceptions can quote the answer.
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            self.problems.append(f"an answer to {answer.operation.name}: {reason}")

    def _write(self, name: str, exchange: Mapping[str, Any]) -> None:
        """Write a file. It is complete or absent, also after Ctrl-C."""
        text = yaml.dump(dict(exchange), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
        if loading.parse(text.encode(), name).document != exchange:
            self.problems.append(f"{name}: YAML does not keep its values")
        elif len(self._key) >= _SHORTEST_SECRET and self._key in text:
            self.problems.append(f"{name}: it would contain the API key")
        else:
            path = self._folder / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            unfinished = path.with_suffix(".unfinished")
            try:
                unfinished.write_text(text, "utf-8")
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
            self.written.append(path)


@define
class _Listened(httpx.SyncByteStream):
    """A body that a function receives, too, when all of it has arrived."""

    stream: httpx.SyncByteStream
    receive: Callable[[bytes], None]

    def __iter__(self) -> Iterator[bytes]:
        content = b""
        for chunk in self.stream:
            # The rest of a large body is not kept.
            content += chunk if len(content) <= MAX_BYTES else b""
            yield chunk
        self.receive(content)

    def close(self) -> None:
        self.stream.close()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- equal parts are written again
        return True


def _ask_for_plain_body(request: httpx.Request) -> None:
    request.headers["accept-encoding"] = "identity"
