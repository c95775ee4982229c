"""Streams: a line in, a line out, in order, whole, and never more in memory than is needed."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from marginctl.render.figures import POSITION_FIELDS
from tests.support import TIERS, Answer, invoke

ETH = {"asset": "ETH", "size": "10", "entry_price": "2500", "mark_price": "2400", "leverage": 10}
BTC = {"asset": "BTC", "size": "-1", "entry_price": "60000", "leverage": 20}
UNKNOWN = {"asset": "ETJ", "size": 1, "entry_price": 1, "leverage": 1}
SHOW = ("show", "-", "-o", "ndjson", "--tiers", str(TIERS))
COMMAND = [sys.executable, "-m", "marginctl"]
INTERRUPTIBLE = [
    sys.executable,
    "-c",
    # a shell's background job ignores interrupts, and what it starts does so too
    """import signal; signal.signal(signal.SIGINT, signal.default_int_handler)
from marginctl.cli import main; main()""",
]
LIMIT = 60


def text_of(lines: Iterable[Any]) -> bytes:
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def stream(*arguments: str, lines: Iterable[Any]) -> Answer:
    return invoke(*arguments, stdin=text_of(lines))


@contextmanager
def limited(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a process after a while, and with it every read from its pipes; else at the end."""
    timer = Timer(LIMIT, process.kill)
    timer.start()
    with process:
        try:
            yield process
        finally:
            timer.cancel()
            process.kill()


