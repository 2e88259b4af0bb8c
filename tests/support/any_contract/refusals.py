"""Runs scripts/regenerate in this process, and judges its messages: places, plain words, no traceback."""

import contextlib
import io
import re
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

from scripts.codegen import __main__ as command

# Words of the generator, of its libraries and of Python, which say nothing to a maintainer of the contract.
_INTERNALS = re.compile(
    r"openapi_python_client|\battrs\b|<[\w. ]+ object at 0x|\b\w*Property\b|ParseError|PropertyError|UntrustedString"
    r"|\bUnset\b|[Jj]inja|\bruff\b|\b[EFW]\d{3}\b|\.py\b|\.jinja\b|Traceback|site-packages|NoneType|\bdict_keys\b"
    r"|\b(Key|Type|Value|Attribute|Index|Runtime|Assertion|Recursion|Name|Syntax|Unicode\w*)Error\b|\bException\b"
    r"|does not match any of the regexes|do not match any of the regexes|does not match '\^"
    r"|Unevaluated properties|Failed validating|\$defs\"|\bOrderedDict\b|\bdefaultdict\b"
    r"|Unable to (parse|process)|Endpoint parsing failed|[Ii]nvented name"
)
_CATCH_ALL = re.compile(
    r"internal error|unexpected error|cannot be validated|went wrong|cannot be imported|cannot read this part",
    re.IGNORECASE,
)
_LINE = re.compile(r"(?P<file>[^\n]*?):(?P<line>\d+):(?P<column>\d+): (?:(?P<rule>[a-z0-9-]+): )?(?P<message>.+)")


@frozen
class Run:
    """The end of one run of scripts/regenerate."""

    code: int | None
    """The exit code, or None after an exception."""
    stderr: str = field(repr=False)
    faults: tuple[str, ...] = ()
    """What the run did wrong, each beginning with a short name of the kind of fault."""
    rules: tuple[str, ...] = ()
    """The rules that refused the contract."""


def regenerated(spec: Path, output: Path, *, whole: bool = False, seconds: float = 60) -> Run:
    """Generate from `spec` into `output`, and judge how the run ended.

    Args:
        spec: The contract.
        output: The folder of the package and its docs.
        whole: Whether other programs run: ruff after the generation, and Python to import the package.
        seconds: The time limit of the run.
    """
    stdout, stderr = io.StringIO(), io.StringIO()
    arguments = ["--spec", str(spec), "--output", str(output), "--time-limit", str(seconds)]
    with (
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        _programs(whole),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("always")
        for category in (DeprecationWarning, PendingDeprecationWarning, ResourceWarning):
            warnings.simplefilter("ignore", category)
        try:
            code = command.main(arguments)
        except (Exception, SystemExit) as error:  # Any exception is a traceback for the user.
            where = traceback.extract_tb(error.__traceback__)
            inside = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in where if "scripts" in frame.filename]
            text = f"{type(error).__name__}: {str(error)[:200]} at {' < '.join(reversed(inside[-3:]))}"
            return Run(None, stderr.getvalue(), (f"traceback: {' '.join(text.split())}",))
    text = stderr.getvalue()
    if code == 0:
        return Run(0, text, (f"output: a success printed: {text[:200]}",) if text else ())
    faults, rules = _judged(text, spec)
    if output.exists():
        faults.append("output: a refused contract left files")
    return Run(code, text, (*([] if code == 1 else [f"code: {code}"]), *faults), rules)


@contextlib.contextmanager
def _programs(whole: bool) -> Iterator[None]:
    """Leave out other programs, which take most of the time of a run."""
    run = subprocess.run

    def without(arguments: Any, *others: Any, **options: Any) -> Any:
        is_hook = isinstance(arguments, str) and arguments.startswith("ruff ")
        is_import = isinstance(arguments, list) and arguments[:2] == [sys.executable, "-I"]
        if is_hook or is_import:
            return subprocess.CompletedProcess(arguments, 0, b"" if is_hook else "", b"" if is_hook else "")
        return run(arguments, *others, **options)

    if not whole:
        subprocess.run = without  # type: ignore[assignment]
    try:
        yield
    finally:
        subprocess.run = run


def _judged(text: str, spec: Path) -> tuple[list[str], tuple[str, ...]]:
    written = spec.read_text("utf-8").splitlines()
    lines = text.removeprefix("scripts/regenerate: ").splitlines()
    if lines and lines[0].startswith("nothing was generated from"):
        lines = lines[1:]
    faults, rules = [], []
    if not lines:
        faults.append("place: the refusal has no line")
    for line in lines:
        match = _LINE.fullmatch(line)
        message = match["message"] if match else line
        if match is None or match["file"] != str(spec):
            faults.append(f"place: a line without file, line and column: {line[:200]}")
        else:
            row, column = int(match["line"]), int(match["column"])
            if not (1 <= row <= len(written) and 1 <= column <= len(written[row - 1]) + 1):
                faults.append(f"place: {row}:{column} does not exist: {line[:200]}")
            if match["rule"] is None:
                faults.append(f"rule: the line names no rule: {message[:200]}")
            rules.append(match["rule"] or "no rule")
        # A message may quote the contract, which is not the generator's text.
        said = re.sub(r"'[^']*'|\"[^\"]*\"", "''", message)
        for kind, pattern in (("internals", _INTERNALS), ("catch-all", _CATCH_ALL)):
            if found := pattern.search(said) or (kind == "internals" and pattern.search(message)):
                faults.append(f"{kind}: {found[0]!r} in: {message[:240]}")
                break
    return list(dict.fromkeys(faults)), tuple(dict.fromkeys(rules))
