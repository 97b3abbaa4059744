"""The API document as a page: one self-contained HTML text, no script, nothing fetched."""

import html
import json
from typing import Any, Final

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem 1.5rem;
color:#1b1b1f;background:#fff}
h1{margin-bottom:0}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:#f4f5f7;padding:.75rem;overflow:auto;border-radius:6px}
section{border-top:1px solid #d7d9de;padding:.5rem 0 1rem}
.method{display:inline-block;min-width:4.5rem;font-weight:700;color:#0b5cad}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;
padding:.2rem .75rem .2rem 0;border-bottom:1px solid #eceef1}
summary{cursor:pointer}a{color:#0b5cad}
@media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e7ea}pre{background:#22252b}
.method,a{color:#7db7f5}section{border-color:#33373f}td,th{border-color:#2a2e35}}
"""


def render(document: dict[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    info = document["info"]
    operations = [
        _operation(method, path, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]
    schemas = [
        _schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items())
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_text(info['title'])} API</title><style>{_STYLE}</style></head><body>"
        f"<h1>{_text(info['title'])} API</h1><p>Version {_text(info['version'])}. "
        f'{_text(info["description"])} <a href="/openapi.json">openapi.json</a></p>'
        f"{''.join(operations)}<h2>Objects</h2>{''.join(schemas)}</body></html>"
    )


def _text(value: object) -> str:
    return html.escape(str(value))


def _operation(method: str, path: str, one: dict[str, Any]) -> str:
    rows = [
        (parameter["name"], parameter["in"], parameter.get("description", ""))
        for parameter in one["parameters"]
    ]
    answers = [(code, "", answer["description"]) for code, answer in one["responses"].items()]
    example = ""
    if "requestBody" in one:
        body = one["requestBody"]["content"]["application/json"]["example"]
        example = (
            "<details><summary>Example request</summary>"
            f"<pre>{_text(json.dumps(body, indent=2))}</pre></details>"
        )
    return (
        f'<section id="{_text(one["operationId"])}"><h2>{_text(one["summary"])}</h2>'
        f'<p><span class="method">{_text(method.upper())}</span> <code>{_text(path)}</code></p>'
        f"<p>{_text(one['description'])}</p>{_table(rows)}{example}"
        f"<details><summary>Answers</summary>{_table(answers)}</details></section>"
    )


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = (
        f"<tr><td><code>{_text(name)}</code></td><td>{_text(kind)}</td><td>{_text(about)}</td></tr>"
        for name, kind, about in rows
    )
    return f"<table>{''.join(lines)}</table>"


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (field, _kind(one), "required" if field in required else "")
        for field, one in schema.get("properties", {}).items()
    ]
    about = _text(schema.get("description", ""))
    return (
        f'<details id="{_text(name)}"><summary><code>{_text(name)}</code> {about}</summary>'
        f"{_table(rows)}</details>"
    )


def _kind(one: dict[str, Any]) -> str:
    if "$ref" in one:
        return str(one["$ref"].rsplit("/", 1)[-1])
    if "enum" in one:
        return " | ".join(str(value) for value in one["enum"])
    if "anyOf" in one:
        return " | ".join(_kind(each) for each in one["anyOf"])
    if one.get("type") == "array":
        return f"list of {_kind(one.get('items', {}))}"
    bounds = [f"{name} {one[name]}" for name in ("minimum", "maximum", "maxLength") if name in one]
    return " ".join([str(one.get("const", one.get("type", "any"))), *bounds])
