"""Rules about security: the credentials that callers must send, and the schemes that describe them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.openapi.document import as_map
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.engine.security import Credentials, alternatives, insufficient, renamed_schemes

from .rule import Findings, changed_from, quoted, quoted_list, rule


class _Change(NamedTuple):
    kind: str
    """introduced, replaced, removed, added, scope added or scope removed."""
    refused: list[Credentials]
    """The old credentials that are no longer enough."""
    admitted: list[Credentials]
    """The new credentials that were not enough before."""
    old: list[Credentials]
    new: list[Credentials]


def _security_change(pair: Pair[list[Any]]) -> _Change:
    old = alternatives(pair.old, renamed_schemes(*pair.documents))
    new = alternatives(pair.new, {})
    refused, admitted = list(insufficient(old, new)), list(insufficient(new, old))
    same_schemes = {frozenset(one) for one in refused} <= {frozenset(one) for one in new}
    if refused and all(refused) and same_schemes:
        kind = "scope added"
    elif {} in refused:
        kind = "introduced"
    elif refused:
        kind = "replaced" if admitted else "removed"
    elif admitted and all(admitted) and {frozenset(one) for one in admitted} <= {frozenset(one) for one in old}:
        kind = "scope removed"
    else:
        kind = "added" if admitted else ""
    return _Change(kind, refused, admitted, old, new)


def _names(several: list[Credentials]) -> list[str]:
    return [" and ".join(map(_name, sorted(one.items()))) or "nothing" for one in several]


def _name(scheme: tuple[str, frozenset[str]]) -> str:
    name, scopes = scheme
    return f"{name} ({', '.join(sorted(scopes))})" if scopes else name


def _change(pair: Pair[list[Any]], kind: str) -> Iterator[tuple[_Change, list[str], list[str]]]:
    change = _security_change(pair)
    if change.kind == kind:
        yield change, _names(change.old), _names(change.new)


def _or(names: list[str]) -> str:
    return " or ".join(map(quoted, names))


@rule(PairKind.SECURITY, Effect.NARROWS)
def security_introduced(pair: Pair[list[Any]]) -> Findings:
    """Callers must now authenticate.

    Callers without credentials are rejected. Callers that already send credentials notice nothing.
    Instead: announce the change, and keep serving callers without credentials for a time.
    """
    for _, old, new in _change(pair, "introduced"):
        text = f"requests without credentials are now refused; callers must authenticate with {_or(new)}"
        yield Change(text, old, new, subject=canonical_json(new))


@rule(PairKind.SECURITY, Effect.BREAKS)
def security_replaced(pair: Pair[list[Any]]) -> Findings:
    """Other credentials are required.

    Callers that send the old credentials are rejected. Receivers of a webhook that check the old credentials reject it.
    Instead: add the new credentials as an alternative, and keep accepting the old credentials for a time.
    """
    for change, old, new in _change(pair, "replaced"):
        text = (
            f"credentials for {_or(_names(change.refused))} are now refused; callers must authenticate with {_or(new)}"
        )
        yield Change(text, old, new, subject=canonical_json([old, new]))


@rule(PairKind.SECURITY, Effect.NARROWS)
def security_alternative_removed(pair: Pair[list[Any]]) -> Findings:
    """A method of authentication was removed, or it is no longer enough alone.

    Callers that use the method are rejected. Callers that use another method notice nothing.
    Instead: announce the change, and keep accepting the method for a time.
    """
    for change, _, new in _change(pair, "removed"):
        gone = _names(change.refused)
        text = f"credentials for {_or(gone)} are now refused; callers must authenticate with {_or(new)}"
        yield Change(text, gone, new, subject=canonical_json(gone))


@rule(PairKind.SECURITY, Effect.WIDENS)
def security_alternative_added(pair: Pair[list[Any]]) -> Findings:
    """A method of authentication was added, or callers no longer have to authenticate.

    Callers do not have to change anything. Receivers of a webhook may not accept its new credentials.
    Instead: let receivers of webhooks choose the credentials.
    """
    for change, old, _ in _change(pair, "added"):
        more = _names(change.admitted)
        is_open = {} in change.admitted
        text = "callers no longer have to authenticate" if is_open else f"callers may now authenticate with {_or(more)}"
        yield Change(text, old, more, subject=canonical_json(more))


@rule(PairKind.SECURITY, Effect.NARROWS)
def scope_added(pair: Pair[list[Any]]) -> Findings:
    """An additional scope is required.

    Callers with a token without the scope are rejected.
    Instead: announce the change, and keep serving callers without the scope for a time.
    """
    for change, old, new in _change(pair, "scope added"):
        for name, scopes in _scopes(change.refused, change.new):
            text = f"tokens for {quoted(name)} without the scope {quoted_list(scopes)} are now refused"
            yield Change(text, old, new, subject=f"{name} {scopes}")


@rule(PairKind.SECURITY, Effect.WIDENS)
def scope_removed(pair: Pair[list[Any]]) -> Findings:
    """A scope is no longer required.

    Callers do not have to change anything.
    Instead: keep the scope if a webhook requires it.
    """
    for change, old, new in _change(pair, "scope removed"):
        for name, scopes in _scopes(change.admitted, change.old):
            text = f"{quoted(name)} no longer needs the scope {quoted_list(scopes)}"
            yield Change(text, old, new, subject=f"{name} {scopes}")


def _scopes(less: list[Credentials], more: list[Credentials]) -> Iterator[tuple[str, list[str]]]:
    """The schemes with the scopes that only the second list needs."""
    for one in less:
        other = next(other for other in more if other.keys() == one.keys())
        for name in sorted(one):
            if scopes := sorted(other[name] - one[name]):
                yield name, scopes


@rule(PairKind.SECURITY_SCHEME, Effect.BREAKS)
def security_scheme_changed(pair: Pair[Object]) -> Findings:
    """A security scheme changed: its type, scheme, location or name.

    Callers that send credentials in the old form are rejected.
    Instead: add a scheme, and accept both schemes for a time.
    """
    if pair.is_both:
        in_header = pair.old.get("in") == pair.new.get("in") == "header"
        for key in ("type", "scheme", "in", "name", "openIdConnectUrl"):
            has_case = key == "openIdConnectUrl" or (key == "name" and not in_header)
            old, new = pair.old.get(key), pair.new.get(key)
            if old != new and (has_case or str(old).lower() != str(new).lower()):
                yield Change(changed_from(key, old, new), old, new, subject=key)


def _flows(pair: Pair[Object]) -> Iterator[tuple[str, Object | None, Object | None]]:
    """The changed flows of a scheme, by name; None if a document does not have the flow."""
    if pair.is_both:
        old, new = as_map(pair.old.get("flows")), as_map(pair.new.get("flows"))
        for name in sorted(old.keys() | new.keys()):
            before, after = (as_map(side[name]) if name in side else None for side in (old, new))
            if canonical_json(before) != canonical_json(after):
                yield name, before, after


@rule(PairKind.SECURITY_SCHEME, Effect.BREAKS)
def oauth_flow_removed(pair: Pair[Object]) -> Findings:
    """An OAuth flow was removed.

    Callers that use the flow receive no token.
    Instead: keep the flow for a time.
    """
    for name, old, new in _flows(pair):
        if old is not None and new is None:
            yield Change(f"the flow {quoted(name)} was removed", dict(old), None, subject=name)


@rule(PairKind.SECURITY_SCHEME, Effect.UNSETTLES)
def oauth_url_changed(pair: Pair[Object]) -> Findings:
    """A URL of an OAuth flow was changed, added or removed.

    Callers that use the old URL may receive no token.
    Instead: keep serving the old URL.
    """
    for name, old, new in _flows(pair):
        if old is not None and new is not None:
            for key in ("authorizationUrl", "tokenUrl", "deviceAuthorizationUrl", "refreshUrl"):
                if old.get(key) != new.get(key):
                    text = changed_from(f"{key} of the flow {quoted(name)}", old.get(key), new.get(key))
                    yield Change(text, old.get(key), new.get(key), subject=f"{name} {key}")


@rule(PairKind.SECURITY_SCHEME, Effect.UNSETTLES)
def oauth_scope_removed(pair: Pair[Object]) -> Findings:
    """A scope of an OAuth flow was removed.

    Callers that ask for the scope may receive no token.
    Instead: keep the scope.
    """
    for name, old, new in _flows(pair):
        gone = [scope for scope in as_map((old or {}).get("scopes")) if scope not in as_map((new or {}).get("scopes"))]
        if gone and new is not None:
            yield Change(
                f"the flow {quoted(name)} no longer has the scope {quoted_list(gone)}", gone, None, subject=name
            )


@rule(PairKind.SECURITY_SCHEME, Effect.ADDS)
def oauth_flow_added(pair: Pair[Object]) -> Findings:
    """An OAuth flow was added, or a scope was added to a flow.

    Callers do not have to change anything.
    """
    for name, old, new in _flows(pair):
        more = [scope for scope in as_map((new or {}).get("scopes")) if scope not in as_map((old or {}).get("scopes"))]
        if old is None:
            yield Change(f"the flow {quoted(name)} was added", None, dict(new or {}), subject=name)
        elif more:
            yield Change(f"the flow {quoted(name)} now has the scope {quoted_list(more)}", None, more, subject=name)


@rule(PairKind.SECURITY_SCHEME, Effect.DESCRIBES)
def scope_text_changed(pair: Pair[Object]) -> Findings:
    """The description of a scope changed.

    Requests and responses stay the same.
    """
    for name, old, new in _flows(pair):
        before, after = as_map((old or {}).get("scopes")), as_map((new or {}).get("scopes"))
        if changed := [scope for scope in before if scope in after and before[scope] != after[scope]]:
            text = f"the description of the scope {quoted_list(changed)} changed"
            yield Change(text, dict(before), dict(after), subject=name)


@rule(PairKind.SECURITY_SCHEME, Effect.ADDS)
def security_scheme_listed(pair: Pair[Object]) -> Findings:
    """A security scheme that no operation uses was added, or a scheme was removed that no operation used.

    Callers do not have to change anything.
    """
    if pair.is_added or pair.is_removed:
        yield Change(f"security scheme {'added' if pair.is_added else 'removed'}", *pair.sides)


@rule(PairKind.SECURITY_SCHEME_NAME, Effect.ADDS)
def security_scheme_renamed(pair: Pair[str]) -> Findings:
    """A security scheme has another name in the document, and the same credentials.

    Callers do not have to change anything.
    """
    if pair.is_both:
        yield Change(f"security scheme {quoted(pair.old)} is now called {quoted(pair.new)}", pair.old, pair.new)


@rule(PairKind.SECURITY_SCHEME_NAME, Effect.HIDES)
def required_scheme_removed(pair: Pair[str]) -> Findings:
    """A security scheme was removed, and operations still require credentials of this scheme.

    The effect on callers is unknown, because nobody knows which credentials the name means.
    Instead: keep the scheme, or remove the requirement.
    """
    if pair.is_removed:
        yield Change(f"security scheme {quoted(pair.old)} was removed, and operations still require it", pair.old, None)
