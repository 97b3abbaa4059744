from pathlib import Path

import pytest

from local.credential import factory
from local.stack import environment
from local.stack.options import parse


def test_the_environment_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "env"

    environment.write(path, {"SPOTINST_TOKEN": "a=b", "MOORING_URL": "http://127.0.0.1:7071"})

    assert path.stat().st_mode & 0o777 == 0o600
    assert environment.read(path) == {
        "SPOTINST_TOKEN": "a=b",
        "MOORING_URL": "http://127.0.0.1:7071",
    }


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


async def test_the_local_credential_never_expires_within_a_life_of_a_stack() -> None:
    async with factory() as credential:
        token = await credential.get_token("https://management.azure.com/.default")

    assert token.expires_on > 4_000_000_000
