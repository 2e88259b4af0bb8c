"""The rule about all extensions that have no rule of their own."""

from collections.abc import Collection

from scripts.openapi.pointers import below
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind, Rule

from .rule import Findings, rule

# Conventions of other projects. They have their own rules.
_JUDGED = {"x-sunset", "x-stability-level", "x-extensible-enum"}


def extension_rule(judged: Collection[str]) -> Rule:
    """Return the rule about all extensions except `_JUDGED` and `judged`, which have their own rules."""

    @rule(PairKind.EXTENSIONS, Effect.DESCRIBES)
    def extension_changed(pair: Pair[Object]) -> Findings:
        """An extension without a rule of its own changed.

        Only callers that read the extension notice the change.
        """
        names = {name for side in (pair.old, pair.new) for name in side if str(name).startswith("x-")}
        names -= _JUDGED | set(judged)
        if pair.new.get("x-extensible-enum") is None and pair.old.get("x-extensible-enum") is not None:
            # The rules about the list report its values, but not the removal of the whole list.
            names.add("x-extensible-enum")
        changed = sorted(
            name for name in names if canonical_json(pair.old.get(name)) != canonical_json(pair.new.get(name))
        )
        if changed:
            old, new = ({name: side.get(name) for name in changed} for side in (pair.old, pair.new))
            listing = ", ".join(changed)
            at = [below(pointer or "", changed[0]) for pointer in (pair.old_pointer, pair.new_pointer)]
            yield Change(f"{listing} changed", old, new, at[0], at[1], subject=listing)

    return extension_changed
