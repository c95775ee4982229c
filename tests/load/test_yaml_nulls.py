import pytest

from marginctl.load.yaml_text import read_yaml


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_a_plain_null_is_none(text: str) -> None:
    assert read_yaml(f"a: {text}\n".encode(), "f").root == {"a": None}


@pytest.mark.parametrize("text", ["''", '"null"', "'~'"])
def test_a_quoted_null_is_the_text_in_the_quotes(text: str) -> None:
    assert read_yaml(f"a: {text}\n".encode(), "f").root == {"a": text[1:-1]}
