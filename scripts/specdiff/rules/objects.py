"""Properties of objects and items of arrays: which there are, which must be, and what else is admitted."""

import re
from collections.abc import Mapping

from scripts.specdiff.document import as_list, as_map, spelled
from scripts.specdiff.effects import Effect, Reach
from scripts.specdiff.sites import Change, Pair

from .catalogue import Findings, listed, matters, rule, shown


@rule("property", Effect.ADDS, Reach.GROWS)
def property_added(pair: Pair) -> Findings:
    """An object gains a property that may be left out, or one that responses always have.

    Nobody has to notice. Users of the package gain an argument or an attribute.
    """
    new = pair.new
    if pair.is_new and not new.required and not new.owner.is_closed:
        yield Change(f"property {shown(new.name)} added", None, _written(pair))


@rule("property", Effect.NARROWS, Reach.BREAKS_ARGUMENTS)
def required_property_added(pair: Pair) -> Findings:
    """An object gains a property that must be there.

    Writers that do not know it are refused, even where there is a default: required is required.
    Instead: add it as one that may be left out.
    """
    if pair.is_new and pair.new.required and not pair.new.owner.is_closed:
        yield Change(f"required property {shown(pair.new.name)} added", None, _written(pair))


@rule("property", Effect.MAY_WIDEN, Reach.GROWS)
def property_added_to_closed(pair: Pair) -> Findings:
    """An object that admitted no other properties gains one that may be left out.

    Readers that took the old contract at its word, and refuse what it does not declare, fail.
    Instead: leave objects in responses open.
    """
    if pair.is_new and pair.new.owner.is_closed and not pair.new.required:
        yield Change(f"property {shown(pair.new.name)} added to a closed object", None, _written(pair))


@rule("property", Effect.REFUSES, Reach.BREAKS_ARGUMENTS)
def required_property_added_to_closed(pair: Pair) -> Findings:
    """An object that admitted no other properties gains one that must be there.

    Writers that do not know it are refused, and readers that refuse what is not declared fail.
    Instead: add it as one that may be left out, and leave objects in responses open.
    """
    if pair.is_new and pair.new.owner.is_closed and pair.new.required:
        yield Change(f"required property {shown(pair.new.name)} added to a closed object", None, _written(pair))


@rule("property", Effect.UNSETTLES, Reach.BREAKS)
def property_removed(pair: Pair) -> Findings:
    """An object loses a property that could be left out.

    What writers send for it goes unheard, and readers that use it when it is there find it no more.
    Instead: deprecate it first.
    """
    if pair.is_gone and not pair.old.required and not pair.old.owner.is_closed:
        yield Change(f"property {shown(pair.old.name)} removed", _written(pair), None)


@rule("property", Effect.WITHDRAWS, Reach.BREAKS)
def required_property_removed(pair: Pair) -> Findings:
    """An object loses a property that had to be there.

    Readers rely on it and fail. What writers send for it goes unheard.
    Instead: deprecate it, and keep it in responses.
    """
    if pair.is_gone and pair.old.required and not pair.old.owner.is_closed:
        yield Change(f"required property {shown(pair.old.name)} removed", _written(pair), None)


@rule("property", Effect.BREAKS, Reach.BREAKS)
def property_refused(pair: Pair) -> Findings:
    """A closed object loses a property, so that it may not be there any more.

    Writers that send it are refused, and readers find it no more.
    Instead: deprecate it first, and go on accepting it.
    """
    if pair.is_gone and pair.old.owner.is_closed:
        yield Change(f"property {shown(pair.old.name)} removed from a closed object", _written(pair), None)


@rule("property", Effect.UNSETTLES, Reach.BREAKS)
def property_renamed(pair: Pair) -> Findings:
    """A property that could be left out has another name, and is otherwise the same.

    What writers send under the old name goes unheard, and readers find nothing there.
    Instead: add the new name beside the old one, and deprecate the old one.
    """
    if pair.is_both and pair.old.name != pair.new.name and not (pair.old.required or pair.new.required):
        yield _renamed(pair)


@rule("property", Effect.BREAKS, Reach.BREAKS)
def required_property_renamed(pair: Pair) -> Findings:
    """A property that must be there has another name, and is otherwise the same.

    Writers of the old name are refused, and readers find nothing there.
    Instead: add the new name beside the old one, and deprecate the old one.
    """
    if pair.is_both and pair.old.name != pair.new.name and (pair.old.required or pair.new.required):
        yield _renamed(pair)


def _renamed(pair: Pair) -> Change:
    text = f"property {shown(pair.old.name)} is now called {shown(pair.new.name)}"
    return Change(text, pair.old.name, pair.new.name, subject=pair.old.name)


