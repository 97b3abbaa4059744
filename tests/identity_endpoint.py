"""The endpoint at which a Functions app asks for tokens of its managed identity.

Source: Azure docs, app-service/overview-managed-identity, REST endpoint reference.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from local.credential import EXPIRES_ON

HEADER = "of-this-process-alone"


@dataclass
class Endpoint:
    """What the app is told of it, and what it was asked for."""

    environment: dict[str, str]
    asked: list[str] = field(default_factory=list)
    """Resources, in order."""


@contextmanager
def identity_endpoint(token_of: Callable[[str], str]) -> Iterator[Endpoint]:
    """Run one that gives `token_of(resource)`, to whoever knows the header's secret."""
    endpoint = Endpoint({})

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            known = self.headers.get("X-IDENTITY-HEADER") == HEADER
            if not known or query.get("api-version") != ["2019-08-01"]:
                self.send_error(400)
                return
            (resource,) = query["resource"]
            endpoint.asked.append(resource)
            told = {
                "access_token": token_of(resource),
                "expires_on": str(EXPIRES_ON),
                "resource": resource,
                "token_type": "Bearer",
            }
            content = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    url = f"http://127.0.0.1:{server.server_address[1]}/msi/token"
    endpoint.environment = {"IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": HEADER}
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
