"""The rules of scripts/regenerate name the right line and accept the extensions of other vendors."""

import re
from pathlib import Path

import pytest

from scripts.codegen import __main__ as command
from scripts.codegen.checks.validation import validate
from scripts.openapi import loading
from scripts.openapi.contract import EXTENSIONS, OPENAPI_YAML, Contract

LIMIT = "        - name: limit\n"
STATUS = "    BatchStatus:\n"
FILE = "{content: '/{id}', line: BatchRequestOutput}"


def test_duplicate_operation_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message about a duplicate operationId shows the place of the second and names the first operation."""
    text = OPENAPI_YAML.read_text("utf-8").replace("operationId: cancelBatch", "operationId: createBatch")
    spec = tmp_path / "openapi.yaml"
    spec.write_text(text, "utf-8")

    assert 1 == command.main(["--spec", str(spec), "--output", str(tmp_path / "generated")])
    (message,) = capsys.readouterr().err.splitlines()[1:]
    line = text[: text.rindex("operationId: createBatch")].count("\n") + 1
    assert message.startswith(
        f"{spec}:{line}:7: operation-id-is-unique: createBatch is also the operationId of POST /batches;"
    )


@pytest.mark.parametrize(
    ("old", "new", "correct"),
    [
        ("      x-pagination:", "      x-paginaton:", "x-pagination"),
        ("      x-create-once:", "      x-createonce:", "x-create-once"),
        ("      x-retry:", "      x_retry:", "x-retry"),
        ("      x-retry:", "      X-Retry:", "x-retry"),
        ("      x-lifecycle: {", "      x-life-cycle: {", "x-lifecycle"),
        (LIMIT, f"{LIMIT}          x-retyr: safe\n", "x-retry"),
        (STATUS, f"{STATUS}      x-lifecycles: {{}}\n", "x-lifecycle"),
        ("  x-upstream:", "  x-pagnation:", "x-pagination"),
        ("          x-file:", "          x-flie:", "x-file"),
    ],
)
def test_misspelt_extension(
    old: str, new: str, correct: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt extension is refused at its line, and the message names the correct extension."""
    text = OPENAPI_YAML.read_text("utf-8")
    assert old in text
    spec = tmp_path / "openapi.yaml"
    spec.write_text(text.replace(old, new, 1), "utf-8")
    (misspelt,) = [key for key in new.replace(":", "").split() if key.lower().startswith(("x-", "x_"))]

    assert 1 == command.main(["--spec", str(spec), "--output", str(tmp_path / "generated")])
    (message,) = capsys.readouterr().err.splitlines()[1:]
    assert f": extension-is-spelled-right: {misspelt} has no effect; did you mean {correct}?" in message
    assert misspelt in spec.read_text("utf-8").splitlines()[int(message.split(":")[1]) - 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      x-pagination:", "      x-oaiMeta: {x-retyr: safe}\n      x-pagination:"),
        ("        request_counts:\n", "        x_retry:\n          $ref: '#/components/schemas/BatchRequestCounts'\n"
         "        request_counts:\n"),
        ("          default: 20\n", "          default: 20\n          x-vendor-pagination: {}\n"),
    ],
    ids=["unlike", "property", "vendor"],
)  # fmt: skip
def test_other_extensions(old: str, new: str) -> None:
    """The rules accept unknown extensions, with all their contents, and properties with similar names."""
    text = OPENAPI_YAML.read_text("utf-8")
    assert old in text
    document = loading.parse(text.replace(old, new, 1).encode(), "openapi.yaml").document

    assert [] == validate(Contract(document, OPENAPI_YAML))


@pytest.mark.parametrize(
    ("old", "new", "rule", "message"),
    [
        ("            line: B", "            lines: x\n            line: B", "extension-has-form", "is not allowed"),
        ("            line: BatchRequestInput\n", "", "extension-has-form", '"line" is missing'),
        ("path: /files,", "path: files,", "extension-has-form", '"files" should match'),
        ("path: /files, p", "path: /files, porpoise: b, p", "extension-has-form", '"porpoise" is not allowed here'),
        ("content: /files/{file_id}/", "content: /files/", "extension-has-form", '"/files/content" should match'),
        ("content: /files/{file_id}/", "content: /{a}/{b}/", "extension-has-form", '"/{a}/{b}/content" should match'),
        ("max_lines: 50000", "max_lines: 0", "extension-has-form", "0 should be 1 or more"),
        ("max_bytes: 209715200", "max_bytes: 200 MB", "extension-has-form", '"200 MB" should be of type integer'),
        ("equal: { url: endpoint }", "equal: {}", "extension-has-form", "{} should have at least 1 field"),
        (STATUS, f"{STATUS}      x-file: {FILE}\n", "extension-has-form", "x-file must be on a property"),
        ("        created_at:\n", f"        created_at:\n          x-file: {FILE}\n", "extension-has-form",
         "the property must be a string"),
        ("line: BatchRequestInput\n", "line: Batch\n", "file-exists", "'custom_id' is not a required string of Batch"),
        ("line: BatchRequestInput\n", "line: Nothing\n", "file-exists", "'Nothing' is not a component"),
        ("unique: custom_id", "unique: body", "file-exists", "'body' is not a required string of BatchRequestInput"),
        ("equal: { url:", "equal: { path:", "file-exists", "'path' is not a required string of BatchRequestInput"),
        ("url: endpoint }", "url: end }", "file-exists", "'end' is not a field beside the property"),
    ],
)  # fmt: skip
def test_invalid_file(old: str, new: str, rule: str, message: str) -> None:
    """x-file with a wrong form, or with a name that does not exist, is refused."""
    text = OPENAPI_YAML.read_text("utf-8")
    assert old in text
    document = loading.parse(text.replace(old, new, 1).encode(), "openapi.yaml").document
    violations = validate(Contract(document, OPENAPI_YAML))

    assert {rule} == {violation.rule for violation in violations}
    assert any(message in violation.message for violation in violations), violations


def test_extensions_are_described() -> None:
    """The header of openapi.yaml describes every extension, and no other."""
    head = OPENAPI_YAML.read_text("utf-8").partition("\nopenapi:")[0]

    assert list(EXTENSIONS) == re.findall(r"^#   (x-[a-z-]+) ", head, re.MULTILINE)
