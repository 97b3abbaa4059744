"""Calls functions through the SDK's converters: the layer that Azure's worker uses."""

import asyncio
import inspect
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import azure.functions as func
from azure.functions.meta import Datum

from local.host import log
from local.host.durable.sdk import hush
from local.host.index import Function
from local.host.options import Options
from local.host.wire import converter

THREADS: Final = "function"
"""Prefix of the names of the pool's threads."""


def _contain(call: Callable[[], Any]) -> Any:
    # A future cannot carry a StopIteration, and would end the loop with a SystemExit.
    try:
        return call()
    except (StopIteration, SystemExit) as problem:
        raise RuntimeError(f"the function raised {problem!r}") from problem


class InvocationContext(func.Context):
    """What a function's `context` parameter shows of its invocation."""

    def __init__(self, function: Function, invocation_id: str) -> None:
        self._function = function
        self._invocation_id = invocation_id

    @property
    def invocation_id(self) -> str:
        """The invocation's id."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        """Storage of the calling thread."""
        return threading.local

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._function.name

    @property
    def function_directory(self) -> str:
        """The app's directory."""
        return str(self._function.directory)

    @property
    def trace_context(self) -> Any:
        """No distributed trace runs through this host."""
        return None

    @property
    def retry_context(self) -> Any:
        """This host does not retry functions by policy."""
        return None


class Output(func.Out[Any]):
    """An output binding's value."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Take the value."""
        self._value = val

    def get(self) -> Any:
        """Return the value, None while there is none."""
        return self._value


class Invoker:
    """Calls any function of the app: async ones on the loop, sync ones on a bounded pool."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._pool: ThreadPoolExecutor | None = None
        self.client_binding: Callable[[], str] = lambda: ""

    async def call(self, function: Function, trigger: Datum) -> Any:
        """Call a function with its trigger's value; return what it returns or puts out by HTTP.

        Raises what the function raises.
        """
        invocation_id = uuid.UUID(int=self.options.rng.getrandbits(128), version=4)
        outputs: dict[str, Output] = {}
        arguments = self._arguments(function, trigger, str(invocation_id), outputs)
        returned = await self._guard(partial(function.call, **arguments))
        return self._result(function, returned, outputs)

    async def activity(self, function: Function, text: str | None) -> str:
        """Run an activity on JSON text and return its result as JSON text."""
        returned = await self.call(function, Datum(text if text is not None else "null", "string"))
        return str(converter("activityTrigger").encode(returned, expected_type=None).value)

    def close(self) -> None:
        """Let the pool go; threads that still run are not waited for."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _guard(self, call: partial[Any]) -> Any:
        """Keep what ends a task or a process inside the one call that raised it."""
        task = asyncio.current_task()
        try:
            return await self._run(call)
        except SystemExit as problem:
            raise RuntimeError(f"the function called sys.exit({problem.code})") from problem
        except asyncio.CancelledError as problem:
            if task is not None and task.cancelling():
                raise
            raise RuntimeError("the function was cancelled from inside") from problem

    async def _run(self, call: partial[Any]) -> Any:
        if inspect.iscoroutinefunction(call.func):
            return await call()
        if self.options.inline:
            return call()
        loop = asyncio.get_running_loop()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.options.threads, THREADS)
        return await loop.run_in_executor(self._pool, partial(_contain, call))

    def _arguments(
        self, function: Function, trigger: Datum, invocation_id: str, outputs: dict[str, Output]
    ) -> dict[str, Any]:
        hush()
        value = converter(function.type).decode(trigger, trigger_metadata=None)
        arguments: dict[str, Any] = {function.parameter: value}
        for binding in function.bindings:
            name = binding["name"]
            if binding["type"] == "durableClient":
                arguments[name] = self.client_binding()
            elif binding.get("direction") == "OUT" and name != "$return":
                arguments[name] = outputs[name] = Output()
        if "context" in function.parameters and "context" not in arguments:
            arguments["context"] = InvocationContext(function, invocation_id)
        return arguments

    def _result(self, function: Function, returned: Any, outputs: dict[str, Output]) -> Any:
        for binding in function.bindings:
            if binding.get("direction") != "OUT":
                continue
            name, kind = binding["name"], binding["type"]
            value = returned if name == "$return" else outputs[name].get()
            if kind == "http" and name != "$return":
                return value
            if kind != "http" and value is not None:
                log.warn("output_not_delivered", function=function.name, binding=name, type=kind)
        return returned
