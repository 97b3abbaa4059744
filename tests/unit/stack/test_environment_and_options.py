import subprocess
from pathlib import Path

import pytest

from local.credential import factory
from local.stack import environment
from local.stack.options import parse


def test_the_environment_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "env"

    pairs = {"SPOTINST_TOKEN": "a=b", "MOORING_TABLES": "Account=one;Key=a+b/c==;"}
    environment.write(path, pairs)

    assert path.stat().st_mode & 0o777 == 0o600
    assert environment.read(path) == pairs
    told = subprocess.run(
        ["/bin/bash", "-c", f". '{path}'; echo -n $MOORING_TABLES"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == pairs["MOORING_TABLES"]


def test_no_environment_file_is_an_empty_one(tmp_path: Path) -> None:
    assert environment.read(tmp_path / "env") == {}


@pytest.mark.parametrize(
    "wrong", [["--speed", "0"], ["--speed", "fast"], ["--port", "70000"], ["--example", "nowhere"]]
)
def test_a_wrong_option_ends_the_start(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(wrong)

    assert wrong[0] in capsys.readouterr().err


def test_an_unknown_world_is_told_in_one_line_with_all_that_are_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--world", "storm"])

    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert line.startswith("There is no world named 'storm'. Worlds: quiet, eviction_storm, ")


def test_a_world_and_its_seed_are_taken_and_none_is_the_default() -> None:
    chosen = parse(["--world", "deaf", "--seed", "7"])
    usual = parse([])

    assert chosen.world
    assert (chosen.world.name, chosen.seed) == ("deaf", 7)
    assert (usual.world, usual.seed) == (None, 1)


async def test_the_local_credential_never_expires_within_a_life_of_a_stack() -> None:
    async with factory() as credential:
        token = await credential.get_token("https://management.azure.com/.default")

    assert token.expires_on > 4_000_000_000
