"""The contract drives client, docs, server and tests: an addition to openapi.yaml needs no other edit."""

import json
from pathlib import Path

import pytest

from scripts.openapi.contract import Contract
from tests.support import project_copy
from tests.support.grown import ADDITIONS, extended_contract
from tests.support.mypy_cache import copied
from tests.support.sampling import sample

# Test modules that read their cases from the contract.
CONTRACT_TESTS = (
    ("client/test_requests", "project/test_contract"),
    ("client/test_responses", "batch_server/test_generated_client", "batch_server/test_server_state_machine"),
    ("client/test_damage", "codegen/test_docs"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A regenerated copy of this project with the extended contract."""
    root = project_copy.copied(tmp_path_factory.mktemp("grown"))
    root.joinpath("openapi.yaml").write_text(json.dumps(extended_contract(), indent=1), "utf-8")
    ended = project_copy.run(root, "-m", "scripts.codegen")
    assert ended.returncode == 0, ended.stderr
    return root


@pytest.mark.parametrize("modules", sample(CONTRACT_TESTS, 3), ids="-".join)
def test_contract_tests_pass(project: Path, modules: tuple[str, ...]) -> None:
    """Client, docs and embedded server pass their tests with the extended contract."""
    ended = project_copy.pytest(project, *(f"tests/{module}.py" for module in modules))

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_additions_are_tested(project: Path) -> None:
    """The contract tests cover the added operations."""
    ended = project_copy.pytest(
        project, "--collect-only", "tests/client/test_requests.py", "tests/batch_server/test_generated_client.py"
    )

    for name in added_operations():
        assert ended.stdout.count(f"-{name}]") == 4


def test_missing_exchanges_are_named(project: Path) -> None:
    """The tests of the exchanges name each added operation and status without an exchange."""
    ended = project_copy.pytest(
        project, "tests/client/test_exchanges.py", "-k", "folders or every_response or every_status"
    )

    assert ended.returncode == 1
    for name in added_operations():
        assert f"test_every_response_of_an_operation_has_an_exchange[{name}]" in ended.stdout
    assert "queued" in ADDITIONS["/components/schemas/BatchStatus/enum"]
    assert "FAILED tests/client/test_exchanges.py::test_every_status_has_an_exchange" in ended.stdout


def added_operations() -> list[str]:
    """Return the Python names of the added operations."""
    existing = {operation.id for operation in Contract.load().operations}
    extended = Contract(extended_contract(), Path("openapi.yaml"))
    return [operation.name for operation in extended.operations if operation.id not in existing]


def test_types(project: Path) -> None:
    """Programs that use the additions pass mypy --strict and basedpyright, and run."""
    use = project / "use.py"
    use.write_text(
        "from openai_batch_client import AsyncReportAPI, Batch, BatchAPI, BatchCost, BatchStatus, Report, ReportAPI\n"
        "from openai_batch_client import CreateReportRequest, PageOfReport, outcome\n"
        "from openai_batch_client.api.report import delete_report\n"
        "from pathlib import Path\n"
        "from collections.abc import AsyncIterator, Iterator\n"
        "from typing import assert_type\n"
        "def use(api: BatchAPI, reports: ReportAPI, others: AsyncReportAPI, batch: Batch) -> None:\n"
        "    status: BatchStatus = 'queued'\n"
        "    assert_type(batch.cost, BatchCost)\n"
        "    assert_type(batch.queued_at, int | None)\n"
        "    assert_type(api.delete_batch('batch_1', if_match='x', keep_files=True), None)\n"
        "    assert_type(reports.iter_reports(kind='usage', made_after='2026-11-01'), Iterator[Report])\n"
        "    assert_type(others.iter_reports(), AsyncIterator[Report])\n"
        "    api.create_batch(input_file_id='f', endpoint='/v1/responses', completion_window='24h', priority=1)\n"
        "    assert_type(reports.ping_reports(), None)\n"
        "    assert_type(reports.count_reports(), int)\n"
        "    assert_type(reports.refresh_reports(), list[Report])\n"
        "    reports.refresh_reports(body={'kind': 'usage'})\n"
        "    reports.refresh_reports(body=CreateReportRequest(kind='usage'))\n"
        "    assert_type(reports.order_reports(body=('report-7',)), bool)\n"
        "    assert_type(reports.label_reports(body={'report-7': 'final'}), dict[str, str])\n"
        "    reports.schedule_reports(body=None)\n"
        "    reports.schedule_reports()  # type: ignore[call-arg]\n"
        "    assert_type(reports.print_report('report-7'), str)\n"
        "    assert_type(reports.print_report_to_path('report-7', path='text'), Path)\n"
        "    reports.create_report(kind='usage', idempotency_key='november')\n"
        "    reports.attach_to_report('report-7', file=b'', title='', more=[('a', b'')], source={'kind': 'usage'})\n"
        "    reports.attach_to_report('report-7', file='path', title='')  # type: ignore[arg-type]\n"
        "    assert_type(reports.iter_report_pages('report-7', language='en', after=3), Iterator[PageOfReport])\n"
        "    reports.delete_report('report-7')  # type: ignore[deprecated]\n"
        "    delete_report.sync('report-7', client=reports)  # type: ignore[deprecated]\n"
        "assert Batch.LIFECYCLE.successors['validating'][0] == 'queued'\n"
        "assert outcome(Batch.from_dict({'id': 'batch_1', 'status': 'queued'})) == 'running'\n"
    )
    models = project / "use_of_models.py"
    models.write_text(Path(__file__).with_name("use_of_models.txt").read_text("utf-8"), "utf-8")
    project.joinpath("pyrightconfig.json").write_text('{"extraPaths": ["generated"], "typeCheckingMode": "strict"}')
    options = ("--strict", "--enable-error-code=deprecated", "--config-file=", f"--cache-dir={copied(project)}")
    for arguments in (
        ["-m", "mypy", *options, str(use), str(models)],
        ["-m", "basedpyright", "--level=error", "-p", str(project / "pyrightconfig.json"), str(models)],
        [str(use)],
        [str(models)],
    ):
        ended = project_copy.run(project, *arguments)
        assert 0 == ended.returncode, ended.stdout + ended.stderr
