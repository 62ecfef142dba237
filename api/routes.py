"""Blueprints whose views read their parameters by a plan that is made once.

flask-openapi3 builds the header, the path, the query and the body of each request from the JSON schemas of
their models. A plan reads only what the models declare. The OpenAPI document has the same declarations.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ValidationError

from api.invalid_fields import refuse

#: Reads one part of the current request, given the parameters in its path.
_Reader = Callable[[Mapping[str, Any]], BaseModel]


class Routes(APIBlueprint):
    """A blueprint whose views have the parameters `header`, `path`, `query` and `body`, each a model."""

    @staticmethod
    def create_view_func(func: Any, *models: Any, **_: Any) -> Callable[..., Any]:
        """Return the view of a route: it reads the parameters of a request and passes them to `func`."""
        header, cookie, path, query, form, body, raw = models
        assert (cookie, form, raw) == (None, None, None), "no route has these parameters"
        readers: list[tuple[str, _Reader]] = []
        if header:
            readers.append(("header", _header_reader(header)))
        if path:
            readers.append(("path", path.model_validate))
        if query:
            readers.append(("query", _query_reader(query)))
        if body:
            readers.append(("body", lambda _: body.model_validate(request.get_json())))

        @wraps(func)
        def view(**parameters: Any) -> Any:
            try:
                models = {name: read(parameters) for name, read in readers}
            except ValidationError as error:
                refuse(error)
            return func(**models)

        return view


def _header_reader(model: type[BaseModel]) -> _Reader:
    names = [field.alias or name for name, field in model.model_fields.items()]
    variables = {name: "HTTP_" + name.upper().replace("-", "_") for name in names}

    def read(_: Mapping[str, Any]) -> BaseModel:
        environ = request.environ
        return model.model_validate(
            {name: environ[variable] for name, variable in variables.items() if variable in environ}
        )

    return read


def _query_reader(model: type[BaseModel]) -> _Reader:
    def read(_: Mapping[str, Any]) -> BaseModel:
        return model.model_validate(request.args.to_dict() if request.environ.get("QUERY_STRING") else {})

    return read
