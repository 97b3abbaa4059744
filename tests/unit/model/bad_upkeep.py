from typing import Final

from tests.unit.model.bad import CONFLICT, RANGE, REQUIRED, RULE, TASK, Bad
from tests.unit.model.documents import LS

NEVER: Final = (
    "0 0 30 2 *",
    "0 0 30,31 2 *",
    "*/5 * 31 2,4,6,9,11 *",
    "0 0 31 4-11/5 */2",
)
"""Days that none of their months has; the last one's weekday narrows them, having a star."""
UPKEEP: Final = (
    Bad(
        "placement-group-no-name",
        f"{LS}.proximityPlacementGroups",
        [{"resourceGroupName": "g"}],
        f"{LS}.proximityPlacementGroups[0].name",
        REQUIRED,
    ),
    Bad("task-type", "scheduling.tasks", [TASK | {"type": "stop"}], "scheduling.tasks[0].type"),
    Bad(
        "task-six-fields",
        "scheduling.tasks",
        [TASK | {"cronExpression": "0 0 19 * * 5"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-minute-60",
        "scheduling.tasks",
        [TASK | {"cronExpression": "60 1 * * *"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-weekday-7",
        "scheduling.tasks",
        [TASK | {"cronExpression": "0 1 * * 7"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-step-0",
        "scheduling.tasks",
        [TASK | {"cronExpression": "*/0 1 * * *"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-names",
        "scheduling.tasks",
        [TASK | {"cronExpression": "0 1 * JAN MON"}],
        "scheduling.tasks[0].cronExpression",
    ),
    *(
        Bad(
            f"task-never-{n}",
            "scheduling.tasks",
            [TASK, TASK | {"cronExpression": never}],
            "scheduling.tasks[1].cronExpression",
        )
        for n, never in enumerate(NEVER)
    ),
    Bad(
        "task-no-switch",
        "scheduling.tasks",
        [TASK | {"isEnabled": None}],
        "scheduling.tasks[0].isEnabled",
        REQUIRED,
    ),
    Bad("health-check-other", "health.healthCheckTypes", ["ping"], "health.healthCheckTypes[0]"),
    Bad(
        "healing-without-check",
        "health",
        {"autoHealing": True},
        "health.healthCheckTypes",
        REQUIRED,
    ),
    Bad(
        "gateway-check-without-gateway",
        "health.healthCheckTypes",
        ["applicationGateway"],
        "health.healthCheckTypes[0]",
        CONFLICT,
    ),
    Bad("grace-negative", "health.gracePeriod", -1, code=RANGE),
    Bad("grace-beyond-a-year", "health.gracePeriod", 31_536_001, code=RANGE),
    Bad("unhealthy-119", "health.unhealthyDuration", 119, code=RANGE),
    Bad("unhealthy-beyond-a-year", "health.unhealthyDuration", 31_536_001, code=RANGE),
    Bad("draining-beyond-a-year", "strategy.drainingTimeout", 31_536_001, code=RANGE),
    Bad(
        "signal-beyond-a-year",
        "strategy.signals",
        [{"type": "vmReady", "timeout": 31_536_001}],
        "strategy.signals[0].timeout",
        RANGE,
    ),
    Bad(
        "insights-rule",
        "integrations.insights",
        {"isEnabled": True, "dataCollectionRuleId": "rule"},
        "integrations.insights.dataCollectionRuleId",
    ),
    Bad(
        "insights-other-type",
        "integrations.insights",
        {
            "isEnabled": True,
            "dataCollectionRuleId": RULE.replace("dataCollectionRules", "components"),
        },
        "integrations.insights.dataCollectionRuleId",
    ),
)
