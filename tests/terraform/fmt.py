"""The rules of `terraform fmt`, line by line, written apart from the printer that is judged."""

import re
from typing import Final

ASSIGNED: Final = re.compile(r"""("(?:[^"\\]|\\.)*"|[\w-]+)\s*=\s*(\S.*)$""")
HEREDOC: Final = re.compile(r"<<-?(\w+)$")
QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')


def formatted(code: str) -> str:
    """Return the code as `terraform fmt` would leave it: indentation, blanks, columns of `=`."""
    lines: list[tuple[str, list[str]]] = []  # each with the raw lines of its heredoc
    mark = ""
    for raw in code.split("\n"):
        if mark:
            lines[-1][1].append(raw)
            mark = "" if raw.strip() == mark else mark
        else:
            lines.append((raw.strip(), []))
            found = HEREDOC.search(QUOTED.sub("", raw))
            mark = found[1] if found and not raw.strip().startswith("#") else ""
    return "\n".join(_columns(_indented(lines)))


def _indented(lines: list[tuple[str, list[str]]]) -> list[tuple[str, str, list[str]]]:
    found, depth = [], 0
    for line, heredoc in lines:
        change = _brackets(line)
        depth += min(change, 0)
        found.append(("  " * depth if line else "", _spaced(line), heredoc))
        depth += max(change, 0)
    return found


def _brackets(line: str) -> int:
    if line.startswith("#"):
        return 0
    bare = QUOTED.sub("", line)
    return sum(bare.count(one) for one in "{[(") - sum(bare.count(one) for one in "}])")


def _spaced(line: str) -> str:
    """Put one blank behind each comma and around `=`, and none inside square brackets."""
    found = None if line.startswith("#") else ASSIGNED.match(line)
    if not found:
        return line
    texts = QUOTED.findall(found[2])
    bare = re.sub(r"\s*,\s*", ", ", QUOTED.sub("\0", found[2]))
    bare = re.sub(r"\[\s+", "[", re.sub(r"\s+\]", "]", bare))
    for text in texts:
        bare = bare.replace("\0", text, 1)
    return f"{found[1]} = {bare}"


def _columns(lines: list[tuple[str, str, list[str]]]) -> list[str]:
    """Align `=` over lines that follow each other and hold a whole attribute each."""
    out: list[str] = []
    chain: list[tuple[str, str, str, list[str]]] = []
    for margin, line, heredoc in lines:
        found = None if line.startswith("#") else ASSIGNED.match(line)
        if found and _brackets(found[2]) == 0:
            chain.append((margin, found[1], found[2], heredoc))
            continue
        out += _closed(chain)
        chain = []
        out.append(margin + line)
    return out + _closed(chain)


def _closed(chain: list[tuple[str, str, str, list[str]]]) -> list[str]:
    width = max((len(name) for _, name, _, _ in chain), default=0)
    out: list[str] = []
    for margin, name, value, heredoc in chain:
        out += [f"{margin}{name.ljust(width)} = {value}", *heredoc]
    return out
