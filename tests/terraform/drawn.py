"""Draws valid node documents in which every field is there in some and absent in others."""

import random
from typing import Any, Final

from tests.terraform.dice import TRICKY, Json
from tests.terraform.drawn_launch import SUBSCRIPTION, LaunchDraw

RULE: Final = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet"
    "/providers/Microsoft.Insights/dataCollectionRules/rule"
)
SIZES: Final = (
    "standard_d2s_v5",
    "Standard_D4s_v5",
    "standard_e2s_v5",
    "standard_d2as_v5",
    "standard_d2ds_v5",
)
CONFIDENTIAL: Final = ("standard_dc2as_v5", "standard_ec4ads_v5", "standard_dc4as_v5")
WINDOWS_OF_WEEK: Final = ("Mon:09:00-Fri:20:00", "Sun:23:00-Mon:02:30", "Tue:00:00-Tue:23:59")
CRONS: Final = ("*/5 0-6,22 1 1-12/2 *", "44 10 * * *", "0 0 * * 0")


class Draw(LaunchDraw):
    """Draws documents."""

    def document(self) -> Json:
        sizes_of = CONFIDENTIAL if self.dice.random() < 0.1 else SIZES
        zones = self.maybe(lambda: self.some(("1", "2", "3")))
        self.sku = self.of("Standard", "Basic") if zones is None else "Standard"
        launch = self.launch(confidential=sizes_of is CONFIDENTIAL)
        compute = {
            "os": "Windows" if self.windows else "Linux",
            "zones": zones,
            "preferredZone": self.maybe(lambda: self.of(*zones)) if zones else None,
            "vmSizes": self.sizes(sizes_of),
            "launchSpecification": launch,
        }
        whole: Json = pruned(
            {
                "name": self.of("web", "My Node!", "7 of 9", *TRICKY[1:5], "узел"),
                "region": self.of("eastus", "westeurope"),
                "resourceGroupName": self.group(),
                "description": self.maybe(lambda: self.of(*TRICKY)),
                "strategy": self.strategy(),
                "persistence": self.persistence(),
                "compute": compute,
                "scheduling": self.maybe(lambda: {"tasks": self.many(self.task)}),
                "health": self.maybe(lambda: self.health(launch)),
                "integrations": self.maybe(self.integrations, 0.2),
            }
        )
        return whole

    def sizes(self, sizes: tuple[str, ...]) -> Json:
        found: Json = {"odSizes": self.some(sizes)}
        if self.flag() or sizes is CONFIDENTIAL:
            found["spotSizes"] = self.some(sizes)
            found["preferredSpotSizes"] = self.maybe(lambda: self.some(tuple(found["spotSizes"])))
            return found
        found["excludedVmSizes"] = self.maybe(lambda: self.some(sizes))
        bounds = {
            f"{bound}{what}": self.of(*values)
            for what in ("Cpu", "Memory", "Storage")
            for bound, values in (("min", (0, 2)), ("max", (8, 64)))
        }
        wanted = self.some(tuple(bounds))
        found["spotSizeAttributes"] = {name: bounds[name] for name in wanted}
        return found

    def strategy(self) -> Json:
        windows = self.maybe(lambda: self.some(WINDOWS_OF_WEEK))
        moments = ("never", "always", "timeWindow") if windows else ("never", "always")
        signals = ("vmReady", "vmReadyToShutdown")
        return {
            "fallbackToOd": self.flag(),
            "preferredLifecycle": self.of(None, "od", "spot"),
            "drainingTimeout": self.maybe(lambda: self.of(1, 120, 1_800)),
            "revertToSpot": self.maybe(lambda: {"performAt": self.of(*moments)}),
            "optimizationWindows": windows,
            "odWindows": self.maybe(lambda: self.some(WINDOWS_OF_WEEK, 0)),
            "signals": self.maybe(
                lambda: [{"type": one, "timeout": self.of(1, 1_800)} for one in self.some(signals)]
            ),
            "availabilityVsCost": self.of(None, 0, 50, 100),
            "capacityReservation": self.maybe(self.reservation),
            "vmAdmins": self.of(None, [], ["ada@example.org"], ['o"neil', "${x}"]),
            "interruptionToleration": self.maybe(self.toleration),
            "shouldUtilizeCommitments": self.of(None, None, True, False),
        }

    def reservation(self) -> Json:
        return {
            "shouldUtilize": self.flag(),
            "utilizationStrategy": self.of("utilizeOverSpot", "utilizeOverOD"),
            "capacityReservationGroups": self.maybe(
                lambda: self.many(lambda: self.named() | {"shouldPrioritize": self.maybe_flag()})
            ),
        }

    def toleration(self) -> Json:
        numbers = {
            "threshold": self.of(3, 7),
            "evaluationPeriod": self.of(30, 1_440),
            "cooldown": self.of(120, 10_080),
        }
        if self.flag():
            return {"isEnabled": True, **numbers}
        return {"isEnabled": False, **{name: numbers[name] for name in self.some((*numbers,), 0)}}

    def persistence(self) -> Json:
        modes = (None, "reattach", "onLaunch")
        return {
            "shouldPersistOsDisk": self.flag(),
            "osDiskPersistenceMode": self.of(*modes),
            "shouldPersistDataDisks": self.flag(),
            "dataDisksPersistenceMode": self.of(*modes),
            "shouldPersistNetwork": self.flag(),
        }

    def task(self) -> Json:
        kind = self.of("pause", "resume", "recycle")
        return {"isEnabled": self.flag(), "type": kind, "cronExpression": self.of(*CRONS)}

    def health(self, launch: Json) -> Json:
        balancers = (launch["loadBalancersConfig"] or {}).get("loadBalancers") or []
        gateway = any(one["type"] == "applicationGateway" for one in balancers)
        checks = ("vmState", "vmAgent", *(("applicationGateway",) if gateway else ()))
        return {
            "healthCheckTypes": self.some(checks),
            "gracePeriod": self.of(None, 0, 120),
            "autoHealing": self.maybe_flag(),
            "unhealthyDuration": self.of(None, 120, 300),
        }

    def integrations(self) -> Json:
        rule = self.of(RULE, f"{RULE}-2")
        return {"insights": {"isEnabled": self.flag(), "dataCollectionRuleId": rule}}


def pruned(value: Any) -> Any:
    """Return JSON without its nulls."""
    if isinstance(value, dict):
        return {name: pruned(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [pruned(one) for one in value]
    return value


def drawn(seed: int) -> Json:
    """Return the document of a seed."""
    return Draw(random.Random(seed)).document()  # noqa: S311 - draws, not secrets
