"""Rules about deprecation, sunset dates (`x-sunset`) and stability (`x-stability-level`)."""

import datetime
from typing import Any

from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.operations import STABILITY_LEVELS, stability
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind

from .rule import Findings, changed_from, quoted, rule


def sunset_date(sunset: Any) -> str | None:
    """The ISO date of a sunset, without the time of day; None if the sunset is not a date."""
    try:
        return datetime.date.fromisoformat(str(sunset)[:10]).isoformat()
    except ValueError:
        return None


def _fault(sunset: Any, today: str) -> str | None:
    """The reason why a sunset is invalid: it has passed, or is not a date. None if the sunset is valid."""
    if sunset is None:
        return None
    date = sunset_date(sunset)
    if date is None:
        return f"its sunset {quoted(sunset)} is not a date"
    return f"its sunset {date} has passed" if date < today else None


def _deprecated(pair: Pair[Object]) -> tuple[bool, bool]:
    return pair.old.get("deprecated") is True, pair.new.get("deprecated") is True


def _sunsets(pair: Pair[Object]) -> tuple[Any, Any]:
    return pair.old.get("x-sunset"), pair.new.get("x-sunset")


@rule(PairKind.LIFESPAN, Effect.ADDS)
def deprecation_announced(pair: Pair[Object]) -> Findings:
    """An operation, parameter, header or property is now deprecated.

    Callers do not have to change anything yet. They should stop using the element before its sunset.
    """
    sunset = pair.new.get("x-sunset")
    if _deprecated(pair) == (False, True) and not _fault(sunset, pair.today):
        yield Change(f"is now deprecated{f', with the sunset {quoted(sunset)}' if sunset else ''}", False, True)


@rule(PairKind.LIFESPAN, Effect.ADDS)
def deprecation_revoked(pair: Pair[Object]) -> Findings:
    """An operation, parameter, header or property is no longer deprecated.

    Callers do not have to change anything.
    """
    if _deprecated(pair) == (True, False):
        yield Change("is no longer deprecated", True, False)


@rule(PairKind.LIFESPAN, Effect.BREAKS)
def sunset_invalidated(pair: Pair[Object]) -> Findings:
    """The sunset of a deprecated element has passed, is not a date, or was removed.

    Callers cannot know how long they may use the element.
    Instead: set a date in the future such as 2027-01-31, and keep the date.
    """
    was, is_now = _deprecated(pair)
    old, new = _sunsets(pair)
    if not is_now or (was and old == new):
        return
    if was and old is not None and new is None:
        yield Change(f"its sunset {quoted(old)} was removed", old, None)
    elif fault := _fault(new, pair.today):
        yield Change(fault, old, new)
    elif was and old is not None and sunset_date(old) is None:
        yield Change(f"its sunset was {quoted(old)}, which is not a date", old, new)


@rule(PairKind.LIFESPAN, Effect.UNSETTLES)
def sunset_advanced(pair: Pair[Object]) -> Findings:
    """The sunset of a deprecated element is earlier than before.

    Callers that use the element have less time than announced.
    Instead: keep the date.
    """
    if _deprecated(pair) == (True, True):
        old, new = map(sunset_date, _sunsets(pair))
        if old and new and pair.today <= new < old:
            yield Change(f"its sunset was {old} and is now {new}", old, new)


@rule(PairKind.LIFESPAN, Effect.ADDS)
def sunset_postponed(pair: Pair[Object]) -> Findings:
    """The sunset of a deprecated element was added, or is later than before.

    Callers do not have to change anything.
    """
    if _deprecated(pair) == (True, True):
        old, new = map(sunset_date, _sunsets(pair))
        if new and new >= pair.today and (old or "") < new and (old or "x-sunset" not in pair.old):
            yield Change(f"its sunset is now {new}", old, new)


def _levels(pair: Pair[Object]) -> tuple[str, str]:
    """The old and the new stability level. The default is stable."""
    return stability(pair.old), stability(pair.new)


def _rank(level: str) -> int | None:
    return STABILITY_LEVELS.index(level) if level in STABILITY_LEVELS else None


@rule(PairKind.STABILITY, Effect.BREAKS)
def stability_lowered(pair: Pair[Object]) -> Findings:
    """The `x-stability-level` of an operation or property is lower than before, or unknown. The default is stable.

    Callers can no longer rely on the stability of the old level.
    Instead: keep the level.
    """
    old, new = _levels(pair)
    before, after = _rank(old), _rank(new)
    if old != new and (after is None or (before is not None and after < before and before >= 2)):
        yield Change(changed_from("the stability", old, new), old, new)


@rule(PairKind.STABILITY, Effect.ADDS)
def stability_raised(pair: Pair[Object]) -> Findings:
    """The `x-stability-level` of an operation or property is higher than before, or changed between draft and alpha.

    Callers do not have to change anything.
    """
    old, new = _levels(pair)
    before, after = _rank(old), _rank(new)
    if old != new and after is not None and (before is None or after > before or before < 2):
        yield Change(changed_from("the stability", old, new), old, new)
