"""Fields whose effect is a story: the test that tells it."""

from tests.fields.row import Elsewhere, Row
from tests.unit.model.documents import LS

NICS = f"{LS}.network.networkInterfaces[]"
BALANCERS = f"{LS}.loadBalancersConfig.loadBalancers[]"
OF_NICS = "tests/activities/test_nic_fields.py"
OF_POOLS = "tests/activities/test_nic_pools.py"
OF_BACKENDS = "tests/activities/test_backends.py"
JOINS = f"{OF_BACKENDS}::test_a_vm_joins_the_pools_of_balancer_and_gateway_and_nothing_else_changes"
CREATED = (
    "tests/api/test_create_and_read.py"
    "::test_a_created_node_comes_back_in_the_envelope_with_its_id_and_moments"
)
STORIES = "tests/worlds/test_eviction_stories.py"
VERDICTS = "tests/unit/policy/test_stop_verdicts.py"
SCHEDULE = "tests/unit/policy/test_schedule.py"
HEALTH = "tests/unit/policy/test_health.py"
RELEASE = "tests/orchestrators/test_release.py"
READY = "tests/orchestrators/test_ready.py"
ACTIONS = "tests/virtual/test_actions.py"
INSIGHTS = "tests/activities/test_insights.py"


def _each(test: str, *paths: str) -> tuple[Row, ...]:
    return tuple(Elsewhere(path, test) for path in paths)


OTHERS: tuple[Row, ...] = (
    *_each("tests/fields/test_names.py::test_a_vm_is_named_after_its_node", "name"),
    *_each(CREATED, "description"),
    *_each(
        "tests/fields/test_names.py::test_all_that_is_made_is_in_the_nodes_resource_group",
        "resourceGroupName",
    ),
    *_each(
        f"{OF_NICS}::test_each_interface_becomes_a_nic_in_its_subnet_the_primary_one_first",
        f"{NICS}.isPrimary",
        f"{NICS}.subnetName",
    ),
    *_each(
        f"{OF_NICS}::test_the_network_is_found_in_its_own_resource_group",
        f"{LS}.network.resourceGroupName",
        f"{LS}.network.virtualNetworkName",
    ),
    *_each(
        f"{OF_NICS}::test_an_assigned_public_ip_is_of_its_sku_and_serves_every_zone",
        f"{NICS}.assignPublicIp",
        f"{NICS}.publicIpSku",
    ),
    *_each(
        f"{OF_NICS}::test_a_network_security_group_guards_its_nic_alone",
        f"{NICS}.networkSecurityGroup.name",
        f"{NICS}.networkSecurityGroup.resourceGroupName",
    ),
    *_each(
        f"{OF_NICS}::test_application_security_groups_are_on_every_configuration_of_the_nic",
        f"{NICS}.applicationSecurityGroups[].name",
        f"{NICS}.applicationSecurityGroups[].resourceGroupName",
    ),
    *_each(f"{OF_NICS}::test_ip_forwarding_is_switched_by_its_field", f"{NICS}.enableIpForwarding"),
    *_each(
        f"{OF_POOLS}::test_the_first_free_private_address_of_the_pool_is_taken_for_good",
        f"{NICS}.privateIpAddresses",
    ),
    *_each(
        f"{OF_POOLS}::test_the_first_public_address_of_the_pool_that_fits_is_bound",
        f"{NICS}.publicIps[].name",
        f"{NICS}.publicIps[].resourceGroupName",
    ),
    *_each(
        f"{OF_NICS}::test_additional_ip_configurations_are_made_in_both_versions",
        f"{NICS}.additionalIpConfigurations[].name",
        f"{NICS}.additionalIpConfigurations[].privateIpAddressVersion",
    ),
    *_each(
        JOINS,
        f"{BALANCERS}.type",
        f"{BALANCERS}.resourceGroupName",
        f"{BALANCERS}.name",
        f"{BALANCERS}.backendPoolNames",
    ),
    *_each(
        f"{OF_BACKENDS}::test_a_basic_balancer_and_a_standard_address_are_told_apart",
        f"{BALANCERS}.loadBalancerSku",
    ),
    *_each(
        f"{INSIGHTS}::test_a_new_vm_is_associated_with_the_rule_of_its_document",
        "integrations.insights.dataCollectionRuleId",
    ),
    *_each(
        f"{INSIGHTS}::test_a_rule_that_is_switched_off_is_not_associated",
        "integrations.insights.isEnabled",
    ),
    *_each(
        f"{VERDICTS}::test_a_stop_counts_only_if_an_admins_name_is_part_of_the_actors",
        "strategy.vmAdmins",
    ),
    *_each(
        f"{RELEASE}::test_a_node_leaves_its_pools_and_drains_before_its_vm_goes_down",
        "strategy.drainingTimeout",
    ),
    *_each(
        f"{READY}::test_a_vm_is_put_into_its_pools_once_it_has_said_that_it_is_ready",
        "strategy.signals[].type",
    ),
    *_each(
        f"{READY}::test_a_vm_that_does_not_get_ready_in_time_is_replaced_and_its_disks_go_on",
        "strategy.signals[].timeout",
    ),
    *_each(
        f"{RELEASE}::test_what_does_not_persist_goes_with_the_vm",
        "persistence.shouldPersistOsDisk",
        "persistence.shouldPersistDataDisks",
        "persistence.shouldPersistNetwork",
    ),
    *_each(
        f"{STORIES}::test_on_launch_disks_are_rebuilt_from_a_snapshot",
        "persistence.osDiskPersistenceMode",
        "persistence.dataDisksPersistenceMode",
    ),
    *_each(
        f"{ACTIONS}::test_a_node_is_paused_at_night_and_resumed_in_the_morning",
        "scheduling.tasks[].type",
        "scheduling.tasks[].cronExpression",
    ),
    *_each(
        f"{SCHEDULE}::test_a_disabled_task_is_none_and_no_tasks_are_never_due",
        "scheduling.tasks[].isEnabled",
    ),
    *_each(f"{HEALTH}::test_the_document_says_what_is_checked", "health.healthCheckTypes"),
    *_each(
        f"{HEALTH}::test_nothing_is_looked_at_before_the_grace_period_is_over",
        "health.gracePeriod",
    ),
    *_each(f"{HEALTH}::test_without_auto_healing_nothing_is_replaced", "health.autoHealing"),
    *_each(
        f"{HEALTH}::test_a_vm_is_replaced_once_it_was_unhealthy_for_long_and_healthy_before",
        "health.unhealthyDuration",
    ),
)
