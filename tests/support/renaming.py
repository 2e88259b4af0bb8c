"""Renames the parts of the contract that clients, server, docs and tests may not depend on."""

import re
from collections.abc import Mapping

from scripts.openapi.contract import Contract

OPERATIONS = {"createBatch": "openJob", "retrieveBatch": "showJob", "cancelBatch": "stopJob", "listBatches": "listJobs"}
"""Other names of the operations."""
OTHERS = {
    r"(?m)^(  )/batches": r"\1/jobs",
    r"\{batch_id\}": "{id}",
    r"name: batch_id": "name: id",
    r"(name|cursor): after$": r"\1: beyond",
    r"(name|page_size): limit$": r"\1: size",
    r"tags: \[Batch\]": "tags: [Job]",
    r"(  - name: )Batch\n": r"\1Job\n",
}
"""Replacements of the collection's path, the parameters and the tag, in the text of the contract."""


def renamed(contract: Contract, operations: Mapping[str, str] = OPERATIONS, *, everything: bool = False) -> str:
    """The text of a contract with other names of operations; with `everything`, all other names are new, too."""
    text = contract.path.read_text("utf-8")
    for old, new in operations.items():
        text = re.sub(rf"\b{old}\b", new, text)
    if everything:
        for pattern, replacement in OTHERS.items():
            text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            assert count, pattern
        for name in contract.schemas:
            new = name.replace("Batches", "Jobs").replace("Batch", "Job")
            text = re.sub(rf"(schemas/|^    |line: ){name}\b", rf"\g<1>{new}", text, flags=re.MULTILINE)
    return text
