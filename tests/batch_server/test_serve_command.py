"""scripts/serve explains in one sentence why it cannot start."""

from typing import Any

import pytest

from scripts.batch_server import __main__ as command
from scripts.batch_server.running import listening_socket


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "not YAML"), ("openapi: 3.1.0\n", "is not a contract"), (None, "No such file")]
)
def test_invalid_contract(tmp_path: Any, capsys: pytest.CaptureFixture[str], text: str | None, message: str) -> None:
    """A contract that cannot be served prints one sentence and exits with code 1."""
    spec = tmp_path / "openapi.yaml"
    if text is not None:
        spec.write_text(text)

    assert 1 == command.main(["--spec", str(spec), "--port", "0"])
    assert message in capsys.readouterr().err


def test_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    """A port in use prints one sentence with the port and the option that changes it, and exits with code 1."""
    with listening_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        assert 1 == command.main(["--port", str(port)])
    sentence = f"scripts/serve: port {port} is in use; choose another with --port, or 0 for any free port\n"
    assert sentence == capsys.readouterr().err
