"""Every line is run by real shells and real curl, and what arrives is compared byte by byte."""

import shutil
import socket
import subprocess
import threading

import pytest
from ground.need import need

from dendrite_cli.output.curl import line

SHELLS = [["bash", "-c"], ["sh", "-c"]]
AWKWARD = (
    b'{"a":"it\'s \\"quoted\\" $HOME `id` $(id) \\\\ \\n !! %s %b \\u2603"}',
    "{\"a\":\"snöw ☃ 'q' '' \U0001f600\"}".encode(),
    b"-n",
    b"@/etc/passwd",
    b" \t trailing \\",
)
NO_LINE = (b"one\ntwo\n\n", b"cr\r\nlf \\n \\0101 %d\n", b"a\0b\xff\xfe\x81\x88\n\\", b"\n")


@pytest.fixture
def heard():
    """Accept one HTTP request; give the port, and what came: the request line, the headers and the body."""
    need(shutil.which("curl"), "curl")
    found = []

    def answer(server):
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            first, headers = stream.readline().decode().strip(), {}
            while (header := stream.readline().decode().strip()) != "":
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            found.extend((first, headers, stream.read(int(headers.get("content-length", 0)))))
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 2\r\n\r\nok")

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        thread = threading.Thread(target=answer, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1], lambda: thread.join(10) or found


def rendered(port, body=b"{}", *, method="POST", path="/Echo", headers=None):
    given = {"Content-Type": "application/json"} if headers is None else headers
    return line(method, f"http://127.0.0.1:{port}{path}", given, body, total=10, connect=3)


def run(shell, text, **extra):
    """Run the line by a shell; one that is too long for an argument comes on the shell's own stdin."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **extra}
    if len(text) < 100_000:
        return subprocess.run([*shell, text], capture_output=True, timeout=30, check=False, env=environment)
    return subprocess.run(shell[:1], input=text, capture_output=True, timeout=30, check=False, env=environment)


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@pytest.mark.parametrize(
    "body", [*AWKWARD, *NO_LINE, b"x" * 99_999, b"'" * 100_000, b"x" * 100_001, b"\"\xe2\x98\x83'$" * 200_000]
)
def test_every_byte_of_a_body_arrives(heard, shell, body):
    port, came = heard
    text = rendered(port, body)

    done = run(shell, text)

    assert b"\n" not in text
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ok", b"")
    request, headers, received = came()
    assert request == "POST /Echo HTTP/1.1"
    assert received == body
    assert int(headers["content-length"]) == len(body)


def test_the_headers_are_those_that_were_given_and_no_others(heard):
    port, came = heard
    given = {"X-Quoted": "it's $HOME `id`", "X-Empty": "", "bt_header_x": "a: b;", "User-Agent": "dendrite/1"}

    run(SHELLS[0], rendered(port, headers=given))

    _, headers, _ = came()
    expected = {name.lower(): value for name, value in given.items()}
    assert headers == expected | {"host": f"127.0.0.1:{port}", "accept": "*/*", "content-length": "2"}


def test_a_get_has_no_body_and_says_nothing_of_us(heard):
    port, came = heard
    text = rendered(port, b"", method="GET", path="/", headers={})

    run(SHELLS[1], text)

    request, headers, _ = came()
    assert request == "GET / HTTP/1.1"
    assert set(headers) == {"host", "accept"}


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [("PUT", b"{}", "PUT"), ("GET", b"{}", "GET"), ("POST", b"", "POST"), ("HEAD", b"", "HEAD")],
)
def test_other_methods_are_kept(heard, method, body, expected):
    port, came = heard

    run(SHELLS[0], rendered(port, body, method=method))

    request, _, received = came()
    assert request == f"{expected} /Echo HTTP/1.1"
    assert received == body


def test_the_path_is_left_as_it_is(heard):
    port, came = heard

    run(SHELLS[0], rendered(port, path="/a/../b[1-2]{x,y}%20?q=$HOME&r='"))

    assert came()[0] == "POST /a/../b[1-2]{x,y}%20?q=$HOME&r=' HTTP/1.1"


def test_neither_a_proxy_nor_a_configuration_file_changes_the_request(heard, tmp_path):
    port, came = heard
    (tmp_path / ".curlrc").write_text('location\nheader = "X-Mine: 1"\nproxy = "http://127.0.0.1:9"\n')

    done = run(SHELLS[0], rendered(port), HOME=str(tmp_path), http_proxy="http://127.0.0.1:9")

    # the answer is a redirect to where nobody listens
    assert (done.returncode, done.stdout) == (0, b"ok")
    assert "x-mine" not in came()[1]


def test_the_waits_are_ours():
    text = line("GET", "http://[2001:db8::1]:8091/", {}, b"", total=0.0015, connect=86_400)

    assert text == (
        b"curl -q -sS -g --noproxy '*' --connect-timeout 86400 --max-time 0.002 'http://[2001:db8::1]:8091/'"
        b" -H User-Agent:"
    )
