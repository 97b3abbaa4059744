from tests.api.fuzzing import fuzz, operations


def test_drawn_calls_meet_no_server_error_and_no_breach_of_the_document() -> None:
    """Thousands by hand: `make apifuzz CASES=3000 SEED=1`."""
    tally = fuzz(cases=160, seed_=1)

    assert tally.cases >= 150
    assert len(tally.routes) == len(list(operations()))
    assert {200, 400} <= tally.statuses.keys() <= {200, 400, 403}
