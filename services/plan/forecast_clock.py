"""The clock of a rehearsal: waits cost nothing and are told."""

from datetime import datetime, timedelta


class ForecastClock:
    """Begins at the real present; goes on by what is waited for."""

    def __init__(self, now: datetime) -> None:
        self._began = now
        self._now = now

    def now(self) -> datetime:
        """Return the forecast's present."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Go on by so many seconds."""
        self.pass_s(seconds)

    def pass_s(self, seconds: float) -> None:
        """Go on by so many seconds."""
        self._now += timedelta(seconds=max(0.0, seconds))

    def reach(self, moment: datetime) -> None:
        """Go on to a moment; one that is past changes nothing."""
        self._now = max(self._now, moment)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the rehearsal began."""
        return (self._now - self._began).total_seconds()
