"""The structural rule: each keyword of a contract has an effect, or cannot have one. keywords.yaml is its table."""

from difflib import get_close_matches

from scripts.openapi.contract import Contract
from scripts.openapi.pointers import below

from .catalogue import Violations, rule
from .extension_rules import similar_extension
from .kinds import TABLE, places, verdict


@rule
def keyword_is_supported(contract: Contract) -> Violations:
    """Each keyword is used, describes something, or limits values. CONTRIBUTING lists all supported keywords."""
    for place in places(contract):
        for keyword in place.node:
            if keyword.startswith("x-") or similar_extension(keyword):
                continue
            word, advice = verdict(place.kind, keyword)
            if word == "refused":
                yield below(place.pointer, keyword), f"{keyword} is not supported; {advice}"
            elif not word:
                similar = get_close_matches(keyword, TABLE[place.kind], 1)
                advice = f"did you mean {similar[0]}?" if similar else "remove it, or begin its name with x-"
                yield below(place.pointer, keyword), f"{keyword!r} is no keyword of a {place.kind}; {advice}"
