"""Other names in the contract need no other edit: the server, the demo and the tests follow."""

from pathlib import Path

import pytest

from scripts.batch_server.client_names import BatchNames
from scripts.openapi.contract import Contract
from tests.support import project_copy, renaming

CONTRACT = Contract.load()
MODULES = ("batch_server/test_demo.py", "batch_server/test_generated_client.py")


@pytest.mark.parametrize("operation", renaming.OPERATIONS)
def test_operation_is_found(operation: str, tmp_path: Path) -> None:
    """Each operation keeps its role under another name."""
    spec = tmp_path / "openapi.yaml"
    spec.write_text(renaming.renamed(CONTRACT, {operation: renaming.OPERATIONS[operation]}), "utf-8")
    names, renamed = BatchNames.of(CONTRACT), BatchNames.of(Contract.load(spec))

    for role in ("create", "retrieve", "cancel", "list"):
        old = getattr(names, role).id
        assert (renaming.OPERATIONS[old] if old == operation else old) == getattr(renamed, role).id


def test_everything_renamed(tmp_path: Path) -> None:
    """With other names of all operations, parameters and schemas, the tag and the path, demo and server work."""
    root = project_copy.copied(tmp_path)
    root.joinpath("openapi.yaml").write_text(renaming.renamed(CONTRACT, everything=True), "utf-8")
    generated = project_copy.run(root, "-m", "scripts.codegen")
    assert generated.returncode == 0, generated.stderr
    ended = project_copy.pytest(root, *(f"tests/{module}" for module in MODULES))

    assert ended.returncode == 0, ended.stdout + ended.stderr
