# Written as strangers write their apps: unannotated, against an untyped SDK.
# mypy: ignore-errors
# ruff: noqa: ANN001
import json

import azure.functions as func


async def inner(scope, receive, send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        return
    message = await receive()
    body = json.dumps([scope["method"], scope["path"], len(message["body"])]).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})


app = func.AsgiFunctionApp(app=inner, http_auth_level=func.AuthLevel.ANONYMOUS)