@rule("property", Effect.NARROWS, Reach.BREAKS_ARGUMENTS)
def property_became_required(pair: Pair) -> Findings:
    """A property must be there, and could be left out before.

    Writers that leave it out are refused, even where there is a default; readers notice nothing.
    Instead: go on doing without it in requests.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        yield Change(f"property {shown(pair.new.name)} is now required", False, True)


@rule("property", Effect.WIDENS, Reach.BREAKS_READERS)
def property_became_optional(pair: Pair) -> Findings:
    """A property can be left out, and had to be there before.

    Readers that rely on it fail; writers notice nothing.
    Instead: go on sending it in responses.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        yield Change(f"property {shown(pair.new.name)} may be left out", True, False)


@rule("direction", Effect.MAY_NARROW)
def became_read_only(pair: Pair) -> Findings:
    """A property is only read: what requests say of it goes unheard.

    Writers that send it may be refused; readers notice nothing.
    Instead: go on accepting it in requests.
    """
    if pair.is_both and pair.new.read_only and not pair.old.read_only:
        yield Change("it is read only", False, True)


@rule("direction", Effect.MAY_NARROW)
def became_writable(pair: Pair) -> Findings:
    """A property is no longer only read: requests may have it, and must if it is required.

    Writers that leave a required one out may be refused; readers notice nothing.
    Instead: let requests do without it.
    """
    if pair.is_both and pair.old.read_only and not pair.new.read_only:
        yield Change("it is no longer read only", True, False)


@rule("direction", Effect.MAY_WIDEN)
def became_write_only(pair: Pair) -> Findings:
    """A property is only written: responses have it no more.

    Readers that use it find nothing; writers notice nothing.
    Instead: go on sending it in responses.
    """
    if pair.is_both and pair.new.write_only and not pair.old.write_only:
        yield Change("it is write only", False, True)


@rule("direction", Effect.MAY_WIDEN)
def became_readable(pair: Pair) -> Findings:
    """A property is no longer only written: responses may have it.

    Readers that refuse what they do not know may fail; writers notice nothing.
    Instead: leave objects in responses open.
    """
    if pair.is_both and pair.old.write_only and not pair.new.write_only:
        yield Change("it is no longer write only", True, False)


def _written(pair: Pair) -> object:
    side = 1 if pair.is_new else 0
    property_ = pair.new if pair.is_new else pair.old
    return pair.documents[side].find(property_.schema.pointer)


def _undeclared(pair: Pair) -> tuple[set[str], set[str]]:
    """Names that are required and declared on neither side, before and after."""
    old, new = pair.old, pair.new
    return {name for name in old.required if name not in old.properties and name not in new.properties}, {
        name for name in new.required if name not in old.properties and name not in new.properties
    }


@rule("schema", Effect.MAY_NARROW)
def undeclared_property_required(pair: Pair) -> Findings:
    """A property that is not declared must be there.

    Writers that do not know it are refused.
    Instead: declare it as one that may be left out.
    """
    old, new = _undeclared(pair)
    if added := sorted(new - old):
        yield Change(f"{listed(added)} must be there, and is not declared", None, added, subject=spelled(added))


@rule("schema", Effect.MAY_WIDEN)
def undeclared_property_not_required(pair: Pair) -> Findings:
    """A property that is not declared need not be there any more.

    Readers that rely on it fail.
    Instead: go on sending it in responses.
    """
    old, new = _undeclared(pair)
    if gone := sorted(old - new):
        yield Change(f"{listed(gone)} need not be there any more", gone, None, subject=spelled(gone))


# What constrains values of a type when it is there, and a name for it.
_HELD = {
    "additionalProperties": ("object", "other properties"),
    "unevaluatedProperties": ("object", "properties that nothing else speaks of"),
    "unevaluatedItems": ("array", "items that nothing else speaks of"),
    "items": ("array", "items"),
    "propertyNames": ("object", "names of properties"),
    "contains": ("array", "one of the items"),
    "contentSchema": ("string", "the content"),
}


def _held(pair: Pair, keyword: str) -> tuple[int, int]:
    """How much a keyword admits on either side: nothing 0, what fits 1, anything 2."""

    def rank(value: object) -> int:
        return 0 if value is False else 1 if isinstance(value, Mapping) else 2

    return rank(pair.old.get(keyword)), rank(pair.new.get(keyword))


def _change(pair: Pair, keyword: str, text: str) -> Change:
    old, new = pair.old.get(keyword), pair.new.get(keyword)
    return Change(text, old, new, pair.old.home(keyword), pair.new.home(keyword), subject=keyword)


def _names_in_closed(pair: Pair) -> tuple[list[str], list[str]]:
    """The patterns of names that a closed object admits no more, and those that it admits besides."""
    if not (pair.old.is_closed and pair.new.is_closed):
        return [], []
    old, new = (as_map(side.get("patternProperties")) for side in (pair.old, pair.new))
    return [name for name in old if name not in new], [name for name in new if name not in old]


def _speaks_of_declared(pair: Pair, pattern: str) -> bool:
    """Whether a declared property has a name of a pattern, or who knows."""
    try:
        return any(re.search(pattern, name) for side in (pair.old, pair.new) for name in side.properties)
    except re.error:
        return True


