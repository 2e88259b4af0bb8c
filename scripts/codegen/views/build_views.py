"""Builds the views from the generator's parsed data and the contract."""

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData

from scripts.openapi.pointers import below

from .build_calls import build_groups
from .build_models import build_model, with_cycles, with_files, with_status
from .calls import Views
from .python_types import at
from .records import Model
from .schema_types import SchemaTypes


def build_views(types: SchemaTypes, data: GeneratorData, config: Config) -> Views:
    """Build the views.

    Raises:
        UnsupportedError: The templates do not support a construct of the contract.
    """
    contract = types.contract
    schemas = {name: key for key, name in types.names.items()}
    responses = [operation.responses for operation in contract.operations]
    received = set(contract.schema_names(responses, received=True))
    sent = set(contract.schema_names([operation.request_body for operation in contract.operations]))
    models: dict[str, Model] = {}
    for parsed in (*data.models, *data.enums):
        name = str(parsed.class_info.name)
        key = schemas[name]
        with at(below("/components/schemas", key)):
            models[name] = build_model(
                parsed, key, types, requested=key not in received, edited=key in received and key in sent
            )
    for add in (with_cycles, with_status, with_files):
        models = {name: add(models[name], models) for name in schemas if name in models}
    groups = tuple(build_groups(data, config, models, types))
    return Views(contract, models, groups)
