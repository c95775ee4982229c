"""The kinds of values in JSON input, for pydantic models. None is a value that is not there."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainValidator

from marginctl.load.json_values import maybe_number, maybe_text, number, text

# plain: what is read here needs no second validation
Number = Annotated[Decimal, PlainValidator(number)]
Text = Annotated[str, PlainValidator(text)]
MaybeNumber = Annotated[Decimal | None, PlainValidator(maybe_number)]
MaybeText = Annotated[str | None, PlainValidator(maybe_text)]
