"""The command behind scripts/serve."""

import argparse
import contextlib
import errno
import sys
from pathlib import Path

import uvicorn

from scripts.openapi.contract import OPENAPI_YAML, Contract
from scripts.openapi.loading import LoadError

from .app import create_app
from .clock import Clock
from .running import base_url, bound


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/serve", description="A Batch API on this machine, for trying things out."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--key", default="sk-local", help="the API key that clients must send (default: %(default)s)")
    parser.add_argument(
        "--speed",
        type=float,
        default=60.0,
        help="how many times faster than real its clock runs; 0: stepped by POST /-/clock (default: %(default)s)",
    )
    parser.add_argument("--spec", type=Path, default=OPENAPI_YAML, help="another contract")
    options = parser.parse_args(arguments)
    try:
        contract = Contract.load(options.spec)
        app = create_app(contract, key=options.key, clock=Clock(options.speed))
        listener = bound(options.host, options.port)
    except LoadError as error:
        return _failed(str(error))
    except (KeyError, TypeError, StopIteration) as error:
        return _failed(f"{options.spec} is not a contract that can be served: {type(error).__name__} {error}")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _failed(f"port {options.port} is in use; --port takes another one, 0 any that is free")
        return _failed(f"{error}")
    url = base_url(contract, listener.getsockname()[1], options.host)
    print(f"A Batch API is at {url}; Ctrl-C ends it. In another terminal:")
    print(f"  export OPENAI_BASE_URL={url} OPENAI_API_KEY={options.key}", flush=True)
    with listener, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(app, log_level="info", lifespan="off")).run([listener])
    return 0


def _failed(sentence: str) -> int:
    print(f"scripts/serve: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
