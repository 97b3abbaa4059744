"""What a browser or a probe asks for: the API document, its page, health. No token needed."""

import json
from functools import cache
from http import HTTPStatus
from urllib.parse import urlsplit

import azure.functions as func

from triggers.docs_page import render
from triggers.openapi import document


def page(request: func.HttpRequest) -> func.HttpResponse | None:
    """Return the page at this path, or None if there is none."""
    path = urlsplit(request.url).path.strip("/")
    if request.method not in ("GET", "HEAD"):
        return None
    match path:
        case "":
            return func.HttpResponse(status_code=HTTPStatus.FOUND, headers={"Location": "/docs"})
        case "docs":
            return func.HttpResponse(_docs(), mimetype="text/html", headers=_HEADERS)
        case "openapi.json":
            return func.HttpResponse(_openapi(), mimetype="application/json", headers=_HEADERS)
        case "health":
            return func.HttpResponse('{"status":"ok"}', mimetype="application/json")
        case _:
            return None


_HEADERS = {
    "Cache-Control": "max-age=300",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@cache
def _docs() -> str:
    return render(document())


@cache
def _openapi() -> str:
    return json.dumps(document(), indent=1)