@contextmanager
def answering(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a stream that has answered its first line and waits for more."""
    started = subprocess.Popen(
        [*COMMAND, *SHOW, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with limited(started) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(text_of([ETH]))
        process.stdin.flush()
        assert process.stdout.readline()
        yield process


def objects(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_every_line_is_answered_in_order(jobs: str) -> None:
    # 7 lines of ETH, then BTC, round and round: liquidation of a long 10 at 2500, 10x, rate 1/50:
    # (25000 - 2500) / (10 · 0.98)
    given = [ETH if number % 8 else BTC for number in range(2000)]
    answer = subprocess.run(
        [*COMMAND, *SHOW, "--jobs", jobs, "--fields", "asset,liquidation_price"],
        input=text_of(given),
        capture_output=True,
        check=True,
        timeout=120,
    )
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [one["asset"] for one in found] == [one["asset"] for one in given]
    assert found[1]["liquidation_price"].startswith("2295.918367346938775510204081632653061")


def test_no_other_process_is_started_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr("marginctl.cli.workers.in_processes", refused)
    assert invoke(*SHOW, "--fields", "asset", stdin=text_of([ETH])).stdout == '{"asset":"ETH"}\n'


def test_a_line_that_takes_long_is_answered_before_those_behind_it() -> None:
    held = [{**BTC, "margin": str(number + 1000)} for number in range(400)]
    given = text_of([{"positions": held}, *(ETH for _ in range(3000))])
    alone, shared = (
        subprocess.run(
            [*COMMAND, *SHOW, "--jobs", jobs],
            input=given,
            capture_output=True,
            check=True,
            timeout=120,
        )
        for jobs in ("1", "2")
    )
    assert alone.stdout.count(b"\n") == 3400
    assert shared.stdout == alone.stdout
    assert shared.stderr == alone.stderr


def test_a_line_is_what_the_json_answer_has_of_the_position() -> None:
    (line,) = objects(stream(*SHOW, lines=[ETH]))
    alone = invoke("show", "-", "-o", "json", *SHOW[4:], stdin=json.dumps(ETH).encode())
    whole = json.loads(alone.stdout)
    assert line == {"venue": "hyperliquid", **whole["positions"][0]}
    assert list(line) == ["venue", *whole["positions"][0]]


@pytest.mark.parametrize(("action", "code"), [("add", 0), ("remove", 1)])
def test_what_ifs_are_streamed_too(action: str, code: int) -> None:
    answer = stream(action, "100", *SHOW[1:], lines=[ETH, {**ETH, "mark_price": "3000"}])
    first, second = objects(answer)
    assert answer.code == code
    assert (first["action"], first["amount"]) == (action, "100")
    assert first["allowed"] is (action == "add")
    assert second["allowed"] is True


def test_a_bad_line_ends_the_stream_behind_the_lines_before_it() -> None:
    answer = stream(*SHOW, lines=[ETH, BTC, UNKNOWN, ETH])
    assert [one["asset"] for one in objects(answer)] == ["ETH", "BTC"]
    assert answer.code == 2
    assert "unknown asset 'ETJ'" in answer.stderr
    assert "<stdin>:3:" in answer.stderr


def test_with_keep_going_an_object_stands_in_the_place_of_a_bad_line() -> None:
    data = text_of([ETH]) + b'{"asset": "ETH", "size": }\n\n' + text_of([UNKNOWN, BTC])
    answer = invoke(*SHOW, "--keep-going", stdin=data)
    first, second, third, last = objects(answer)
    assert (first["asset"], last["asset"]) == ("ETH", "BTC")
    assert second["line"] == 2
    assert "not valid JSON" in second["error"]
    assert third == {"error": "asset: unknown asset 'ETJ' on hyperliquid", "line": 4}
    assert answer.code == 2
    assert "2 bad lines" in answer.stderr


def test_lines_of_other_assets_are_passed_over_when_one_is_picked() -> None:
    answer = stream(*SHOW, "--asset", "btc", "--mark", "61000", lines=[ETH, BTC, ETH, BTC])
    assert [(one["asset"], one["mark_price"]) for one in objects(answer)] == 2 * [("BTC", "61000")]
    assert answer.code == 0


def test_an_asset_that_no_line_has_is_a_mistake() -> None:
    answer = stream(*SHOW, "--asset", "SOL", lines=[ETH, BTC])
    assert (answer.code, answer.stdout) == (2, "")
    assert "there is no position in 'SOL'" in answer.stderr


def test_every_line_is_an_account_of_its_own() -> None:
    cross = {**BTC, "margin_mode": "cross"}
    lines = [{**cross, "collateral": 100_000}, {**cross, "account_value": 90_000}, cross]
    answer = stream(*SHOW, lines=lines)
    # short 1 BTC at 60,000 with 100,000: (60000 + 100000) / (1 + 1/80)
    assert objects(answer)[0]["liquidation_price"].startswith("158024.69135802469135802469")
    assert len(objects(answer)) == 2
    assert answer.code == 2
    assert "a cross position needs" in answer.stderr


def isolated_lines(count: int) -> list[dict[str, Any]]:
    """Return isolated positions of every kind, with all that there is to note about them."""
    draw = random.Random(7)  # noqa: S311 - nothing secret
    lines = []
    for _ in range(count):
        price, notional = 10 ** draw.uniform(1, 5), 10 ** draw.uniform(2, 6)
        line: dict[str, Any] = {
            "asset": draw.choice(["ETH", "BTC"]),
            "size": f"{draw.choice([1, -1]) * notional / price:.3f}",
            "entry_price": f"{price:.2f}",
            "leverage": draw.choice([1, 3, 7, 15, 20]),
        }
        if draw.random() < 0.8:
            line["mark_price"] = f"{price * draw.uniform(0.7, 1.3):.2f}"
        if draw.random() < 0.2:
            line[draw.choice(["margin", "equity"])] = f"{10 ** draw.uniform(0, 6):.2f}"
        if draw.random() < 0.2:
            line["margin_mode"] = draw.choice(["isolated", None])
        lines.append(line)
    return lines


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--numbers",),
        ("--fields", "asset,liquidation_price,max_removable"),
        ("--fail-if", "margin_ratio > 5%", "--fail-if", "liquidation_distance < 1%"),
        ("--fee-rate", "0.045%"),
        ("--venue", "trado"),
    ],
)
def test_lines_that_are_answered_together_are_answered_as_each_by_itself(
    more: tuple[str, ...],
) -> None:
    lines = isolated_lines(90)
    together = stream(*SHOW, *more, lines=lines)
    # where there is money behind one of them, they are not taken together
    quiet = {"asset": "ETH", "size": 1, "entry_price": 2500, "mark_price": 2500, "leverage": 2}
    apart = stream(*SHOW, *more, lines=[*lines, {**quiet, "collateral": "0"}])
    assert together.stdout.splitlines() == apart.stdout.splitlines()[:-1]
    assert len(together.stdout.splitlines()) == 90
    # the venue may have something to say of every line
    assert together.stderr == apart.stderr.replace("on 91 lines)", "on 90 lines)")
    assert together.code == apart.code


@pytest.mark.parametrize("moved", [("add", "5"), ("remove", "max"), ("remove", "12.5")])
def test_changes_of_lines_that_are_read_together_are_those_of_each_by_itself(
    moved: tuple[str, ...],
) -> None:
    lines = isolated_lines(90)
    command = (*moved, *SHOW[1:])
    together = stream(*command, lines=lines)
    apart = stream(*command, lines=[*lines, {**ETH, "collateral": "0"}])
    assert together.stdout.splitlines() == apart.stdout.splitlines()[:-1]
    assert len(together.stdout.splitlines()) == 90


@pytest.mark.parametrize(
    "odd",
    [
        f" {json.dumps(ETH)}",
        f"{json.dumps(ETH)}\r",
        json.dumps(ETH).replace("ETH", "\\u0045TH"),
        json.dumps({"positions": [ETH, BTC]}),
        json.dumps([ETH]),
        json.dumps({**ETH, "venue": "hyperliquid"}),
        json.dumps({**ETH, "margin_mode": "cross", "collateral": 900}),
        json.dumps({**ETH, "collateral": 900}),
        json.dumps({**ETH, "account_value": 900}),
    ],
)
def test_an_odd_line_is_answered_the_same_among_others(odd: str) -> None:
    plain = json.dumps(ETH)
    answers = [invoke(*SHOW, stdin=f"{line}\n".encode()).stdout for line in (plain, odd, plain)]
    among = invoke(*SHOW, stdin=f"{plain}\n{odd}\n{plain}".encode())
    assert among.stdout == "".join(answers)
    assert among.code == 0


def test_fields_of_the_account_stand_beside_the_position() -> None:
    cross = {**BTC, "margin_mode": "cross", "collateral": 100_000}
    answer = stream(*SHOW, "--fields", "asset,cross.available", lines=[cross])
    # 100,000 less 60,000 / 20
    assert objects(answer) == [{"asset": "BTC", "cross.available": "97000"}]


def test_a_condition_is_checked_on_every_line() -> None:
    lines = [ETH, {**ETH, "mark_price": "3000"}]
    answer = stream(*SHOW, "--fail-if", "margin_ratio > 10%", lines=lines)
    # 480 / 1500 and 600 / 7500
    assert answer.code == 1
    assert answer.stderr.count("margin_ratio is 32") == 1
    assert len(objects(answer)) == 2
    assert stream(*SHOW, "--fail-if", "margin_ratio > 33%", lines=lines).code == 0


def test_an_account_on_a_line_gives_a_line_for_each_of_its_positions() -> None:
    answer = stream(*SHOW, lines=[{"positions": [ETH, BTC]}, ETH])
    assert [one["asset"] for one in objects(answer)] == ["ETH", "BTC", "ETH"]


def test_notes_are_told_once_with_their_first_line() -> None:
    large = {**ETH, "size": "100"}
    answer = stream(*SHOW, lines=[ETH, large, large])
    assert "(line 2; such on 2 lines)" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("flag", [("--jobs", "2"), ("--keep-going",)])
def test_flags_of_streams_without_a_stream_are_a_mistake(flag: tuple[str, ...]) -> None:
    answer = invoke("show", "-a", "ETH", "-q", "1", "-e", "1", "-l", "1", *flag)
    assert answer.code == 2
    assert flag[0] in answer.stderr


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5", "257", ""])
def test_jobs_are_a_number_of_processes(jobs: str) -> None:
    answer = stream(*SHOW, "--jobs", jobs, lines=[ETH])
    assert (answer.code, answer.stdout) == (2, "")
    assert "is not a number of processes" in answer.stderr


def test_a_wrong_field_is_no_fault_of_the_lines() -> None:
    answer = stream(*SHOW, "--fields", "asset,margn", "--keep-going", lines=[ETH])
    assert (answer.code, answer.stdout) == (2, "")
    assert "did you mean margin" in answer.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_first_answer_is_there_before_the_last_line(jobs: str) -> None:
    started = subprocess.Popen(
        [*COMMAND, *SHOW, "--jobs", jobs], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with limited(started) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for one in (ETH, BTC, ETH):
            process.stdin.write(text_of([one]))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["asset"] == one["asset"]
        process.stdin.close()
        assert process.wait(LIMIT) == 0


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_ends_with_130_and_whole_lines(jobs: str, tmp_path: Path) -> None:
    line = text_of([ETH])
    out = tmp_path / "out"
    with (
        out.open("wb") as file,
        limited(
            subprocess.Popen(
                [*INTERRUPTIBLE, *SHOW, "--jobs", jobs],
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.PIPE,
            )
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(200 * line)
        process.stdin.flush()
        end = time.monotonic() + LIMIT
        while not out.stat().st_size and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 130
        assert process.stderr.read() == b""
    assert out.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_reader_that_goes_ends_it_quietly(jobs: str) -> None:
    with answering("--jobs", jobs) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(text_of([ETH]))
        process.stdin.flush()
        assert process.wait(LIMIT) == 0
        assert process.stderr.read() == b""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_conditions_are_told_of_lines_up_to_the_first_bad_one_only(jobs: str) -> None:
    answer = subprocess.run(
        [*COMMAND, *SHOW, "--jobs", jobs, "--fail-if", "liquidation_distance < 50%"],
        input=text_of([BTC, ETH, UNKNOWN, ETH]),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 2
    told = answer.stderr.decode().splitlines()
    assert [line.split(":")[0] for line in told[:3]] == ["failed", "failed", "error"]
    assert [line.split()[1] for line in told[:2]] == ["BTC", "ETH"]
    assert answer.stdout.count(b"\n") == 2


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes by /proc")
def test_a_process_that_is_killed_while_it_waits_is_an_error() -> None:
    with answering("--jobs", "2") as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        _, said = process.communicate(text_of([ETH] * 1000), timeout=60)
        assert process.returncode == 3
        assert b"a worker process ended before its work" in said


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes by /proc")
def test_a_process_that_is_killed_while_it_answers_is_an_error(tmp_path: Path) -> None:
    # its answers are larger than a pipe holds, so that it is often killed in the middle of one:
    # the rest of that answer never comes, and must not be waited for
    given = tmp_path / "positions.ndjson"
    given.write_bytes(20_000 * text_of([ETH]))
    for delay in (0, 0.01, 0.03, 0.06, 0.1):
        started = subprocess.Popen(
            [*COMMAND, "show", str(given), "-o", "ndjson", "--jobs", "2"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with limited(started) as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            time.sleep(delay)
            os.kill(int(children[0]), signal.SIGKILL)
            rest, reported = process.communicate(timeout=60)
        assert process.returncode == 3
        assert rest.endswith(b"\n")
        assert reported.count(b"error: ") == 1


def test_processes_end_when_the_one_that_started_them_is_killed() -> None:
    with answering("--jobs", "3") as process:
        process.kill()
        # they write to the same pipe: it ends when all of them have let go of it
        rest, _ = process.communicate(timeout=60)
        assert rest == b""


def test_a_line_without_an_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    with endless.open("wb") as file:
        file.write(text_of([ETH]))
        file.truncate(400_000_000)  # zeros, which take no room on the disk
    # a small process in between: what is measured of a child begins with its parent's size
    measuring = (
        "import resource, subprocess, sys\n"
        "code = subprocess.call(sys.argv[1:])\n"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"
    )
    command = [*COMMAND, "show", str(endless), "-o", "ndjson", "--keep-going", "--fields", "asset"]
    answer = subprocess.run(
        [sys.executable, "-c", measuring, *command], capture_output=True, check=True, timeout=120
    )
    code, peak = map(int, answer.stderr.splitlines()[-1].split())
    assert code == 2
    assert [json.loads(line) for line in answer.stdout.splitlines()] == [
        {"asset": "ETH"},
        {"error": "the line is longer than 1024 KiB", "line": 2},
    ]
    assert peak < 150_000, "KiB"


def test_progress_is_shown_only_on_a_terminal(tmp_path: Path) -> None:
    positions = tmp_path / "positions.ndjson"
    positions.write_bytes(40_000 * text_of([ETH]))
    command = [*COMMAND, "show", str(positions), "-o", "ndjson"]
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    )
    with limited(started) as process:
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 4096):
                seen += part
        except OSError:  # how Linux says that the other end is closed
            pass
        assert process.wait(LIMIT) == 0
    os.close(ours)
    assert b" lines, " in seen
    assert b" a second, " in seen
    positions.write_bytes(2_000 * text_of([ETH]))
    quiet = subprocess.run(command, capture_output=True, check=True, timeout=120)
    assert quiet.stderr == b""


BOOK = {
    "collateral": "6000",
    "positions": [
        {**ETH, "margin_mode": "cross"},
        {**BTC, "size": "0.5", "margin_mode": "cross"},
    ],
}
MOVES = ("--fields", "cross.liquidating_move.down,cross.liquidating_move.up")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("multiples", ["ETH: 2\nBTC: 0.5\n", "ETH: 2\n", "{}\n"])
def test_betas_hold_for_the_accounts_of_a_stream(tmp_path: Path, multiples: str, jobs: str) -> None:
    betas = tmp_path / "betas.yaml"
    betas.write_text(multiples)
    account = tmp_path / "book.json"
    account.write_text(json.dumps(BOOK))
    whole = invoke("show", str(account), "--beta", str(betas), "-o", "json")
    move = json.loads(whole.stdout)["cross"]["liquidating_move"]
    answer = stream(*SHOW, "--jobs", jobs, "--beta", str(betas), *MOVES, lines=[BOOK, BOOK])
    expected = {f"cross.liquidating_move.{way}": value for way, value in move.items()}
    assert objects(answer) == [expected] * 2
    plain = json.loads(invoke("show", str(account), "-o", "json").stdout)
    assert (plain["cross"]["liquidating_move"] == move) is (multiples == "{}\n")
    assert ("not in the beta file" in answer.stderr) is (multiples != "ETH: 2\nBTC: 0.5\n")


def test_a_wrong_beta_file_stops_a_stream_before_its_first_line(tmp_path: Path) -> None:
    betas = tmp_path / "betas.yaml"
    betas.write_text("ETHH: 2\n")
    answer = stream(*SHOW, "--beta", str(betas), lines=[BOOK])
    assert (answer.code, answer.stdout) == (2, "")
    assert "unknown asset 'ETHH'" in answer.stderr


FIELDS = [field.name for field in POSITION_FIELDS if field.only is None]
LOST = {"asset": "SOL", "size": "100", "entry_price": "150", "mark_price": "100", "leverage": 7}
SEVERAL = (ETH, BTC, LOST, {**ETH, "leverage": 3, "side": "short"})


@pytest.mark.parametrize("form", ["ndjson", "csv", "raw"])
@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_the_same_alone_as_among_all(name: str, form: str) -> None:
    whole = stream(*SHOW, lines=SEVERAL).stdout.splitlines()
    values = [json.loads(line)[name] for line in whole]
    head = ("show", "-", "--tiers", str(TIERS), "--fields", name)
    alone = stream(*head, *(("--raw",) if form == "raw" else ("-o", form)), lines=SEVERAL)
    if form == "ndjson":
        assert [json.loads(line)[name] for line in alone.stdout.splitlines()] == values
    elif not name.endswith("tier"):
        texts = [json.dumps(value).strip('"') for value in values]
        told = ["" if text == "null" else text for text in texts]
        lines = alone.stdout.split("\n")[form == "csv" : -1]
        assert [line.strip('"') for line in lines] == told


WITH_CASH = [
    {**ETH, "margin_mode": "cross", "collateral": "5000.50"},
    {**ETH, "collateral": "700"},
    {**ETH, "collateral": "700", "venue": "trado"},
    {**ETH, "mark_price": "2600", "leverage": "7", "margin": "3000"},
]
CHANGES = [("add", "5"), ("remove", "max"), ("remove", "1.50", "--cushion", "2%")]


@pytest.mark.parametrize("fields", [None, "margin", "tier,allowed,before.margin", "tier.index"])
@pytest.mark.parametrize("numbers", [(), ("--numbers",)])
@pytest.mark.parametrize("move", CHANGES, ids=" ".join)
def test_a_change_of_a_line_is_that_of_its_position(
    fields: str | None, numbers: tuple[str, ...], move: tuple[str, ...]
) -> None:
    flags = (*move, "-", "--tiers", str(TIERS), *numbers)
    flags += () if fields is None else ("--fields", fields)
    lines = [*SEVERAL, *WITH_CASH]
    # a day on which no tiers were old: of those a stream warns once, at its end
    day = {"SOURCE_DATE_EPOCH": "1768867200"}
    many = invoke(*flags, "-o", "ndjson", stdin=text_of(lines), environment=day).stdout
    for line, answer in zip(lines, many.splitlines(), strict=True):
        whole = invoke(*flags, "-o", "json", stdin=text_of([line]), environment=day).stdout
        assert ordered(answer) == ordered(whole)


def ordered(text: str) -> Any:
    """Return what a JSON text holds, its objects as lists: their order counts."""
    return json.loads(text, object_pairs_hook=list)
