"""What an endpoint is given of an address and of a JSON body, read by FastAPI as the endpoint declares it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args, solve_dependencies
from starlette.requests import Request

# FastAPI asks for these stacks although our endpoints have no dependencies that need closing.
_UNUSED = AsyncExitStack()
Found = tuple[dict[str, Any], list[Any]]
"""Values by name, and what is wrong as Pydantic's errors."""


class Parameters:
    """One endpoint's. Ours declare what is in the path, the query and the body, and nothing else; most requests bring no body and no
    query, so those parts are not gone through again for each."""

    def __init__(self, dependant: Dependant, body_field: Any, embed: bool) -> None:
        if dependant.dependencies or dependant.header_params or dependant.cookie_params:
            raise TypeError(f"{dependant.path}: an endpoint's values come from its path, its query and its body alone")
        self._dependant, self._has_body, self._embed = dependant, body_field is not None, embed
        self._no_query = request_params_to_args(dependant.query_params, {})

    async def read(self, request: Request, body: Any) -> Found:
        if self._has_body:
            return await self._with_body(request, body)
        values, errors = request_params_to_args(self._dependant.path_params, request.path_params)
        said, wrong = self._no_query
        if request.scope["query_string"]:
            said, wrong = request_params_to_args(self._dependant.query_params, request.query_params)
        return {**values, **said}, [*errors, *wrong]

    async def _with_body(self, request: Request, body: Any) -> Found:
        request.scope["fastapi_inner_astack"] = request.scope["fastapi_function_astack"] = _UNUSED
        solved = await solve_dependencies(
            request=request, dependant=self._dependant, body=body, async_exit_stack=_UNUSED, embed_body_fields=self._embed
        )
        return solved.values, solved.errors
