"""The OpenAPI document of the JSON API, built from its routes, and the page that shows it."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Literal
from weakref import WeakKeyDictionary

from flask import Blueprint, Flask, Response, render_template
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from core.http import current
from core.http.api import JSON, PREFIX, Api, ApiModel, Operation

PROBLEM = "application/problem+json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SCHEMA = "#/components/schemas/{model}"
BEARER = "token"
DESCRIPTIONS = {
    200: "Success.",
    201: "Created.",
    202: "Accepted: it will be done soon.",
    401: "A bearer token is required, or the token is unknown.",
    403: "You may not change this.",
    404: "There is nothing with that name that you may see.",
    409: "Valid, but in conflict with the current state; `type` says why.",
    413: "The body is too long.",
    415: "The content type of the body is not JSON.",
    422: "The input is invalid; `errors` says what to correct, by field.",
    429: "Too many requests: try again after Retry-After.",
    503: "The site is busy: try again after Retry-After.",
}

Json = dict[str, object]
Mode = Literal["validation", "serialization"]

pages = Blueprint("openapi", __name__)

_documents: WeakKeyDictionary[Flask, Json] = WeakKeyDictionary()


class Problem(ApiModel):
    """An error (RFC 9457); `type` ends in a stable slug."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, str] = {}
    alternatives: list[str] = []


@pages.get(f"{PREFIX}/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document."""
    response = Response(json.dumps(cached_document()), mimetype=JSON)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/api/docs")
def docs() -> str:
    """Show the OpenAPI document as a page."""
    return render_template("api/docs.html", api=cached_document(), statuses=DESCRIPTIONS)


def cached_document() -> Json:
    """Return the OpenAPI document of the running app, made once."""
    app = current.app()
    if app not in _documents:
        _documents[app] = document(app, current.absolute_url(PREFIX))
    return _documents[app]


def document(app: Flask, address: str) -> Json:
    """Return the OpenAPI 3.1 document of the app's operations, served under `address`."""
    apis = [each for each in app.blueprints.values() if isinstance(each, Api)]
    operations = {name: each for api in apis for name, each in api.operations.items()}
    tags = {name: api.tag for api in apis for name in api.operations}
    refs, schemas = _schemas(operations.values())
    paths: dict[str, Json] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        operation = operations.get(rule.endpoint)
        if operation is None:
            continue
        path = re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX))
        [method] = (rule.methods or set()).intersection(METHODS)
        described = _operation(rule, operation, refs, tags[rule.endpoint])
        paths.setdefault(path, {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Convenor API",
            "version": "1",
            "description": (
                "Instants are RFC 3339 in UTC with Z, zones are IANA names. Errors are "
                "application/problem+json."
            ),
        },
        "servers": [{"url": address}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Created by `flask token add EMAIL --name NAME`.",
                }
            },
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[type, Json], Json]:
    """Return the reference to the schema of each model, and all schemas by name."""
    models: dict[tuple[type[BaseModel], Mode], None] = {(Problem, "serialization"): None}
    partial: set[str] = set()
    for operation in operations:
        models[operation.response, "serialization"] = None
        for model in (operation.body, operation.query):
            if model is not None:
                models[model, "validation"] = None
        if operation.partial and operation.body:
            partial.add(operation.body.__name__)
    found, definitions = models_json_schema(list(models), ref_template=SCHEMA)
    schemas: dict[str, Json] = definitions["$defs"]
    for name in partial:
        schemas[name].pop("required", None)
    refs = {model: dict(reference) for (model, _), reference in found.items()}
    return refs, dict(schemas)


def _operation(rule: Rule, operation: Operation, refs: Mapping[type, Json], tag: str) -> Json:
    described: Json = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": operation.summary,
        "tags": [tag],
        "parameters": _parameters(rule, operation),
        "responses": _responses(rule, operation, refs),
        # The empty requirement makes the token optional.
        "security": [{BEARER: []}] if operation.token else [{}, {BEARER: []}],
    }
    if operation.description:
        described["description"] = operation.description
    if operation.body is not None:
        described["requestBody"] = {
            "required": not operation.optional,
            "content": {JSON: {"schema": refs[operation.body]}},
        }
    return described


def _parameters(rule: Rule, operation: Operation) -> list[Json]:
    text = {"type": "string", "minLength": 1}
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"<(\w+)>", rule.rule)
    ]
    if operation.query is not None:
        schema = operation.query.model_json_schema(by_alias=True)
        for name, each in schema["properties"].items():
            description = each.pop("description", None)
            for key in ("title", "default"):
                each.pop(key, None)
            described = {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "schema": _without_null(each),
            }
            found.append({**described, "description": description} if description else described)
    for name, words in (operation.headers or {}).items():
        short = {"type": "string", "minLength": 1, "maxLength": 255}
        found.append({"name": name, "in": "header", "schema": short, "description": words})
    return found


def _without_null(schema: Json) -> Json:
    """Return the schema of an optional argument, which cannot be null."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list):
        return schema
    rest = [choice for choice in choices if choice != {"type": "null"}]
    return rest[0] if len(rest) == 1 else {**schema, "anyOf": rest}


def _responses(rule: Rule, operation: Operation, refs: Mapping[type, Json]) -> Json:
    refusals = {422, 503, *operation.refusals}
    refusals |= {404} if "<" in rule.rule else set()
    refusals |= {413, 415} if operation.body else set()
    refusals |= {401}
    responses: Json = {
        str(status): {
            "description": DESCRIPTIONS[status],
            "content": {JSON: {"schema": refs[operation.response]}},
        }
        for status in operation.statuses
    }
    for status in sorted(refusals):
        responses[str(status)] = {
            "description": DESCRIPTIONS[status],
            "content": {PROBLEM: {"schema": refs[Problem]}},
        }
    return responses
