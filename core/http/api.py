"""JSON API: routes with a description, request bodies, responses and cursors."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn, TypeVar

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field

from core.fields import D, Schema, validate
from core.http.security import SAFE_METHODS, csrf
from core.refusals import Invalid, Refusal

PREFIX = "/api/v1"
JSON = "application/json"

Cursor = Annotated[
    str,
    Field(
        max_length=4000,
        pattern="^[A-Za-z0-9_-]+$",
        description="`next` of the previous page. It contains the whole query.",
    ),
]

View = TypeVar("View", bound=Callable[..., Response])  # of any arguments: those of its path


class ApiModel(BaseModel):
    """A response body. Fields that were not set are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NotJson(Refusal):
    """The content type of the body is not JSON."""

    status = 415
    slug = "unsupported-media-type"

    def __init__(self) -> None:
        super().__init__("Send a JSON object with the header Content-Type: application/json.")


@dataclass(frozen=True, slots=True)
class Operation:
    """The description of a route in the OpenAPI document.

    An `optional` body may be left out; in a `partial` body no key is required. `token` says that
    the route requires a bearer token. `refusals` are the statuses of its errors.
    """

    summary: str
    response: type[ApiModel]
    description: str = ""
    statuses: tuple[int, ...] = (200,)
    query: type[Schema] | None = None
    headers: Mapping[str, str] | None = None
    body: type[Schema] | None = None
    optional: bool = False
    partial: bool = False
    token: bool = False
    refusals: tuple[int, ...] = ()


class Api(Blueprint):
    """Routes of the JSON API. They authenticate by bearer token only, never by cookie."""

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(f"api_{name}", import_name, url_prefix=PREFIX)
        self.tag = name
        self.operations: dict[str, Operation] = {}
        csrf.exempt(self)  # another site's page cannot send a bearer token

    def operation(self, method: str, path: str, operation: Operation) -> Callable[[View], View]:
        """Register a view for `method` and `path`, described by `operation`."""

        def register(view: View) -> View:
            self.add_url_rule(path, view.__name__, view, methods=[method])
            self.operations[f"{self.name}.{view.__name__}"] = operation
            return view

        return register


def json_body() -> dict[str, object]:
    """Return the JSON object in the request; raise NotJson or Invalid if there is none."""
    if request.mimetype != JSON:
        raise NotJson
    try:
        found = json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Invalid({"body": "must be JSON"}) from None
    if not isinstance(found, dict):
        raise Invalid({"body": "must be an object"})
    return found


def optional_json_body() -> dict[str, object]:
    """Return the JSON object in the request, empty for an empty body; raise like `json_body`."""
    return json_body() if request.get_data() else {}


def query_arguments(schema: type[D]) -> D:
    """Return the query arguments of a schema without the empty ones; raise Invalid."""
    given: dict[str, object] = {}
    for name, field in schema.model_fields.items():
        values = request.args.getlist(field.alias or name)
        if len(values) > 1:
            raise Invalid({field.alias or name: "is given more than once"})
        if values and values[0]:
            given[field.alias or name] = values[0]
    return validate(schema, given)


def json_response(body: ApiModel, status: int = 200, *, public: bool = False) -> Response:
    """Return a JSON response; a `public` one may be cached if the request has no token."""
    text = body.model_dump_json(by_alias=True, exclude_unset=True)
    response = Response(text, status, mimetype=JSON)
    if public and request.method in SAFE_METHODS and "Authorization" not in request.headers:
        response.headers["Cache-Control"] = "public, no-cache"
        response.headers["Vary"] = "Authorization"
    return response


def write_cursor(fields: Mapping[str, str]) -> str:
    """Return the cursor of the next page, which contains `fields`."""
    return urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


def read_cursor(text: str) -> dict[str, str]:
    """Return the fields of a cursor, not validated yet; raise Invalid if it is malformed."""
    try:
        found: Any = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        reject_cursor()
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        reject_cursor()
    return found


def reject_cursor() -> NoReturn:
    """Raise Invalid for a cursor that this list did not return."""
    raise Invalid({"cursor": "must be `next` of a previous page of this list"}) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