@rule("schema", Effect.NARROWS)
def contents_constrained(pair: Pair) -> Findings:
    """What an object or array may hold is constrained or refused: other properties, items, names, contents.

    Writers that send anything else are refused; readers notice nothing.
    Instead: leave requests open.
    """
    for keyword, (kind, words) in _HELD.items():
        old, new = _held(pair, keyword)
        if new < old and matters(pair, kind):
            yield _change(pair, keyword, f"{words} {'are refused' if new == 0 else 'must fit a schema'} ({keyword})")
    if gone := _names_in_closed(pair)[0]:
        yield _change(pair, "patternProperties", f"properties named like {listed(gone)} are refused")


@rule("schema", Effect.MAY_WIDEN)
def closed_object_opened(pair: Pair) -> Findings:
    """Other properties or items than the declared ones are admitted, and were refused.

    Readers that refuse what is not declared fail.
    Instead: leave objects open from the beginning.
    """
    for keyword, (kind, words) in _HELD.items():
        if _held(pair, keyword)[0] == 0 < _held(pair, keyword)[1] and matters(pair, kind):
            yield _change(pair, keyword, f"{words} are admitted ({keyword})")
    if added := _names_in_closed(pair)[1]:
        yield _change(pair, "patternProperties", f"properties named like {listed(added)} are admitted")


@rule("schema", Effect.WIDENS)
def contents_released(pair: Pair) -> Findings:
    """What an object or array may hold is not constrained any more: other properties, items, names, contents.

    Readers that expect the old contents meet anything.
    Instead: keep the constraint in responses.
    """
    for keyword, (kind, words) in _HELD.items():
        if _held(pair, keyword) == (1, 2) and matters(pair, kind):
            yield _change(pair, keyword, f"{words} need not fit a schema any more ({keyword})")


_MAPS = ("patternProperties", "dependentSchemas", "dependentRequired")


def _keys(pair: Pair, gone: bool) -> Findings:
    in_closed = {name for names in _names_in_closed(pair) for name in names if not _speaks_of_declared(pair, name)}
    for keyword in _MAPS:
        old, new = (as_map(side.get(keyword)) for side in (pair.old, pair.new))
        less, more = (new, old) if gone else (old, new)
        for name in more:
            if name not in less and not (name in in_closed and keyword == "patternProperties"):
                yield Change(
                    f"{keyword} for {shown(name)} {'removed' if gone else 'added'}",
                    old.get(name),
                    new.get(name),
                    pair.old.home(keyword),
                    pair.new.home(keyword),
                    subject=f"{keyword} {name}",
                )


@rule("schema", Effect.NARROWS)
def named_constraint_added(pair: Pair) -> Findings:
    """Properties whose name fits, or that come with another one, are constrained.

    Writers that send anything else are refused.
    Instead: constrain only names that nobody uses.
    """
    yield from _keys(pair, gone=False)


@rule("schema", Effect.WIDENS)
def named_constraint_removed(pair: Pair) -> Findings:
    """Properties whose name fits, or that come with another one, are not constrained any more.

    Readers that rely on it fail.
    Instead: keep the constraint in responses.
    """
    yield from _keys(pair, gone=True)


@rule("schema", Effect.BREAKS)
def dependency_changed(pair: Pair) -> Findings:
    """Other properties than before must come with one.

    Writers of the old ones are refused, and readers rely on the wrong ones.
    Instead: require what was required, and nothing more.
    """
    old, new = (
        value if isinstance(value := side.get("dependentRequired"), Mapping) else {} for side in (pair.old, pair.new)
    )
    for name in old:
        before, after = as_list(old[name]), as_list(new.get(name))
        if name in new and sorted(map(str, before)) != sorted(map(str, after)):
            text = f"with {shown(name)} there had to be {listed(before)}, and now {listed(after)}"
            yield Change(text, before, after, subject=str(name))


def _positions(pair: Pair) -> tuple[int, int]:
    return len(pair.old.below("prefixItems")), len(pair.new.below("prefixItems"))


@rule("schema", Effect.NARROWS)
def position_constrained(pair: Pair) -> Findings:
    """The item at some position of an array must fit a schema, or must not be there, and could be anything.

    Writers that send anything else there are refused.
    Instead: leave the position open, or use an object.
    """
    old, new = _positions(pair)
    if new > old and "items" not in pair.old.keywords:
        yield _change(pair, "prefixItems", f"{new - old} more positions have schemas of their own")
    elif new < old and pair.new.get("items") is False:
        yield _change(pair, "prefixItems", f"{old - new} positions must be empty")


@rule("schema", Effect.WIDENS)
def position_released(pair: Pair) -> Findings:
    """The item at some position of an array need not fit a schema of its own any more, or need not be missing.

    Readers that rely on the position fail.
    Instead: keep the schema in responses, or use an object.
    """
    old, new = _positions(pair)
    if new < old and "items" not in pair.new.keywords:
        yield _change(pair, "prefixItems", f"{old - new} positions have no schemas of their own any more")
    elif new > old and pair.old.get("items") is False:
        yield _change(pair, "prefixItems", f"{new - old} more positions may be filled")
