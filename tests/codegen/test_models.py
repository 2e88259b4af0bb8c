"""Models of every kind are right on the wire: those that tests/grown.yaml adds, in both directions and both clients."""

import copy
import json
import pickle
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import httpx
import pytest

from scripts.openapi.loading import load
from tests.support.grown import extended_contract, imported
from tests.support.twin import Twin

CASES: list[dict[str, Any]] = load(Path(__file__).with_name("wire_of_models.yaml")).document
PIPELINE = {"name": "n", "root": {"name": "all", "children": []}, "steps": []}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The package of the extended contract."""
    return imported(extended_contract(), tmp_path_factory.mktemp("models"), "client_of_models")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_wire(package: ModuleType, case: dict[str, Any]) -> None:
    """A document becomes attributes of the right classes, and the same document again."""
    model, document = getattr(package.models, case["model"]), case["document"]
    if "error" in case:
        with pytest.raises(package.ShapeError) as raised:
            model.from_dict(document)
        assert case["error"] == str(raised.value)
        return

    read = model.from_dict(copy.deepcopy(document))

    assert {code: evaluated(code, read) for code in case.get("attributes", {})} == case.get("attributes", {})
    types = case.get("types", {})
    assert {code: type(evaluated(code, read)).__name__ for code in types} == types
    assert read.to_dict() == case.get("written", document)
    assert json.loads(json.dumps(read.to_dict())) == read.to_dict()
    for copied in (
        copy.deepcopy(read),
        copy.copy(read),
        pickle.loads(pickle.dumps(read)),
        model.from_dict(read.to_dict()),
    ):
        assert copied == read
        assert copied.to_dict() == read.to_dict()
    if "strict" in case:
        with pytest.raises(package.ShapeError) as raised:
            model.from_dict(document, strict=True)
        assert case["strict"] == str(raised.value)


def evaluated(code: str, model: Any) -> Any:
    return eval(code, {"m": model})


@pytest.fixture
def api(package: ModuleType, twin: Twin) -> Any:
    """A client whose requests are in `twin.sent`, and whose server returns the body of the request."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_pipeline = request.url.path.endswith("/pipelines")
        return httpx.Response(200, json=PIPELINE if is_pipeline else json.loads(request.content))

    return twin.api(answer, package=package, title="PipelineAPI")


def test_request_with_sequences_mappings_and_models(package: ModuleType, api: Any, twin: Twin) -> None:
    """Any sequence, mapping or model is sent as JSON, also inside others."""
    models = package.models
    step = models.FilterStep(words=("error",))
    result = twin.run(
        api.create_pipeline(
            name="n",
            owner=None,
            steps=(step, {"type": "loop", "steps": (step,)}, models.LoopStep(steps=[step])),
            trigger=models.TimeTrigger(hour=3),
            notices={"end": models.EmailNotice(address="a"), "fail": {"channel": "HookNotice", "url": "u"}},
            condition=("a", models.Comparison(left="b", right=None)),
            matrix=((1, 2.5), [3]),
            stages=((step,), ()),
            input_=(1, 2),
            extra={"any": (1, None, step)},
            class_="c",
            self_=True,
            field_="f",
            from_dict_="d",
            max_items=1,
            item_limit=2,
        )
    )

    sent = {"type": "filter", "words": ["error"]}
    assert json.loads(twin.sent[0].content) == {
        "name": "n",
        "owner": None,
        "steps": [sent, {"type": "loop", "steps": [sent]}, {"type": "loop", "steps": [sent]}],
        "trigger": {"kind": "time", "hour": 3},
        "notices": {"end": {"channel": "EmailNotice", "address": "a"}, "fail": {"channel": "HookNotice", "url": "u"}},
        "condition": ["a", {"left": "b", "right": None}],
        "matrix": [[1, 2.5], [3]],
        "stages": [[sent], []],
        "input": [1, 2],
        "extra": {"any": [1, None, sent]},
        "class": "c",
        "self": True,
        "field": "f",
        "from_dict": "d",
        "maxItems": 1,
        "max_items": 2,
    }
    assert isinstance(result.root, models.Folder)


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        ({}, {}),
        ({"limit": None}, {"limit": None}),
        ({"limit": 4, "filter_": None}, {"limit": 4, "filter": None}),
        ({"labels": None}, {}),
    ],
    ids=["absent", "null", "both", "not nullable"],
)
def test_null_and_absent(api: Any, twin: Twin, arguments: dict[str, Any], body: dict[str, Any]) -> None:
    """None is sent as null where the contract allows null; an argument that is not given is not sent."""
    settings = twin.run(api.replace_settings("n", level=1, **arguments))

    assert {"level": 1, **body} == json.loads(twin.sent[0].content) == settings.to_dict()
    assert (settings.limit, settings.filter_, settings.labels) == (body.get("limit"), None, None)


