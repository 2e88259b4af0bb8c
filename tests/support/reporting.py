"""Reports for tests, with ordinary and with hostile texts."""

from typing import Any

from attrs import evolve

from scripts.specdiff.engine.effects import Direction, Impact, Verdict
from scripts.specdiff.findings import Finding, Witness
from scripts.specdiff.report import PythonChange, Report
from scripts.specdiff.version import Version

OLD = """\
Batch:
  required:
  - id
  - status
  properties:
    id:
      type: string
    status:
      enum:
      - new
      - <done>
"""
NEW = OLD.replace("- <done>", "- <ended>\n      - lost").replace("  - id\n", "")
HOSTILE = {
    "script": "<script>window.pwned = 1</script>",
    "attribute": "\"'><img src=x onerror='window.pwned = 1'>",
    "closing": "--></details></style></table>`</code>",
    "style": "</style><style>*{display:none}</style>",
    "terminal": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "command": "x\n::error::injected\r\n##[error]injected%0A::warning::injected",
    "table": "a | b\n|---|---|\n| c | d |",
    "markdown": "[text](https://evil.example) ![image](https://evil.example/x.png) **bold** # head",
    "fence": "```\n~~~\n`one` ``two`` ```three````",
    "mention": "@octocat #1 GH-1 octo/repo#1 https://evil.example www.evil.example a@evil.example :smile:",
    "bidi": "abc\u202e\u2066fed\u2028\u200b\ufeff",
    "surrogate": "lone \ud800 half",
    "entity": "&lt;b&gt; &#60;script&#62; &amp;",
    "long": "x<`|" * 25_000,
}
"""Hostile texts of a contract, by their method."""


def finding(**differing: Any) -> Finding:
    """A safe finding with the given fields changed."""
    usual = Finding(
        "property-added",
        Verdict.SAFE,
        Impact.SAFE,
        "Batch.status",
        'property "status" added',
        ("createBatch",),
        Direction.RESPONSE,
        "/components/schemas/Batch/properties/status",
        None,
        {"type": "string"},
        None,
        3,
        "0123456789ab",
    )
    return evolve(usual, **differing)


def breaking(**differing: Any) -> Finding:
    """A breaking finding with the given fields changed."""
    usual = finding(
        id="property-removed",
        verdict=Verdict.BREAKING,
        python=Impact.BREAKING,
        text='property "status" removed',
        old_line=4,
        new_line=None,
        old={"type": "string"},
        new=None,
    )
    return evolve(usual, **differing)


def report(*findings: Finding, **differing: Any) -> Report:
    """A report of these findings with the given fields changed."""
    version = Version("0.1.0", "0.1.0", "0.2.0", False)
    return evolve(Report("main:openapi.yaml", "openapi.yaml", "openapi.yaml", findings, version), **differing)


def hostile(text: str) -> Report:
    """A report in which `text` replaces every text of the contract."""
    return report(
        breaking(
            label=text,
            text=text,
            operations=(text, text),
            old={text: [text]},
            fingerprint="a" * 12,
            witness=Witness(text, f"`{text.replace('`', '')}` was accepted and is now refused."),
        ),
        finding(label=text, text=text, operations=(text,) * 5, new=text, accepted=text, fingerprint="b" * 12),
        finding(label=text, text=f'property "{text}" added', old_line=2, fingerprint="c" * 12),
        old=text,
        new=text,
        new_path=text,
        version=Version(text, text, None, None),
        python=(PythonChange("changed", Impact.BREAKING, text, text),),
        python_note=text,
        unused=(text,),
        contents=(
            f"a:\n  b: {text}\n  c:\n  - {text}\n".encode("utf-8", "replace"),
            f"a:\n  b: other\n  c: {text}\n".encode("utf-8", "replace"),
        ),
    )


def many(number: int) -> Report:
    """A report of `number` findings with different labels, half of them breaking."""
    each = (breaking if index % 2 else finding for index in range(number))
    return report(
        *(
            make(label=f"Schema{index}.name", text=f'property "name" number {index}', fingerprint=f"{index:012x}")
            for index, make in enumerate(each)
        )
    )
