"""Bodies that are no JSON, or none that can be meant, and bodies of the wrong shape."""

import json
from typing import Any, Final

from shared.model.problems import Code
from tests.unit.model.documents import body

ROOT: Final = "statefulNode"


def deep(levels: int) -> Any:
    found: Any = 1
    for _ in range(levels):
        found = {"a": found}
    return found


def raw(text: str) -> bytes:
    return text.encode()


NO_JSON: Final[dict[str, bytes]] = {
    "nothing": b"",
    "blanks": b" \t\r\n",
    "a null byte": b"\x00",
    "an open brace": b"{",
    "a closing brace": b"}",
    "a trailing comma": b'{"statefulNode":{},}',
    "single quotes": b"{'statefulNode':{}}",
    "no quotes": b"{statefulNode:{}}",
    "a comment": b'{"statefulNode":{}/* */}',
    "two documents": b'{"statefulNode":{}}{"statefulNode":{}}',
    "lines of JSON": b'{"statefulNode":{}}\n{"statefulNode":{}}',
    "a form": b"statefulNode=%7B%7D&state=pause",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "YAML": b"statefulNode: !!python/object/apply:os.system ['id']",
    "a pickle": b"\x80\x04\x95\x1e\x00\x00\x00cos\nsystem\n(S'id'\ntR.",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\xaa\x05\x00\x43\xbf\xa6\xa3\x02",
    "UTF-16 with its mark": '{"statefulNode":{}}'.encode("utf-16"),
    "UTF-32": '{"statefulNode":{}}'.encode("utf-32-le"),
    "Latin-1": '{"statefulNode":{"name":"blå"}}'.encode("latin-1"),
    "overlong UTF-8": b'{"statefulNode":{"name":"\xc0\xafetc\xc0\xafpasswd"}}',
    "a surrogate in UTF-8": b'{"statefulNode":{"name":"\xed\xa0\x80"}}',
    "half an escaped surrogate pair": b'{"statefulNode":{"name":"\\ud83d"}}',
    "two halves in the wrong order": b'{"statefulNode":{"name":"\\ude00\\ud83d"}}',
    "a raw line break in a text": b'{"statefulNode":{"name":"a\nb"}}',
    "a raw null in a text": b'{"statefulNode":{"name":"a\x00b"}}',
    "a bad escape": b'{"statefulNode":{"name":"\\x41"}}',
    "two marks of byte order": b'\xef\xbb\xbf\xef\xbb\xbf{"statefulNode":{}}',
    "a mark of byte order inside": b'{\xef\xbb\xbf"statefulNode":{}}',
    "not a number": b'{"statefulNode":{"strategy":{"drainingTimeout":NaN}}}',
    "infinity": b'{"statefulNode":{"strategy":{"drainingTimeout":-Infinity}}}',
    "a number beyond floats": b'{"statefulNode":{"strategy":{"drainingTimeout":1e999}}}',
    "a number of 6,000 digits": b'{"statefulNode":{"x":' + b"9" * 6_000 + b"}}",
    "a hexadecimal number": b'{"statefulNode":{"strategy":{"drainingTimeout":0x78}}}',
    "a number with a leading zero": b'{"statefulNode":{"strategy":{"drainingTimeout":0120}}}',
    "an abyss of lists": b"[" * 200_000,
    "an abyss of objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "33 levels": json.dumps({ROOT: deep(33)}).encode(),
}
"""Bodies that are no JSON, or none that can be meant."""

WRONG_SHAPES: Final[dict[str, tuple[bytes, str, str]]] = {
    "a number": (b"7", Code.TYPE, ROOT),
    "a text": (b'"statefulNode"', Code.TYPE, ROOT),
    "true": (b"true", Code.TYPE, ROOT),
    "null": (b"null", Code.TYPE, ROOT),
    "a list of documents": (json.dumps([body()]).encode(), Code.TYPE, ROOT),
    "no root": (b"{}", Code.REQUIRED, ROOT),
    "a null root": (b'{"statefulNode":null}', Code.REQUIRED, ROOT),
    "a root that is a text": (b'{"statefulNode":"{}"}', Code.TYPE, ROOT),
    "a root that is a list": (b'{"statefulNode":[{}]}', Code.TYPE, ROOT),
    "a root in another case": (
        raw('{"StatefulNode":{}}'),
        Code.UNKNOWN,
        "StatefulNode statefulNode",
    ),
    "a second root": (json.dumps({**body(), "admin": True}).encode(), Code.UNKNOWN, "admin"),
    "the same root twice": (raw('{"statefulNode":{},"statefulNode":{}}'), "DUPLICATE_KEY", ""),
    "a key twice, once escaped": (
        raw('{"statefulNode":{"name":"a","n\\u0061me":"b"}}'),
        "DUPLICATE_KEY",
        "",
    ),
    "a megabyte too much": (b'{"statefulNode":"' + b"x" * 1_048_576 + b'"}', "BODY_TOO_LARGE", ""),
}
