"""The pytest plugin that measures the coverage of openapi.yaml, and reports it after a run of all tests."""

from functools import wraps
from typing import Any

import pytest

from openai_batch_client._runtime import async_client, client, parsing
from scripts.batch_server.contract_validation import ContractValidator
from scripts.openapi.contract import OPENAPI_YAML, Contract
from scripts.openapi.loading import load
from tests.support.coverage import Coverage, missing

REASONS = "tests/project/uncovered.yaml"
_coverage = Coverage(Contract.load())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that prints the coverage of some tests."""
    parser.addoption("--contract-coverage", action="store_true", help="print the coverage of openapi.yaml by the tests")


def pytest_configure(config: pytest.Config) -> None:
    """Record each request that is validated against openapi.yaml, and each response that a client reads."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    originals: dict[str, Any] = {
        "init": ContractValidator.__init__,
        "request": ContractValidator.request,
        "parse": parsing.parse,
    }

    @wraps(originals["init"])
    def init(self: Any, contract: Contract) -> None:
        originals["init"](self, contract)
        self.is_of_project = contract.path == OPENAPI_YAML

    @wraps(originals["request"])
    def request(self: Any, message: Any) -> Any:
        if self.is_of_project:
            _coverage.add_request(message.method, message.target, message.body)
        return originals["request"](self, message)

    @wraps(originals["parse"])
    def parse(sent: Any, answer: Any, *options: Any) -> Any:
        _coverage.add_response(sent.operation.id, answer.status_code, answer.headers, answer.content)
        return originals["parse"](sent, answer, *options)

    patch.setattr(ContractValidator, "__init__", init)
    patch.setattr(ContractValidator, "request", request)
    patch.setattr(client, "parse", parse)
    patch.setattr(async_client, "parse", parse)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Send the statements of a worker to the main process, which fails a run of all tests if statements are missing."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["coverage"] = sorted(_coverage.seen)
    elif _has_all_tests(session.config) and exitstatus == pytest.ExitCode.OK and unexplained(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the statements of a worker."""
    _coverage.seen |= {(statement, way) for statement, way in getattr(node, "workeroutput", {}).get("coverage", ())}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """After a run of all tests, print the coverage, and each statement that was not shown without a reason."""
    if not (_has_all_tests(config) or config.option.contract_coverage):
        return
    ways, uncovered, lines = sum(map(len, _coverage.statements().values())), missing(_coverage), unexplained(config)
    terminalreporter.section("coverage of openapi.yaml")
    terminalreporter.write_line(
        f"{ways - len(uncovered):,} of {ways:,} statements, each met and violated where it can be; "
        f"{len(uncovered) - len(lines)} have a reason in {REASONS}"
    )
    for line in lines:
        terminalreporter.write_line(f"NOT SHOWN {line}")


def unexplained(config: pytest.Config) -> list[str]:
    """The statements that no message showed and that have no reason."""
    reasons: dict[str, str] = load(config.rootpath / REASONS).document
    return [statement for statement in missing(_coverage) if statement not in reasons]


def _has_all_tests(config: pytest.Config) -> bool:
    is_part = config.option.keyword or config.option.markexpr or config.option.collectonly
    return config.args == config.getini("testpaths") and not is_part
