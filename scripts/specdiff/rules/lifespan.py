"""How long operations, parameters, headers and schemas will stay, and what they promise until then."""

import datetime
from typing import Any

from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.operations import STABILITY_LEVELS, stability
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind

from .catalogue import Findings, became, rule, shown


def sunset_date(sunset: Any) -> str | None:
    """A date as text that sorts, or None where it is none; times of day do not count."""
    try:
        return datetime.date.fromisoformat(str(sunset)[:10]).isoformat()
    except ValueError:
        return None


def _fault(sunset: Any, today: str) -> str | None:
    """What is wrong with the date of a sunset, if there is one."""
    if sunset is None:
        return None
    date = sunset_date(sunset)
    if date is None:
        return f"its sunset {shown(sunset)} is no date"
    return f"its sunset {date} is past" if date < today else None


def _deprecated(pair: Pair[Object]) -> tuple[bool, bool]:
    return pair.old.get("deprecated") is True, pair.new.get("deprecated") is True


def _sunsets(pair: Pair[Object]) -> tuple[Any, Any]:
    return pair.old.get("x-sunset"), pair.new.get("x-sunset")


@rule(PairKind.LIFESPAN, Effect.ADDS)
def deprecation_announced(pair: Pair[Object]) -> Findings:
    """Something is deprecated, perhaps with the date of its end in `x-sunset`.

    Nothing changes yet; whoever uses it should stop.
    """
    until = pair.new.get("x-sunset")
    if _deprecated(pair) == (False, True) and not _fault(until, pair.today):
        yield Change(f"it is deprecated{f', until {shown(until)}' if until else ''}", False, True)


@rule(PairKind.LIFESPAN, Effect.ADDS)
def deprecation_revoked(pair: Pair[Object]) -> Findings:
    """Something is no longer deprecated.

    Nobody has to notice.
    """
    if _deprecated(pair) == (True, False):
        yield Change("it is no longer deprecated", True, False)


@rule(PairKind.LIFESPAN, Effect.BREAKS)
def sunset_invalidated(pair: Pair[Object]) -> Findings:
    """What is deprecated has a sunset that is past or no date, or its sunset was withdrawn.

    Nobody can tell how long it may be used.
    Instead: give a date in the future, as in 2027-01-31, and do not move it forward.
    """
    was, is_now = _deprecated(pair)
    old, new = _sunsets(pair)
    if not is_now or (was and old == new):
        return
    if was and old is not None and new is None:
        yield Change(f"its sunset {shown(old)} was withdrawn", old, None)
    elif fault := _fault(new, pair.today):
        yield Change(fault, old, new)
    elif was and old is not None and sunset_date(old) is None:
        yield Change(f"its sunset was {shown(old)}, which is no date", old, new)


@rule(PairKind.LIFESPAN, Effect.UNSETTLES)
def sunset_advanced(pair: Pair[Object]) -> Findings:
    """The sunset of what is deprecated comes earlier than was announced.

    Whoever uses it has less time than planned.
    Instead: leave the date as it is.
    """
    if _deprecated(pair) == (True, True):
        old, new = map(sunset_date, _sunsets(pair))
        if old and new and pair.today <= new < old:
            yield Change(f"its sunset was {old} and is now {new}", old, new)


@rule(PairKind.LIFESPAN, Effect.ADDS)
def sunset_postponed(pair: Pair[Object]) -> Findings:
    """The sunset of what is deprecated was set, or comes later than was announced.

    Nobody has to notice.
    """
    if _deprecated(pair) == (True, True):
        old, new = map(sunset_date, _sunsets(pair))
        if new and new >= pair.today and (old or "") < new and (old or "x-sunset" not in pair.old):
            yield Change(f"its sunset is now {new}", old, new)


def _levels(pair: Pair[Object]) -> tuple[str, str]:
    """Stability before and after; what is not named counts as stable."""
    return stability(pair.old), stability(pair.new)


def _rank(level: str) -> int | None:
    return STABILITY_LEVELS.index(level) if level in STABILITY_LEVELS else None


@rule(PairKind.STABILITY, Effect.BREAKS)
def stability_lowered(pair: Pair[Object]) -> Findings:
    """An operation or property promises less than it did by `x-stability-level`, or names a level that nobody knows.

    Callers that relied on the old level cannot any more.
    Instead: keep the level; one that is not named counts as stable.
    """
    old, new = _levels(pair)
    before, after = _rank(old), _rank(new)
    if old != new and (after is None or (before is not None and after < before and before >= 2)):
        yield Change(became("the stability", old, new), old, new)


@rule(PairKind.STABILITY, Effect.ADDS)
def stability_raised(pair: Pair[Object]) -> Findings:
    """An operation or property promises more than it did by `x-stability-level`, or promises nothing, then and now.

    Nobody has to notice.
    """
    old, new = _levels(pair)
    before, after = _rank(old), _rank(new)
    if old != new and after is not None and (before is None or after > before or before < 2):
        yield Change(became("the stability", old, new), old, new)
