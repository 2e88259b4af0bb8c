"""The catalogue of rules, and the page of each: what it finds, what that does, and an example."""

from scripts.openapi.contract import ROOT

from .catalogue import RULES
from .engine.effects import Direction, impact, verdict
from .engine.pairs import Rule

_CASES = ROOT / "tests" / "specdiff" / "rules"


def catalogue() -> str:
    """One line a rule: its id, the verdicts in a request and in a response, and what changed."""
    width = max(map(len, RULES))
    lines = []
    for rule in RULES.values():
        verdicts = "/".join(dict.fromkeys(verdict(rule.effect, side) for side in _SIDES))
        lines.append(f"{rule.id:{width}}  {verdicts:22}  {rule.summary}")
    return "\n".join(lines) + "\n"


_SIDES = (Direction.REQUEST, Direction.RESPONSE)


def page(rule: Rule) -> str:
    """All that is to be said of a rule."""
    lines = [rule.id, "", rule.page, "", f"Effect: {rule.effect.description}."]
    for side, words in zip(_SIDES, ("in a request", "in a response"), strict=True):
        said = f"{verdict(rule.effect, side)} on the wire, {impact(rule.python, side)} for users of the package"
        lines.append(f"  {words:13}  {said}")
    case = _CASES / f"{rule.id}.yaml"
    if case.is_file():
        lines += ["", f"Example ({case.relative_to(ROOT)}):", ""]
        lines += [f"  {line}".rstrip() for line in case.read_text("utf-8").splitlines()]
    return "\n".join(lines) + "\n"


def nearest(word: str) -> list[str]:
    """Ids of rules that somebody may have meant."""
    from difflib import get_close_matches

    return get_close_matches(word, RULES, n=3) or [name for name in RULES if word in name][:3]
