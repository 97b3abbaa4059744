"""Many operations followed at once stay within what ARM grants one principal."""

from activities.azure.polling import LOOK_EVERY_S, LOOKS_PER_S, Followers


def test_one_operation_is_looked_at_as_often_as_its_own_bucket_allows() -> None:
    followers = Followers()
    with followers:
        assert followers.least_pause_s() < LOOK_EVERY_S


def test_a_storm_of_operations_shares_the_reads_of_the_subscription() -> None:
    followers = Followers()
    for _ in range(50):
        followers.__enter__()

    assert 50 / followers.least_pause_s() <= LOOKS_PER_S
