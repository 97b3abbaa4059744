"""`python -m local.stack`: what `make run` starts."""

import asyncio
import sys

from rich.console import Console

from local.stack.options import parse
from local.stack.run import Stack

if __name__ == "__main__":
    sys.exit(asyncio.run(Stack(parse(), Console()).run()))
