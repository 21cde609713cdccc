"""The description of the JSON routes, for whoever embeds the chat."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_FILE = Path(__file__).parent / "openapi.yaml"


@cache
def description() -> dict[str, Any]:
    """In OpenAPI 3.1."""
    described: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return described


async def _describe(request: Request) -> Response:
    return JSONResponse(description())


DESCRIPTION_ROUTE = Route("/api/openapi.json", _describe)
