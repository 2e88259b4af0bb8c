"""Builds the views from the generator's parsed data and the contract."""

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.strings import ClassName

from scripts.openapi.contract import Contract

from .build_calls import build_groups
from .build_models import build_model, with_files, with_status
from .calls import Views
from .python_types import UnsupportedError, is_map
from .records import Model

# Names that the generated modules of models import.
RESERVED_CLASSES = frozenset(
    {
        "Any",
        "ClassVar",
        "FileSpec",
        "LifecycleSpec",
        "Literal",
        "Mapping",
        "OpenModel",
        "ReadOptions",
        "Self",
        "Sequence",
        "TypeAlias",
    }
)


def build_views(contract: Contract, data: GeneratorData, config: Config) -> Views:
    """Build the views.

    Raises:
        UnsupportedError: The templates do not support a construct of the contract.
    """
    schemas = {ClassName(name, config.field_prefix): name for name in contract.schemas}
    responses = [operation.responses for operation in contract.operations]
    response_schemas = set(contract.schema_names(responses, received=True))
    maps = {str(model.class_info.name) for model in data.models if is_map(model)}
    models: dict[str, Model] = {}
    for parsed in (*data.models, *data.enums):
        name = parsed.class_info.name
        if name not in schemas:
            raise UnsupportedError(f"the schema {name} has no name in the contract; move it to components/schemas")
        if name in RESERVED_CLASSES:
            raise UnsupportedError(f"the package itself uses the name {name}; rename the schema")
        models[name] = build_model(
            parsed, schemas[name], contract, maps, requested=schemas[name] not in response_schemas
        )
    models = {name: with_files(with_status(models[name], models), models) for name in schemas if name in models}
    groups = tuple(build_groups(contract, data, config, models, maps))
    return Views(contract, models, groups)
