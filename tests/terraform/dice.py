"""The dice that documents are drawn with, and the texts that are hard to write down."""

import base64
import random
from collections.abc import Callable
from typing import Any, Final, TypeVar

Json = dict[str, Any]
T = TypeVar("T")
TRICKY: Final = (
    "plain",
    'has "quotes" and \\ backslashes',
    "costs ${5} and 100%{of it}",
    "half ${ open, 50%{",
    "$${twice} %%{twice} $$$ %%% $ %",
    "tab\tand line\nend",
    "lines of text\nand more, ${x}\n",
    "lines\n  indented\n\nEOT\nwith a mark\n",
    "trailing blank \nin a line\n",
    "carriage\r\nreturn\r\n",
    "üñïçödé, 漢字, 🚀",
    "controls \x01 \x7f \x85 \u2028 \u200b",
    "# no comment // nor here /* nor here */",
    "<<EOT",
    "]})",
    "@0",
)


class Dice:
    """Chooses, all from one source."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.windows = dice.random() < 0.3

    def maybe(self, part: Callable[[], T], chance: float = 0.5) -> T | None:
        return part() if self.dice.random() < chance else None

    def flag(self) -> bool:
        return self.dice.random() < 0.5

    def maybe_flag(self) -> bool | None:
        return self.of(None, True, False)

    def of(self, *choices: T) -> T:
        return self.dice.choice(choices)

    def some(self, choices: tuple[str, ...], least: int = 1) -> list[str]:
        return self.dice.sample(choices, self.dice.randint(least, len(choices)))

    def base64(self) -> str:
        return base64.b64encode(self.dice.randbytes(self.dice.randint(1, 90))).decode()

    def name(self) -> str:
        return f"n{self.dice.randrange(1_000)}"

    def group(self) -> str:
        return self.of("fleet", "Fleet.Two-(3)", "rg_1")

    def named(self) -> Json:
        return {"name": self.name(), "resourceGroupName": self.group()}

    def many(self, part: Callable[[], Json], most: int = 3) -> list[Json]:
        return [part() for _ in range(self.dice.randint(0, most))]

    def by_name(self, part: Callable[[], Json], key: str, most: int = 3) -> list[Json]:
        """Return parts of which no two share their name."""
        return list({one[key]: one for one in self.many(part, most)}.values())
