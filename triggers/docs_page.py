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
    groups = [_group(tag, document["paths"]) for tag in document["tags"]]
    schemas = [
        _schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items())
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_text(info['title'])} API</title><style>{_STYLE}</style></head><body>"
        f"<h1>{_text(info['title'])} API</h1><p>Version {_text(info['version'])}. "
        f'{_text(info["description"])} <a href="/openapi.json">openapi.json</a></p>'
        f"{''.join(groups)}<h2>Objects</h2>{''.join(schemas)}</body></html>"
    )


def _group(tag: dict[str, str], paths: dict[str, Any]) -> str:
    """Return the operations of one tag, with links to each before them."""
    operations = [
        (method, path, one)
        for path, methods in paths.items()
        for method, one in methods.items()
        if tag["name"] in one["tags"]
    ]
    links = "".join(
        f'<li><a href="#{_text(one["operationId"])}">{_text(one["summary"])}</a></li>'
        for _, _, one in operations
    )
    told = "".join(_operation(*operation) for operation in operations)
    name, about = _text(tag["name"]), _text(tag["description"])
    return f"<h1>{name}</h1><p>{about}</p><ul>{links}</ul>{told}"


def _text(value: object) -> str:
    return html.escape(str(value))


def _operation(method: str, path: str, one: dict[str, Any]) -> str:
    rows = [
        (parameter["name"], parameter["in"], parameter.get("description", ""))
        for parameter in one["parameters"]
    ]
    answers = [(code, "", answer["description"]) for code, answer in one["responses"].items()]
    shown = _example("request", one.get("requestBody", {}))
    shown += _example("answer", one["responses"]["200"])
    return (
        f'<section id="{_text(one["operationId"])}"><h2>{_text(one["summary"])}</h2>'
        f'<p><span class="method">{_text(method.upper())}</span> <code>{_text(path)}</code></p>'
        f"<p>{_text(one['description'])}</p>{_table(rows)}{shown}"
        f"<details><summary>Answers</summary>{_table(answers)}</details></section>"
    )


def _example(what: str, told: dict[str, Any]) -> str:
    """Return an example of what is sent or answered, with a link to the object that it is."""
    content = told.get("content", {}).get("application/json", {})
    if "example" not in content:
        return ""
    name = _text(content["schema"]["$ref"].rpartition("/")[2])
    return (
        f'<details><summary>Example {what}</summary><p><a href="#object-{name}">{name}</a></p>'
        f"<pre>{_text(json.dumps(content['example'], indent=2))}</pre></details>"
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
        (field, _kind(one), _about(one, is_required=field in required))
        for field, one in schema.get("properties", {}).items()
    ]
    about = _text(schema.get("description", ""))
    return (
        f'<details id="object-{_text(name)}"><summary><code>{_text(name)}</code> {about}</summary>'
        f"{_table(rows)}</details>"
    )


def _about(one: dict[str, Any], *, is_required: bool) -> str:
    notes = ["required"] if is_required else []
    notes += ["never shown"] if one.get("writeOnly") else []
    notes += [f"default {json.dumps(one['default'])}"] if "default" in one else []
    return ", ".join([*notes, *filter(None, [one.get("description")])])


def _kind(one: dict[str, Any]) -> str:
    if "$ref" in one:
        return str(one["$ref"].rsplit("/", 1)[-1])
    if "enum" in one:
        return " | ".join(_word(value) for value in one["enum"])
    if "anyOf" in one:
        return " | ".join(_kind(each) for each in one["anyOf"])
    if one.get("type") == "array":
        return f"list of {_kind(one.get('items', {}))}"
    bounds = [f"{name} {one[name]}" for name in ("minimum", "maximum", "maxLength") if name in one]
    types = one.get("type", "any")
    kind = types if isinstance(types, str) else " or ".join(types)
    return " ".join([_word(one["const"]) if "const" in one else kind, *bounds])


def _word(value: object) -> str:
    """Return a value as JSON has it, words without their quotes."""
    return value if isinstance(value, str) else json.dumps(value)
