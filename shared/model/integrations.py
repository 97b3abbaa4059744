"""Other Azure services that the node is bound to."""

from shared.model.fields import DataCollectionRuleId, Flag, Part


class Insights(Part):
    """Azure Monitor, by a data collection rule."""

    is_enabled: Flag
    data_collection_rule_id: DataCollectionRuleId


class Integrations(Part):
    """Other Azure services."""

    insights: Insights | None = None
