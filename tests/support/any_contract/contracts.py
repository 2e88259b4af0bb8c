"""Judges one contract: it is refused with places and plain words, or its package works."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field, frozen

from scripts.openapi.contract import Contract
from scripts.openapi.loading import load
from tests.support.wire import Wire

from .packages import PackageJudge, imported
from .refusals import regenerated


@frozen
class Judgement:
    """The outcome of a contract."""

    note: str
    """How the contract was made."""
    outcome: str
    """generated, refused or traceback."""
    rules: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    requests: int = 0
    """The number of requests that arrived as they should, or not."""
    undrawn: int = 0
    stderr: str = field(default="", repr=False)
    seconds: float = 0.0
    """CPU time."""


@define
class ContractJudge:
    """Judges contracts in a folder, with a server that records requests."""

    folder: Path
    wire: Wire
    runner: asyncio.Runner
    whole_every: int = 0
    """After how many contracts the other programs run, too: ruff, and mypy for a generated package; 0 means never."""
    count: int = 0

    def judge(
        self, document: Any, note: str, *, only: Sequence[str] | None = None, whole: bool | None = None
    ) -> Judgement:
        """Judge a document; `only` limits the requests to some operationIds."""
        self.count += 1
        if whole is None:
            whole = self.whole_every > 0 and self.count % self.whole_every == 0
        spec, output = self.folder / "openapi.yaml", self.folder / "out" / "generated"
        shutil.rmtree(output.parent, ignore_errors=True)
        spec.write_text(json.dumps(document, indent=1), "utf-8")
        began = time.process_time()
        run = regenerated(spec, output, whole=whole)
        outcome = {0: "generated", 1: "refused", None: "traceback"}.get(run.code, "refused")
        faults, requests, undrawn = list(run.faults), 0, 0
        if run.code == 0:
            seed = Random(note)
            try:
                contract = Contract(load(spec).document, spec)
                with imported(output) as package:
                    judge = PackageJudge(contract, package, self.wire, self.runner, seed)
                    faults += dict.fromkeys(judge.faults(only))
                    judge.close()
                    requests, undrawn = judge.cases, judge.undrawn
            except Exception as error:  # The package cannot be used.
                faults.append(f"package: {type(error).__name__}: {str(error)[:300]}")
            if whole:
                faults += self._mistyped(output)
        return Judgement(
            note, outcome, run.rules, tuple(faults), requests, undrawn, run.stderr, time.process_time() - began
        )

    def _mistyped(self, output: Path) -> list[str]:
        cache = self.folder / "mypy-cache"
        options = ["--strict", "--config-file=", f"--cache-dir={cache}", "--no-error-summary"]
        program = [sys.executable, "-m", "mypy", *options, str(output / "openai_batch_client")]
        ended = subprocess.run(program, capture_output=True, text=True, check=False)
        return [f"mypy: {line[-300:]}" for line in ended.stdout.splitlines()[:5]] if ended.returncode else []


def summary(judgements: Sequence[Judgement]) -> list[str]:
    """The numbers of outcomes, of refusals by rule, and of faults by kind."""
    outcomes = Counter(one.outcome for one in judgements)
    rules = Counter(rule for one in judgements for rule in one.rules)
    faults = Counter(fault.partition(":")[0] for one in judgements for fault in one.faults)
    lines = [", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))]
    lines += [f"refused by {rule}: {count}" for rule, count in rules.most_common()]
    return lines + [f"fault {kind}: {count}" for kind, count in sorted(faults.items())]
