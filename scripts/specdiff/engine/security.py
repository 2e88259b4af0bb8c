"""The credentials that a document requires, independent of the names of its security schemes."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below

from .canonical_json import canonical_json
from .document import ComparedDocument

Credentials = Mapping[str, frozenset[str]]
"""The security schemes that a caller must satisfy together, each with its scopes; empty if nothing is required."""

_FLOW_URLS = ("authorizationUrl", "tokenUrl", "deviceAuthorizationUrl", "refreshUrl")


def definition(document: ComparedDocument, name: str) -> str:
    """The part of a security scheme that determines the credentials, as text; its own name if it is unknown."""
    pointer = below("/components/securitySchemes", name)
    scheme, _ = document.resolve(document.find(pointer), pointer)
    kind = str(scheme.get("type"))
    if kind == "apiKey":
        key = str(scheme.get("name"))
        return canonical_json([kind, scheme.get("in"), key.lower() if scheme.get("in") == "header" else key])
    if kind == "http":
        return canonical_json([kind, str(scheme.get("scheme")).lower()])
    if kind == "oauth2":
        flows = as_map(scheme.get("flows")).items()
        urls = {flow: [as_map(node).get(url) for url in _FLOW_URLS] for flow, node in flows}
        return canonical_json([kind, urls, {flow: sorted(as_map(as_map(node).get("scopes"))) for flow, node in flows}])
    if kind == "openIdConnect":
        return canonical_json([kind, scheme.get("openIdConnectUrl")])
    return kind if kind == "mutualTLS" else f"unknown {name}"


def renamed_schemes(old: ComparedDocument, new: ComparedDocument) -> dict[str, str]:
    """The new name of each scheme of which only the name changed, by its old name."""
    before, after = (document.part("components", "securitySchemes") for document in (old, new))
    added = {definition(new, name): name for name in reversed(list(after)) if name not in before}
    kept = {definition(new, name): name for name in reversed(list(after)) if name in before}
    definitions = {name: definition(old, name) for name in before if name not in after}
    return {name: found for name, one in definitions.items() if (found := added.get(one) or kept.get(one)) is not None}


def alternatives(requirements: list[Any], names: Mapping[str, str]) -> list[Credentials]:
    """The alternatives of `security`, of which a caller must satisfy one. `names` are the new names of schemes."""
    found: list[Credentials] = [
        {names.get(str(name), str(name)): frozenset(map(str, as_list(scopes))) for name, scopes in as_map(one).items()}
        for one in requirements
    ]
    return found or [{}]


def insufficient(sent: list[Credentials], accepted: list[Credentials]) -> Iterator[Credentials]:
    """Yield the credentials that satisfy none of the accepted alternatives."""
    for credentials in sent:
        if not any(_satisfies(credentials, alternative) for alternative in accepted):
            yield credentials


def _satisfies(credentials: Credentials, wanted: Credentials) -> bool:
    return all(name in credentials and scopes <= credentials[name] for name, scopes in wanted.items())
