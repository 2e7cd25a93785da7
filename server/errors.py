"""The one tree of errors that a caller can meet, and their one mapping to HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

logger = logging.getLogger("playground")

LONGEST_ECHO = 80
"""Characters of somebody's own input that an error message repeats."""


class Place(BaseModel):
    """One fault in what was sent, and where it is."""

    path: list[str | int] = Field(examples=[["experiment", "network", 0, "layer", "units"]])
    """Keys from the outside in."""
    node: str | None = Field(None, examples=["h1"])
    """Id of the network's node in which the fault is."""
    field: str | None = Field(None, examples=["units"])
    message: str = Field(examples=["must be 1 or more"])


class Fault(BaseModel):
    """What was wrong, what was expected, what to do next."""

    code: str = Field(examples=["invalid"])
    message: str = Field(examples=["experiment → network → h1 → units: must be 1 or more"])
    details: list[Place] | None = None


class ErrorBody(BaseModel):
    """The body of every answer with a status of 400 or more."""

    error: Fault


class PlaygroundError(Exception):
    """The base: a sentence for a person, a code for a program, a status for HTTP."""

    status: int = 500
    code: str = "internal"

    def __init__(self, message: str, details: Sequence[Place] | None = None, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.code = code or type(self).code


class Unauthorised(PlaygroundError):
    """No token, or a wrong one."""

    status, code = 401, "unauthorised"


class Forbidden(PlaygroundError):
    """The request comes from a foreign page or is meant for a foreign host."""

    status, code = 403, "forbidden"


class NotFound(PlaygroundError):
    """There is nothing of that name."""

    status, code = 404, "not_found"


class Conflict(PlaygroundError):
    """What is asked does not go with the state that things are in."""

    status, code = 409, "conflict"


class TooLarge(PlaygroundError):
    """The body is larger than this server takes."""

    status, code = 413, "too_large"


class Invalid(PlaygroundError):
    """What was sent has faults; the details say where."""

    status, code = 422, "invalid"


class TooMany(PlaygroundError):
    """More at once, or more quickly, than one caller may."""

    status, code = 429, "too_many"


class Unavailable(PlaygroundError):
    """It cannot be done now, or not on this machine."""

    status, code = 503, "unavailable"


class TooSlow(PlaygroundError):
    """It took longer than it may."""

    status, code = 504, "too_slow"


def no_job(job_id: str) -> NotFound:
    """The answer for a job that is unknown, deleted, or private to somebody else: the same, so that nobody can tell them apart."""
    return NotFound(f"There is no job {job_id}; it may have been deleted.", code="no_job")


def body_of(code: str, message: str, details: Sequence[Place] | None = None) -> bytes:
    """The body of an error. ASCII, so that a lone surrogate in somebody's input cannot break the answer to it."""
    fault: dict[str, Any] = {"code": code, "message": message}
    if details is not None:
        fault["details"] = [place.model_dump() for place in details]
    return json.dumps({"error": fault}, allow_nan=False).encode()


def answer(error: PlaygroundError, headers: Mapping[str, str] | None = None) -> Response:
    """The error as an HTTP response."""
    return Response(body_of(error.code, error.message, error.details), error.status, headers, "application/json")


def install(app: FastAPI) -> None:
    """Map every error that a request can end in."""

    async def known(_request: Request, error: Exception) -> Response:
        assert isinstance(error, PlaygroundError)
        return answer(error)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
        return Response(body_of(code, _http_sentence(request, error)), error.status_code, error.headers, "application/json")

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(invalid_request(error))

    async def unexpected(_request: Request, _error: Exception) -> Response:
        # Starlette raises it again behind this answer, so that the server's log has the traceback, once.
        message = "The server met an error that it did not expect; its log says more. Please report it if it happens again."
        return Response(body_of("internal", message), 500, None, "application/json")

    app.add_exception_handler(PlaygroundError, known)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unexpected)


