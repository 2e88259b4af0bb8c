"""The texts behind `scripts/diff --rules` and `scripts/diff --explain`."""

import re

from scripts.openapi.contract import ROOT

from .catalogue import RULES
from .engine.effects import Direction, impact, verdict
from .engine.pairs import Rule

_CASES = ROOT / "tests" / "specdiff" / "rules"


def listing() -> str:
    """Return one line per rule: its id, its verdicts in requests and responses, and its summary."""
    width = max(map(len, RULES))
    lines = []
    for rule in RULES.values():
        verdicts = "/".join(dict.fromkeys(verdict(rule.effect, side) for side in _SIDES))
        lines.append(f"{rule.id:{width}}  {verdicts:22}  {rule.summary}")
    return "\n".join(lines) + "\n"


_SIDES = (Direction.REQUEST, Direction.RESPONSE)


def page(rule: Rule) -> str:
    """Return the help page of a rule, with its case file as an example."""
    lines = [rule.id, "", rule.page, "", f"Effect: {rule.effect.description}."]
    for side, phrase in zip(_SIDES, ("in a request", "in a response"), strict=True):
        judged = f"{verdict(rule.effect, side)} for callers, {impact(rule.python, side)} for users of the package"
        lines.append(f"  {phrase:13}  {judged}")
    case = _CASES / f"{rule.id}.yaml"
    if case.is_file():
        lines += ["", f"Example ({case.relative_to(ROOT)}):", ""]
        lines += [f"  {line}".rstrip() for line in case.read_text("utf-8").splitlines()]
    return "\n".join(lines) + "\n"


def advice(name: str, *, with_package: bool = True) -> tuple[str, str]:
    """Return who notices the change that a rule finds, and the alternative. Each is empty if the rule does not say so.

    If not `with_package`, sentences about the package of this project are left out.
    """
    if name not in RULES:
        return "", ""
    _, _, rest = RULES[name].page.partition("\n")
    affected, _, instead = (" ".join(part.split()) for part in rest.partition("Instead: "))
    if not with_package:
        sentences = re.split(r"(?<=\.) ", affected)
        affected = " ".join(sentence for sentence in sentences if not re.search(r"\bpackage\b|docstring", sentence))
    return affected, instead[:1].upper() + instead[1:]


def nearest(word: str) -> list[str]:
    """Return the ids of rules that are similar to an unknown id."""
    from difflib import get_close_matches

    return get_close_matches(word, RULES, n=3) or [name for name in RULES if word in name][:3]
