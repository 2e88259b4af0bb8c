"""The rule for values that show a change that no other rule noticed."""

from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .rule import Findings, rule


@rule(PairKind.SCHEMA, Effect.BREAKS)
def counterexample_found(pair: Pair[Schema]) -> Findings:
    """A search found a value that one document admits and the other refuses, and no other rule explains the value.

    Callers that send the value are rejected, or callers that read responses receive a value that they do not expect.
    Instead: keep admitting the value in requests, and keep responses free of the value.
    """
    # The search for witnesses, which runs after all rules, yields the findings.
    del pair
    yield from ()
