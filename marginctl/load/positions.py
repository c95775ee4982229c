"""Reading positions from JSON: the own format, one position per line, an exchange's record, or
previous output.

Millions of lines are right; pydantic's models are there to say what is wrong with the one that
is not, and are imported for it.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from marginctl.load.files import MAX_LINE
from marginctl.load.inputs import (
    ACCOUNT_READERS,
    LONE_POSITION_READERS,
    NO_BACKING,
    NO_INPUT,
    POSITION_READERS,
    PREVIOUS_ACCOUNT_READERS,
    PREVIOUS_LONE_POSITION_READERS,
    PREVIOUS_POSITION_READERS,
    AccountFunds,
    AccountInput,
    PositionInput,
    quick_values,
    read_entry,
)
from marginctl.load.json_text import (
    check_size,
    decode_utf8,
    flat_object,
    is_object,
    json_source,
    parse_json,
)
from marginctl.load.other_forms import (
    is_account_file,
    is_position_risk,
    is_record,
    refuse_other_forms,
    refuse_other_text,
    unwrapped,
)
from marginctl.load.previous_output import (
    PreviousOutput,
    given_fields,
    is_previous_output,
    is_previous_position,
    read_previous_output,
    with_exact_figures,
)
from marginctl.load.problems import ARGUMENTS, InputError, Place, Problem, Source, stop_at_most

_ONE_PER_LINE = (
    "isolated positions may stand one per line, as many as there are (cross ones need their whole "
    """account): jq -c 'if type == "array" then .[] else {venue, collateral} + .positions[] end' """
    "FILE | marginctl show - -o ndjson"
)
"""What to do about a document of too many values. Each line is an account with all of the cash."""


def read_accounts(data: bytes, file: str) -> list[AccountInput]:
    """Return the accounts of a file: one, or for NDJSON one per line; of an account file one per
    pool, or of a standard account one per dex.

    A line that is not JSON is an account of nothing but its problems: they are reported together
    with those of the other lines.

    Raises:
        InputError: with every problem of form, and its place.
    """
    text = decode_utf8(data, file)
    check_size(text, Place(file), _ONE_PER_LINE)
    if _is_one_per_line(text):
        return _read_lines(text, file)
    return _read_document(text, file, 1)


def read_line(data: bytes, file: str, line: int) -> list[AccountInput]:
    """Return the account of one line of NDJSON; several where it is an account file of several.

    Raises:
        InputError: with every problem of form, and its place.
    """
    return _read_document(decode_utf8(data, file, line), file, line)


def read_alone(lines: Sequence[bytes]) -> AccountInput | None:
    """Return lines as one account, where each is an isolated position with nothing else behind it.

    None where a line is anything else, or has something wrong: they are to be read one by one, by
    `read_line`, which says what and where. So nothing in this account has a place.
    """
    try:
        text = b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return None
    if "\\" in text or len(max(lines, key=len, default=b"")) > MAX_LINE:
        return None
    position_inputs: list[PositionInput] = []
    venues = set()
    for line in text.split("\n"):
        value = flat_object(line.rstrip(" \t\r"))
        read = None if value is None else quick_values(LONE_POSITION_READERS, value)
        if (
            read is None
            or read.get("margin_mode") == "cross"
            or read.get("collateral") is not None
            or read.get("account_value") is not None
        ):
            return None
        venues.add(read.get("venue"))
        position_inputs.append(position_input_of(read))
    if len(venues) != 1:
        return None
    sources = (ARGUMENTS,) * len(position_inputs)
    return AccountInput(tuple(position_inputs), sources, ARGUMENTS, venue=venues.pop())


def _is_one_per_line(text: str) -> bool:
    """Whether the first line is a JSON object by itself, and more follows it."""
    first, _, rest = text.lstrip().partition("\n")
    return bool(rest.strip()) and is_object(first)


def _read_lines(text: str, file: str) -> list[AccountInput]:
    accounts: list[AccountInput] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                accounts += _read_document(line, file, number)
            except InputError as error:
                source = json_source(line, file, number)
                accounts.append(AccountInput((), (), source, problems=error.problems))
    return accounts


def _read_document(text: str, file: str, line: int) -> list[AccountInput]:
    if not text.startswith(("{", "[")):
        refuse_other_text(text, Place(file, line))
    value = parse_json(text, file, line)
    source = json_source(text, file, line)
    read = quick_values(LONE_POSITION_READERS, value) if isinstance(value, dict) else None
    if read is not None:
        position = position_input_of(read)
        return [AccountInput((position,), (source,), source, funds_of(read), read.get("venue"))]
    value, source = unwrapped(value, source)
    accounts = _exchange_accounts(value, source)
    if accounts is not None:
        return accounts
    refuse_other_forms(value, source)
    if isinstance(value, list):
        if len(value) == 1 and is_previous_position(value[0]):
            return [_lone_account(value[0], source.inside(0))]
        return [_account_of(value, {}, source, ())]
    if not isinstance(value, dict):
        message = "expected a position, an array of positions or an account"
        raise InputError.of(message, None, source.place())
    if is_previous_output(value):
        return [
            _continued_account(answer, source) for answer in read_previous_output(value, source)
        ]
    return [_own_account(value, source)]


def _exchange_accounts(value: Any, source: Source) -> list[AccountInput] | None:
    """Return the accounts of what an exchange answers, None for anything else."""
    if is_record(value):
        from marginctl.load.hyperliquid_account import read_record

        return [read_record(value, source)]
    if is_account_file(value):
        from marginctl.load.account_file import read_account_file

        return read_account_file(value, source)
    if is_position_risk(value):
        from marginctl.load.binance_positions import read_position_risk

        return [read_position_risk(value, source)]
    return None


def _own_account(value: dict[str, Any], source: Source) -> AccountInput:
    """Return the account of an object in the own format."""
    problems: list[Problem] = []
    if "positions" in value:
        items = value.pop("positions")
        account, _ = read_entry(ACCOUNT_READERS, value, source, problems)
        if not isinstance(items, list):
            place = source.place("positions")
            raise InputError([*problems, Problem("expected a list", None, place)])
        return _account_of(items, account, source, ("positions",), problems)
    return _lone_account(value, source)


def _lone_account(value: dict[str, Any], source: Source) -> AccountInput:
    """Return the account of a position that stands alone, with what it says of its backing."""
    problems: list[Problem] = []
    previous = is_previous_position(value)
    readers = PREVIOUS_LONE_POSITION_READERS if previous else LONE_POSITION_READERS
    fields = given_fields(value) if previous else value
    read, unread = read_entry(readers, fields, source, problems)
    position_input = position_input_of(read, unread)
    if previous:
        position_input = with_exact_figures(position_input, value)
    venue = read.get("venue")
    return AccountInput((position_input,), (source,), source, funds_of(read), venue, problems)


def _continued_account(answer: PreviousOutput, source: Source) -> AccountInput:
    """Return the account that previous output goes on with."""
    problems: list[Problem] = []
    account, _ = read_entry(PREVIOUS_ACCOUNT_READERS, answer.account, source, problems)
    account_input = _account_of(answer.items, account, source, (), problems, own=answer.sources)
    return account_input._replace(recorded=answer.recorded)


def _account_of(
    items: Sequence[Any],
    account: Mapping[str, Any],
    source: Source,
    path: tuple[str, ...],
    problems: Sequence[Problem] = (),
    own: Sequence[Source] | None = None,
) -> AccountInput:
    """Return an account of positions; ``own`` are the sources of those in previous output."""
    if not items and own is None:
        raise InputError.of("the input has no positions", None, source.place(*path))
    position_inputs = []
    sources = own or [source.inside(*path, index) for index in range(len(items))]
    found = list(problems)
    venues = {account.get("venue")} - {None}
    for number, (item, item_source) in enumerate(zip(items, sources, strict=True)):
        stop_at_most(found, len(items) - number, item_source.place)
        previous = isinstance(item, dict) if own is not None else is_previous_position(item)
        fields = given_fields(item) if previous else item
        if previous and "venue" in fields:
            venues.add(str(fields.pop("venue")))
        if previous and own is None:
            fields.pop("collateral", None)  # the wallet of one line is not that of all
        readers = PREVIOUS_POSITION_READERS if previous else POSITION_READERS
        read, unread = read_entry(readers, fields, item_source, found)
        position_input = position_input_of(read, unread)
        position_inputs.append(
            with_exact_figures(position_input, item) if previous else position_input
        )
    if len(venues) > 1:
        message = "the positions belong to several venues"
        raise InputError.of(message, "give those of one venue at a time", source.place(*path))
    venue = next(iter(venues), None)
    return AccountInput(
        tuple(position_inputs), tuple(sources), source, funds_of(account), venue, found
    )


def funds_of(read: Mapping[str, Any]) -> AccountFunds:
    """Return what is given as the money behind positions."""
    if "collateral" not in read and "account_value" not in read:
        return NO_BACKING
    return AccountFunds(read.get("collateral"), read.get("account_value"))


def position_input_of(
    read: Mapping[str, Any], unread: frozenset[str] = frozenset()
) -> PositionInput:
    """Return what was read of a position; ``unread`` are fields that are there but unreadable."""
    fields = {**_NOTHING, **read}
    if unread:
        fields["unread"] = unread
    return PositionInput._make(_IN_ORDER(fields))


_NOTHING = NO_INPUT._asdict()
_IN_ORDER = itemgetter(*PositionInput._fields)