def test_unset_is_not_sent(package: ModuleType, api: Any, twin: Twin) -> None:
    """UNSET is false, has one instance, and is not sent."""
    twin.run(api.replace_settings("n", level=1, limit=package.UNSET, filter_=package.UNSET))

    assert {"level": 1} == json.loads(twin.sent[0].content)
    assert not package.UNSET
    assert package.UNSET is pickle.loads(pickle.dumps(package.UNSET)) is copy.deepcopy(package.UNSET)
    assert (repr(package.UNSET), type(package.UNSET)) == ("UNSET", package.Unset)


def test_change_of_a_model_that_was_read(package: ModuleType) -> None:
    """An assignment of None sends null, and an absent field that is not assigned stays absent."""
    settings = package.models.Settings.from_dict({"level": 1})
    other = copy.copy(settings)
    settings.limit = None

    assert "_absent" not in repr(settings)
    assert {"level": 1, "limit": None} == settings.to_dict()
    assert {"level": 1} == other.to_dict()
    settings.limit = package.UNSET
    assert settings.limit is None
    assert {"level": 1} == settings.to_dict()
    settings.limit = 3
    assert {"level": 1, "limit": 3} == settings.to_dict()
    assert {"level": 2, "limit": 3} == attrs.evolve(settings, level=2).to_dict()
    assert {"level": 1, "limit": None} == attrs.evolve(settings, limit=None).to_dict()
    assert {"level": 1, "limit": 3, "filter": "x"} == attrs.evolve(settings, filter_="x").to_dict()
    assert {"level": 2} == attrs.evolve(other, level=2).to_dict()
    assert {"level": 1, "limit": None} == attrs.evolve(
        package.models.Settings.from_dict({"level": 1, "limit": None})
    ).to_dict()


@pytest.mark.parametrize("levels", [400, 20_000], ids=["model", "JSON"])
def test_deep_response(package: ModuleType, twin: Twin, levels: int) -> None:
    """A response with more levels than Python can read is a documented error."""
    loop = '{"type": "loop", "steps": ['
    content = '{"level": 1, "filter": null, "more": ' + loop * levels + "]}" * levels + "}"
    expression = '{"left": [' * levels + '"a"' + "]}" * levels
    steps = f'{{"name": "n", "root": {{"name": "f", "children": []}}, "steps": [], "condition": {expression}}}'
    answers = iter([httpx.Response(200, content=content), httpx.Response(200, content=steps)])
    api = twin.api(lambda _: next(answers), package=package, title="PipelineAPI", retry_budget=0)
    arguments: dict[str, Any] = {"name": "n", "owner": None, "steps": [], "trigger": {"kind": "file", "path": "p"}}

    if levels < 1_000:
        assert "more" in twin.run(api.replace_settings("n", level=1)).additional_properties
    else:
        with pytest.raises(package.UnexpectedResponseError, match="nested too deeply"):
            twin.run(api.replace_settings("n", level=1))
    with pytest.raises(package.CreateOutcomeUnknownError, match="nested too deeply"):
        twin.run(api.create_pipeline(**arguments))


def test_deprecation_is_named(package: ModuleType) -> None:
    """The docstrings name deprecated fields and schemas."""
    folder = Path(str(package.__file__)).parent
    assert '"""Deprecated. The former name."""' in folder.joinpath("models", "pipeline.py").read_text()
    assert '"""Deprecated. A table."""' in folder.joinpath("models", "table.py").read_text()
    docs = folder.parent / "docs"
    assert "| Deprecated. The former name. |" in docs.joinpath("Pipeline.md").read_text()
    assert "\nDeprecated. A table.\n" in docs.joinpath("Table.md").read_text()
