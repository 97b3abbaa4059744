"""Who may call what: auth levels and keys."""

import hmac

from local.host.options import Options
from local.host.wire import Request


class Access:
    """Checks the keys that requests show; without enforcement none is needed, as in core tools."""

    def __init__(self, options: Options) -> None:
        self._enforced = options.enforce_keys
        self._keys = options.keys

    def allows(self, request: Request, level: str, function: str = "") -> bool:
        """Whether a request may call a function of this auth level."""
        level = level.lower()
        if not self._enforced or level == "anonymous":
            return True
        accepted = [self._keys.master]
        if level == "function":
            accepted += [self._keys.function, self._keys.by_function.get(function, "")]
        return _shows(request, accepted)

    def allows_system(self, request: Request) -> bool:
        """Whether a request may call an extension's webhook."""
        return not self._enforced or _shows(request, [self._keys.system, self._keys.master])


def _shows(request: Request, accepted: list[str]) -> bool:
    shown = request.header("x-functions-key") or request.asks("code")
    return any(key and hmac.compare_digest(shown.encode(), key.encode()) for key in accepted)