def _http_sentence(request: Request, error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return f"There is nothing at {request.url.path[:200]}; /openapi.json lists what there is."
        case 405:
            return f"{request.method} is not possible at {request.url.path[:200]}."
        case 400:
            return "The body cannot be read as JSON."
        case _:
            return str(error.detail)


def invalid_request(error: RequestValidationError) -> Invalid:
    """The faults of a request in words; the place of those in a network is a node."""
    places = _places(error.errors(), error.body)
    return Invalid(
        "; ".join(_readable(place) for place in places[:3]) + (f" (and {len(places) - 3} more)" if len(places) > 3 else ""), places
    )


def invalid_value(faults: Sequence[ErrorDetails], value: object, prefix: tuple[str, ...] = ()) -> Invalid:
    """The faults that pydantic found in a value that is not a whole body."""
    found = _places([{**fault, "loc": ("", *fault["loc"])} for fault in faults], value)
    places = [place.model_copy(update={"path": [*prefix, *place.path]}) for place in found]
    return Invalid("; ".join(_readable(place) for place in places[:3]), places)


def _readable(place: Place) -> str:
    parts = [
        place.node if place.node and part == "network" else str(part) for part in place.path if not (place.node and isinstance(part, int))
    ]
    named = " → ".join(part for part in parts if part)
    return f"{named}: {place.message}" if named else place.message


def _places(faults: Sequence[Mapping[str, Any]], body: object) -> list[Place]:
    places: dict[tuple[str | int, ...], Place] = {}
    for fault in faults:
        place = _place(fault, body)
        # Of a list in which an item is wrong pydantic also says that it is too short, and of a union what each member says.
        if fault["type"] != "too_short" or not any(path[: len(place.path)] == tuple(place.path) for path in places):
            places.setdefault(tuple(place.path), place)
    return list(places.values())


def _place(fault: Mapping[str, Any], body: object) -> Place:
    path: list[str | int] = []
    node: str | None = None
    value = None if fault["loc"][0] in ("path", "query", "header", "cookie") else body
    known = value is not None
    loc: Sequence[str | int] = fault["loc"][1:]
    if fault["type"] == "json_invalid":
        return Place(path=[], message=f"The body is not JSON: {fault.get('ctx', {}).get('error', 'it cannot be read')}.")
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if known and isinstance(value, dict):
            tags = (value.get("op"), value.get("kind"), value.get("type"))
            if part not in value and part in tags and not (last and fault["type"] == "missing"):
                # Pydantic names the member of a union here; it is no key of the document.
                continue
            known = part in value
            value = value.get(str(part))
        elif known and isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            value = value[part]
        elif known and isinstance(part, str):
            # So is this, where the value has no keys.
            continue
        else:
            known = False
        if path and path[-1] == "network" and isinstance(part, int) and isinstance(value, dict):
            name = value.get("id")
            node = _short(name) if isinstance(name, str) else None
        path.append(_short(part) if isinstance(part, str) else part)
    names = [part for part in path if isinstance(part, str)]
    return Place(path=path, node=node, field=names[-1] if names else None, message=_sentence(fault))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_ECHO else text[: LONGEST_ECHO - 1] + "…"


def _sentence(fault: Mapping[str, Any]) -> str:
    about: Mapping[str, Any] = fault.get("ctx") or {}
    match fault["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field here; check its spelling"
        case "union_tag_invalid":
            return f"there is no {_short(str(about['tag']))!r} here; choose one of {about['expected_tags']}"
        case "union_tag_not_found":
            return f"needs a field {about['discriminator']} that says what it is"
        case "greater_than_equal":
            return f"must be {about['ge']} or more"
        case "greater_than":
            return f"must be more than {about['gt']}"
        case "less_than_equal":
            return f"must be {about['le']} or less"
        case "less_than":
            return f"must be less than {about['lt']}"
        case "finite_number":
            return "must be a finite number"
        case "int_type" | "int_parsing" | "int_parsing_size":
            return "must be a whole number" + (", without a fraction" if isinstance(fault["input"], float) else "")
        case "float_type" | "float_parsing":
            return "must be a number"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "string_type":
            return "must be text"
        case "string_too_short":
            return f"must have {about['min_length']} or more characters"
        case "string_too_long":
            return f"must have {about['max_length']} characters or fewer"
        case "list_type" | "tuple_type":
            return "must be a list"
        case "too_short":
            return f"must have {about['min_length']} or more items"
        case "too_long":
            return f"must have {about['max_length']} items or fewer"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be an object with fields, {…}"
        case "literal_error":
            return f"must be {about['expected']}"
        case "value_error":
            return str(about.get("error", fault["msg"]))
        case _:
            sentence = str(fault["msg"])
            return sentence[:1].lower() + sentence[1:]
