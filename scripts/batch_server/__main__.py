"""scripts/serve: runs the embedded server in the foreground, to try out a client without an account."""

import argparse
import contextlib
import errno
import ipaddress
import sys
from pathlib import Path

import uvicorn
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from scripts.openapi.contract import OPENAPI_YAML, Contract
from scripts.openapi.loading import LoadError

from .app import create_app
from .clock import ServerClock
from .running import base_url, listening_socket, uvicorn_config


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/serve",
        description="Run a Batch API on this machine, to try out a client. Files and batches are in memory only: "
        "nothing is kept when the server stops.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="port; 0 means any free port (default: %(default)s)")
    parser.add_argument("--key", default="sk-local", help="the API key that clients must send (default: %(default)s)")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=60.0,
        help="seconds of its clock for each real second; with 0 the clock stands still (default: %(default)s). "
        'POST /-/clock with {"step": 600} steps the clock by 600 seconds. '
        'POST /-/status with {"id": "...", "status": "..."} leads an object to a status',
    )
    parser.add_argument("--spec", type=Path, default=OPENAPI_YAML, help="contract to serve (default: openapi.yaml)")
    options = parser.parse_args(arguments)
    try:
        contract = Contract.load(options.spec)
        app = create_app(contract, key=options.key, clock=ServerClock(options.speed))
        listener = listening_socket(options.host, options.port)
    except LoadError as error:
        return _fail(str(error))
    except (LookupError, TypeError, OpenAPIValidationError) as error:
        reason = str(error).partition("\n")[0]
        return _fail(f"{options.spec} is not a contract that can be served: {type(error).__name__} {reason}")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _fail(f"port {options.port} is in use; choose another with --port, or 0 for any free port")
        return _fail(f"{error.filename or f'--host {options.host}'}: {error.strerror}")
    if not ipaddress.ip_address(listener.getsockname()[0]).is_loopback:
        print(
            f"scripts/serve: warning: other machines can reach this server, because --host is {options.host}. "
            f"It is made for tests, and its key {options.key} may be known: see --key.",
            file=sys.stderr,
        )
    url = base_url(contract, listener.getsockname()[1], options.host)
    print(f"The Batch API is at {url}; Ctrl-C stops it. In another terminal:")
    print(f"  export OPENAI_BASE_URL={url} OPENAI_API_KEY={options.key}", flush=True)
    with listener, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn_config(app, log_level="info")).run([listener])
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 65535")
    return int(text)


def _speed(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (speed := float(text)) < float("inf"):
            return speed
    raise argparse.ArgumentTypeError(f"{text} is not a number of at least 0")


def _fail(sentence: str) -> int:
    print(f"scripts/serve: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
