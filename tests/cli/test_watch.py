"""Rounds of pings, watched: an axon a row with loss, latency and jitter, and one record per probe for programs."""

import json
import re
import socket
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
from ground.cli import PROGRAM, dendrite, environment
from ground.mocks import mock_axons
from ground.terminal import Terminal

from dendrite_cli.mock.behaviour import Behaviour


class Switch:
    """A server that answers HTTP while it is on, and hangs up while it is off."""

    def __init__(self):
        self.on = True
        self._server = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            while connection.recv(65536) and self.on:
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def close(self):
        self._server.close()


@pytest.fixture
def switch():
    made = Switch()
    yield made
    made.close()


@pytest.fixture(scope="module")
def two():
    """One that answers at once, and one that takes its time."""
    with mock_axons([Behaviour(), Behaviour(delay=0.15)]) as addresses:
        yield addresses


@contextmanager
def watching(*arguments, **how):
    with Terminal("ping", *arguments, "--ephemeral", "--watch", "-i", "0.3", **how) as terminal:
        yield terminal


def row(text, endpoint):
    (line,) = [line for line in text.splitlines() if endpoint in line and line.startswith(" ")]
    return line


def test_an_axon_that_fails_in_between_is_seen_to_fail_and_to_come_back(two, switch):
    with watching(two[0], switch.endpoint, columns=100, rows=20) as terminal:
        terminal.wait_for(" round 2 · ")
        switch.on = False
        terminal.wait_for("✗ reset")
        switch.on = True
        deadline = time.monotonic() + 20
        while "404" not in row(terminal.text, switch.endpoint):
            assert time.monotonic() < deadline, terminal.text
            terminal.read(0.1)
        during = terminal.screen.shown
        terminal.interrupt()
        assert terminal.wait() == 130

    header = next(line for line in during if "ENDPOINT" in line)
    assert header.split() == [
        "HOTKEY", "ENDPOINT", "STATUS", "SENT", "LOSS", "LAST", "P50", "P95", "JITTER", "TREND",
    ]  # fmt: skip
    assert re.search(r" round \d+ · \d+\.\d s · Ctrl-C ends · sort: .*Enter$", during[-1])
    failed = row("\n".join(during), switch.endpoint)
    lost = int(re.search(r" (\d+)% ", failed)[1])
    assert 0 < lost < 100
    assert re.search(r"[▁-█]✗+[▁-█]", failed)
    assert " 0% " in row("\n".join(during), two[0].partition("@")[2])
    assert "2 axons in" in terminal.text
    assert "interrupted" in terminal.text
    assert terminal.text.count("ENDPOINT") == 1
    assert " ms  ━" in terminal.text
    assert terminal.screen.is_sane


def test_a_narrow_screen_keeps_who_it_is_and_the_same_columns_all_the_time(two):
    with watching(*two, columns=80, rows=12) as terminal:
        headers = set()
        for number in (1, 2, 4, 9):
            terminal.wait_for(f" round {number} · ")
            headers |= {line for line in terminal.screen.shown if "ENDPOINT" in line}
            assert "Ctrl-C ends · sort: 0 to 5 and Enter" in terminal.screen.shown[-1]
        terminal.interrupt()
        terminal.wait()

    (header,) = headers
    assert {"HOTKEY", "TREND"} < set(header.split())


def test_the_echo_of_ctrl_c_is_not_part_of_the_table(two):
    with watching(*two, "-q", columns=100) as terminal:
        time.sleep(1.5)
        terminal.interrupt()
        terminal.wait()

    assert terminal.text.lstrip("\n").splitlines()[0].split()[:2] == ["HOTKEY", "ENDPOINT"]


def test_a_digit_and_enter_order_the_rows_and_the_same_again_the_other_way(two):
    slow, fast = two[1].partition("@")[2], two[0].partition("@")[2]

    def first_of(terminal):
        return next(line for line in terminal.screen.shown if slow in line or fast in line)

    with watching(*two, columns=110, rows=12) as terminal:
        terminal.wait_for(" round 2 · ")
        assert fast in first_of(terminal)
        terminal.type("3\n")
        terminal.wait_for("by -p50")
        assert slow in first_of(terminal)
        terminal.type("3\n")
        terminal.wait_for("by p50")
        assert fast in first_of(terminal)
        assert terminal.text.count("ENDPOINT") == 1
        terminal.interrupt()
        terminal.wait()


def test_keys_and_hotkeys_that_are_asked_for_are_seen_in_rounds_too(two):
    hotkey, _, endpoint = two[0].partition("@")

    with watching(two[0], "--identity", "-c", "2", columns=80) as terminal:
        terminal.wait()
        assert "proven 10.5.0" in row(terminal.text, endpoint)
    with watching(endpoint, "--discover-hotkey", "-c", "2", columns=80) as terminal:
        terminal.wait()
        assert f"  {hotkey}@{endpoint}" in terminal.text


def test_a_screen_too_low_for_all_axons_says_how_many_are_below(two):
    with watching(
        *two, *[f"127.0.0.1:{port}" for port in range(1, 9)], "--layer", "tcp", columns=90, rows=8
    ) as terminal:
        terminal.wait_for("and 6 more below")
        assert len(terminal.screen.shown) <= 8
        terminal.interrupt()
        terminal.wait()

    assert len(re.findall(r"(?m)^ .* 127\.0\.0\.1:\d+ ", terminal.text)) == 10


def test_a_pipe_gets_a_record_per_probe_as_it_comes_and_its_end_ends_the_watch(two):
    command = [*PROGRAM, "ping", *two, "--ephemeral", "--watch", "-i", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()) as program:
        rounds = [json.loads(program.stdout.readline())["round"] for _ in range(8)]
        program.stdout.close()
        assert program.wait(20) == 141

    assert rounds == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_number_of_rounds_ends_it(two):
    done = dendrite("ping", *two, "--ephemeral", "--watch", "-c", "3", "-i", "0.05")

    assert done.returncode == 0
    assert [json.loads(line)["round"] for line in done.stdout.splitlines()] == [1, 1, 2, 2, 3, 3]


def test_rounds_end_with_percentiles_and_a_histogram_of_all_probes(two):
    with Terminal("ping", *two, "--ephemeral", "-c", "6", "-i", "0.01", columns=80) as terminal:
        assert terminal.wait() == 0
        shown = terminal.text

    assert re.search(r"● 200 ok .* 0% .* 1[5-9]\d +1[5-9]\d ", row(shown, two[1].partition("@")[2]))
    counts = [int(count) for count in re.findall(r"(?m)^ +\S+ ms  ━+ (\d+)$", shown)]
    assert sum(counts) == 12
    assert max(map(len, shown.splitlines())) <= 80


def test_rounds_of_chosen_columns_are_rows_of_probes(two):
    with Terminal("ping", two[0], "--ephemeral", "-c", "3", "-i", "0", "--columns", "round,status") as terminal:
        assert terminal.wait() == 0

    assert re.findall(r"(?m)^ +(\d)  ● 200 ok$", terminal.text) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (["-o", "json"], "-o json is for what ends by itself"),
        (["--sort", "total"], "--sort waits for the last record"),
        (["-o", "table", "--columns", "uid"], "--watch has columns of its own"),
        (["-o", "table", "--sort", "total"], "--watch has columns of its own"),
    ],
)
def test_what_a_watch_without_end_cannot_do_is_said_at_once(how, said):
    done = dendrite("ping", "127.0.0.1:9", "--watch", *how)

    assert done.returncode == 2
    assert said in done.stderr
