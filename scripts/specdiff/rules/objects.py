"""Properties of objects and items of arrays: which there are, which must be, and what else is admitted."""

from scripts.specdiff.engine.document import spelled
from scripts.specdiff.engine.effects import Effect, Reach
from scripts.specdiff.engine.sites import Change, Pair

from .catalogue import Findings, listed, rule, shown


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
