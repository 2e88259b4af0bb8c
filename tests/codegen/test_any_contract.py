"""Any contract is generated and right on the wire, or refused by rule and place; there is no third outcome.

The contracts are random edits of our contract, and our contract with an operation of another document: with each
operation of operations.yaml, and of the document that the option `--contract FILE` names.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from scripts.openapi.contract import Contract
from tests.support.any_contract.contracts import ContractJudge, Judgement
from tests.support.any_contract.edits import edited
from tests.support.any_contract.foreign_operations import Foreign, operations_of, read, transplanted
from tests.support.sampling import IS_DEEP
from tests.support.twin import Tally
from tests.support.wire import Wire

CONTRACT = dict(Contract.load().document)
# The usual run tries a few edits and an eighth of the operations, always the same. The weekly run tries all.
SEEDS = range(1_000 if IS_DEEP else 20)
SHARE = 1 if IS_DEEP else 8
# Other programs, such as mypy, run after the generation of every twentieth contract of the weekly run.
WHOLE_EVERY = 20 if IS_DEEP else 0

DOCUMENT = read(Path(__file__).with_name("operations.yaml"))
SHAPES = operations_of(DOCUMENT)
SAMPLE = Random(17).sample(SHAPES, len(SHAPES) // SHARE)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try each operation of the document that `--contract` names, as it is and with names for its inline schemas."""
    if "published" in metafunc.fixturenames:
        file = metafunc.config.getoption("--contract")
        found = operations_of(read(Path(file))) if file else []
        skip = pytest.mark.skip(reason="name an OpenAPI document with --contract FILE to try each of its operations")
        cases = [pytest.param(one, id=one.label) for one in found] or [pytest.param(None, id="none", marks=skip)]
        metafunc.parametrize("published", cases)
        metafunc.parametrize("named", [False, True], ids=["inline", "named"])


@pytest.fixture(scope="module")
def contract_judge(tmp_path_factory: pytest.TempPathFactory, wire: Wire) -> Iterator[ContractJudge]:
    """A judge with a folder and a server."""
    with asyncio.Runner() as runner:
        yield ContractJudge(tmp_path_factory.mktemp("contract"), wire, runner, WHOLE_EVERY)


Record = Callable[[Judgement], None]


@pytest.fixture
def record(judged: Callable[[str, str], Tally]) -> Record:
    """A function that counts a contract by its outcome, and fails for a fault."""

    def count(judgement: Judgement) -> None:
        judged("any contract", f"contracts {judgement.outcome}").cases += 1
        judged("any contract", "requests that fit the arguments, and results that fit").cases += judgement.requests
        assert () == judgement.faults, f"{judgement.note}\n{judgement.stderr}"

    return count


@pytest.mark.parametrize("seed", SEEDS)
def test_edited_contract(seed: int, contract_judge: ContractJudge, record: Record) -> None:
    """A contract with random edits has one of the two outcomes."""
    document, note = edited(CONTRACT, seed)

    record(contract_judge.judge(document, note))


@pytest.mark.parametrize("foreign", SAMPLE, ids=lambda foreign: foreign.label)
def test_shape(foreign: Foreign, contract_judge: ContractJudge, record: Record) -> None:
    """The contract with an operation of operations.yaml is generated, or refused if the file says so."""
    document, name = transplanted(CONTRACT, foreign)

    judgement = contract_judge.judge(document, foreign.label, only=[name])

    record(judgement)
    assert judgement.outcome == ("refused" if name in DOCUMENT["x-refused"] else "generated"), judgement.stderr


def test_published_operation(published: Foreign, named: bool, contract_judge: ContractJudge, record: Record) -> None:
    """The contract with an operation of a published document has one of the two outcomes."""
    document, name = transplanted(CONTRACT, published, named=named)

    record(contract_judge.judge(document, published.label, only=[name]))
