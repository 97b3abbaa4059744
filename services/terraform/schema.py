"""How the Terraform resource spells the node document: one table, read in both directions.

Source: the schema of the published provider's resource `spotinst_stateful_node_azure`, 1.240.
What is not in the table has no counterpart there (unsayable.py).
"""

from typing import Final

from services.terraform.launch_schema import (
    ACCESS,
    DISKS,
    EXTENSION,
    IMAGE,
    LOAD_BALANCER,
    LOGIN,
    NETWORK,
    SECURITY,
)
from services.terraform.terms import LAUNCH, Attribute, Block, flag, number, text, texts

RESOURCE: Final = "spotinst_stateful_node_azure"

STRATEGY: Final = Block(
    "strategy",
    "strategy",
    (
        flag("fallback_to_on_demand", "fallbackToOd", required=True),
        Attribute("preferred_life_cycle", "preferredLifecycle"),
        number("draining_timeout", "drainingTimeout"),
        number("availability_vs_cost", "availabilityVsCost"),
        texts("optimization_windows", "optimizationWindows"),
        texts("od_windows", "odWindows"),
        texts("vm_admins", "vmAdmins"),
        Block("revert_to_spot", "revertToSpot", (text("perform_at", "performAt"),)),
        Block(
            "interruption_toleration",
            "interruptionToleration",
            (
                flag("is_enabled", "isEnabled"),
                number("threshold", "threshold"),
                number("evaluation_period", "evaluationPeriod"),
                number("cooldown", "cooldown"),
            ),
        ),
        Block(
            "capacity_reservation",
            "capacityReservation",
            (
                flag("should_utilize", "shouldUtilize", required=True),
                text("utilization_strategy", "utilizationStrategy"),
                Block(
                    "capacity_reservation_groups",
                    "capacityReservationGroups",
                    (
                        text("crg_name", "name"),
                        text("crg_resource_group_name", "resourceGroupName"),
                        flag("crg_should_prioritize", "shouldPrioritize"),
                    ),
                    many=True,
                ),
            ),
        ),
    ),
    required=True,
)
VM_SIZES: Final = Block(
    "vm_sizes",
    "compute.vmSizes",
    (
        texts("od_sizes", "odSizes", required=True),
        texts("spot_sizes", "spotSizes"),
        texts("preferred_spot_sizes", "preferredSpotSizes"),
        texts("excluded_vm_sizes", "excludedVmSizes"),
        Block(
            "spot_size_attributes",
            "spotSizeAttributes",
            (
                number("max_cpu", "maxCpu"),
                number("min_cpu", "minCpu"),
                number("max_memory", "maxMemory"),
                number("min_memory", "minMemory"),
                number("max_storage", "maxStorage"),
                number("min_storage", "minStorage"),
            ),
        ),
    ),
    required=True,
)
UPKEEP: Final = (
    Block(
        "signal",
        "strategy.signals",
        (text("type", "type"), number("timeout", "timeout", required=True)),
        many=True,
    ),
    Block(
        "scheduling_task",
        "scheduling.tasks",
        (
            flag("is_enabled", "isEnabled", required=True),
            text("type", "type"),
            text("cron_expression", "cronExpression"),
        ),
        many=True,
    ),
    Block(
        "health",
        "health",
        (
            texts("health_check_types", "healthCheckTypes", required=True),
            flag("auto_healing", "autoHealing", required=True),
            number("grace_period", "gracePeriod"),
            number("unhealthy_duration", "unhealthyDuration"),
        ),
    ),
)
NODE: Final = Block(
    RESOURCE,
    "",
    (
        text("name", "name"),
        text("region", "region"),
        text("resource_group_name", "resourceGroupName"),
        Attribute("description", "description"),
        STRATEGY,
        *UPKEEP[:1],
        text("os", "compute.os"),
        texts("zones", "compute.zones"),
        Attribute("preferred_zone", "compute.preferredZone"),
        VM_SIZES,
        Attribute("vm_name", f"{LAUNCH}.vmName"),
        Attribute("vm_name_prefix", f"{LAUNCH}.vmNamePrefix"),
        Attribute("license_type", f"{LAUNCH}.licenseType"),
        Attribute("custom_data", f"{LAUNCH}.customData"),
        Attribute("user_data", f"{LAUNCH}.userData"),
        Attribute("shutdown_script", f"{LAUNCH}.shutdownScript"),
        IMAGE,
        LOGIN,
        NETWORK,
        LOAD_BALANCER,
        *DISKS,
        *SECURITY,
        *ACCESS,
        EXTENSION,
        flag("should_persist_os_disk", "persistence.shouldPersistOsDisk", required=True),
        Attribute("os_disk_persistence_mode", "persistence.osDiskPersistenceMode"),
        flag("should_persist_data_disks", "persistence.shouldPersistDataDisks", required=True),
        Attribute("data_disks_persistence_mode", "persistence.dataDisksPersistenceMode"),
        flag("should_persist_network", "persistence.shouldPersistNetwork", required=True),
        *UPKEEP[1:],
    ),
)

ACTIONS: Final = {
    "delete": "says what `terraform destroy` does",
    "import_vm": "imports a VM when the node is created",
    "attach_data_disk": "attaches a data disk at every update",
    "detach_data_disk": "detaches a data disk at every update",
    "update_state": "pauses, resumes or recycles the node at every update",
}
"""Blocks of the resource that are actions of the provider, not part of the node."""
META: Final = frozenset(
    {
        "count",
        "depends_on",
        "for_each",
        "lifecycle",
        "provider",
        "provisioner",
        "connection",
        "timeouts",
    }
)
"""What Terraform itself understands in every resource."""
OLDER_SIZES: Final = frozenset({"od_sizes", "spot_sizes", "preferred_spot_sizes"})
"""Attributes that stood at the top in the provider's first releases; now in vm_sizes."""
