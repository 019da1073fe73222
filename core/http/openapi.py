"""The OpenAPI document of the JSON API, made from its routes, and the page that shows it."""

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
    200: "Done.",
    201: "Made.",
    401: "A bearer token is needed, or this one is unknown.",
    403: "Not yours to change.",
    404: "There is nothing of that name that you may see.",
    409: "Sound, but not with things as they are now; `type` says why.",
    413: "The body is too long.",
    415: "The body is said to be something else than JSON.",
    422: "Something is malformed: `errors` says what, by field.",
    503: "Very many people are here just now: try again after Retry-After.",
}

Plain = dict[str, object]
Mode = Literal["validation", "serialization"]

pages = Blueprint("openapi", __name__)

_documents: WeakKeyDictionary[Flask, Plain] = WeakKeyDictionary()


class Problem(ApiModel):
    """An error (RFC 9457); `type` ends in a slug that never changes."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, str] = {}
    alternatives: list[str] = []


@pages.get(f"{PREFIX}/openapi.json")
def openapi() -> Response:
    """Answer with the description of every operation."""
    response = Response(json.dumps(cached_document()), mimetype=JSON)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/api/docs")
def docs() -> str:
    """Show the same for people."""
    return render_template("api/docs.html", api=cached_document(), answers=DESCRIPTIONS)


def cached_document() -> Plain:
    """Return the OpenAPI document of the running app, made once."""
    app = current.app()
    if app not in _documents:
        _documents[app] = document(app, current.absolute_url(PREFIX))
    return _documents[app]


def document(app: Flask, address: str) -> Plain:
    """Return the OpenAPI 3.1 document of the app's operations, served under `address`."""
    apis = [each for each in app.blueprints.values() if isinstance(each, Api)]
    operations = {name: each for api in apis for name, each in api.operations.items()}
    tags = {name: api.tag for api in apis for name in api.operations}
    refs, schemas = _schemas(operations.values())
    paths: dict[str, Plain] = {}
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
                    "description": "Made by `flask token add EMAIL --name NAME`.",
                }
            },
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[type, Plain], Plain]:
    """Return for each model the reference to its schema, and all schemas by name."""
    wanted: dict[tuple[type[BaseModel], Mode], None] = {(Problem, "serialization"): None}
    loose: set[str] = set()
    for operation in operations:
        wanted[operation.response, "serialization"] = None
        for model in (operation.body, operation.query):
            if model is not None:
                wanted[model, "validation"] = None
        if operation.partial and operation.body:
            loose.add(operation.body.__name__)
    found, definitions = models_json_schema(list(wanted), ref_template=SCHEMA)
    schemas: dict[str, Plain] = definitions["$defs"]
    for name in loose:
        schemas[name].pop("required", None)
    refs = {model: dict(reference) for (model, _), reference in found.items()}
    return refs, dict(schemas)


def _operation(rule: Rule, operation: Operation, refs: Mapping[type, Plain], tag: str) -> Plain:
    described: Plain = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": operation.summary,
        "tags": [tag],
        "parameters": _parameters(rule, operation),
        "responses": _responses(rule, operation, refs),
        # An empty requirement beside it: the token is welcome, and not needed.
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


def _parameters(rule: Rule, operation: Operation) -> list[Plain]:
    text = {"type": "string", "minLength": 1}
    found: list[Plain] = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"<(\w+)>", rule.rule)
    ]
    if operation.query is not None:
        schema = operation.query.model_json_schema(by_alias=True)
        for name, each in schema["properties"].items():
            words = each.pop("description", None)
            for noise in ("title", "default"):
                each.pop(noise, None)
            described = {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "schema": _without_null(each),
            }
            found.append({**described, "description": words} if words else described)
    for name, words in (operation.headers or {}).items():
        short = {"type": "string", "minLength": 1, "maxLength": 255}
        found.append({"name": name, "in": "header", "schema": short, "description": words})
    return found


def _without_null(schema: Plain) -> Plain:
    """Return the schema of an argument that may be left out, which is not the same as null."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list):
        return schema
    left = [choice for choice in choices if choice != {"type": "null"}]
    return left[0] if len(left) == 1 else {**schema, "anyOf": left}


def _responses(rule: Rule, operation: Operation, refs: Mapping[type, Plain]) -> Plain:
    refusals = {422, 503, *operation.refusals}
    refusals |= {404} if "<" in rule.rule else set()
    refusals |= {413, 415} if operation.body else set()
    refusals |= {401}
    answers: Plain = {
        str(status): {
            "description": DESCRIPTIONS[status],
            "content": {JSON: {"schema": refs[operation.response]}},
        }
        for status in operation.statuses
    }
    for status in sorted(refusals):
        answers[str(status)] = {
            "description": DESCRIPTIONS[status],
            "content": {PROBLEM: {"schema": refs[Problem]}},
        }
    return answers
