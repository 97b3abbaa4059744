import pytest

from services.terraform.canonical import (
    Assigned,
    Comment,
    Reference,
    Section,
    printed,
    quoted,
)
from services.terraform.evaluate import Scope, value_of
from services.terraform.syntax import parse
from tests.terraform.dice import TRICKY
from tests.terraform.fmt import formatted


def block(*parts: Assigned | Comment | Section) -> str:
    return printed(Section(parts=[Section("b", ("x",), list(parts))]))


def test_equal_signs_of_neighbours_stand_in_one_column() -> None:
    code = block(Assigned("a", 1), Assigned("bungle", value=True), Assigned("c", ("x", "y")))

    assert code == 'b "x" {\n  a      = 1\n  bungle = true\n  c      = ["x", "y"]\n}\n'


def test_a_block_ends_a_column_and_stands_apart() -> None:
    inner = Section("inner", (), [Assigned("name", "n")])

    code = block(Assigned("a", 1), inner, Assigned("longer", 2))

    assert code == ('b "x" {\n  a = 1\n\n  inner {\n    name = "n"\n  }\n\n  longer = 2\n}\n')


def test_a_comment_ends_a_column() -> None:
    code = block(Assigned("a", 1), Comment("why"), Assigned("longer", 2))

    assert code == 'b "x" {\n  a = 1\n\n  # why\n\n  longer = 2\n}\n'


def test_a_comment_of_several_lines_stays_a_comment() -> None:
    assert block(Comment("one\ntwo")) == 'b "x" {\n  # one\n  # two\n}\n'


def test_a_map_opens_a_column_of_its_own() -> None:
    settings = {"a": "1", "not a name": "2", "in": "3", "ü": "4"}

    code = block(Assigned("a", 1), Assigned("settings", settings), Assigned("longer", 2))

    assert code == (
        'b "x" {\n  a = 1\n  settings = {\n    a            = "1"\n    "not a name" = "2"\n'
        '    "in"         = "3"\n    "\\u00fc"     = "4"\n  }\n  longer = 2\n}\n'
    )


def test_lines_of_text_are_a_heredoc_that_stands_apart() -> None:
    code = block(Assigned("a", 1), Assigned("text", "one ${x}\ntwo\n"), Assigned("longer", 2))

    assert code == ('b "x" {\n  a = 1\n\n  text = <<EOT\none $${x}\ntwo\nEOT\n\n  longer = 2\n}\n')


def test_a_heredoc_never_ends_early() -> None:
    code = block(Assigned("text", "one\n EOT\nEOT_\n"))

    assert "<<EOT__\none\n EOT\nEOT_\nEOT__\n" in code


def test_a_reference_stands_without_quotes() -> None:
    assert block(Assigned("a", Reference("var.a"))) == 'b "x" {\n  a = var.a\n}\n'


def test_an_empty_block_is_one_line() -> None:
    assert printed(Section(parts=[Section("b")])) == "b {}\n"


@pytest.mark.parametrize("text", [*TRICKY, "", " ", "a" * 5_000, "%{", "${", "$${", "\\${"])
def test_any_text_survives_in_quotes_and_in_a_heredoc(text: str) -> None:
    file = parse(f"a = {quoted(text)}\n" + printed(Section(parts=[Assigned("b", text)])))

    assert [value_of(one, Scope()) for one in file.attributes] == [text, text]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("a=1\nbungle  = 2\n", "a      = 1\nbungle = 2\n"),
        ("a = 1\n\nbungle = 2\n", "a = 1\n\nbungle = 2\n"),
        ("b {\na=[ 1,2 ]\n}\n", "b {\n  a = [1, 2]\n}\n"),
        ("a = {\nb=1\nlong=2\n}\nlonger=3\n", "a = {\n  b    = 1\n  long = 2\n}\nlonger = 3\n"),
        ("# x = 1\nab = 1\n", "# x = 1\nab = 1\n"),
    ],
)
def test_the_rules_that_code_is_judged_by_are_those_of_terraform_fmt(
    code: str, wanted: str
) -> None:
    assert formatted(code) == wanted
