"""Endpoints that are no node: they say one thing and hang up, or stand with TLS before a node."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ground.need import need


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that nobody has signed but its own key."""

    path: Path
    key: Path


def certificate(folder: Path, host: str = "127.0.0.1") -> Certificate:
    """Make one for an address."""
    need(shutil.which("openssl"), "openssl, to make a certificate")
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=node", "-addext", f"subjectAltName=IP:{host}"]
    subprocess.run([*command, "-keyout", made.key, "-out", made.path], check=True, capture_output=True)
    return made


@contextmanager
def saying(words: bytes) -> Iterator[int]:
    """Say this to whoever has said something, and hang up; yield the port."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(words)

    with _serving(answer) as port:
        yield port


@contextmanager
def tls_before(port: int, own: Certificate) -> Iterator[int]:
    """Speak TLS, and hand what is in it to a port of this machine and back; yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.path, own.key)

    def forward(connection: socket.socket) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as inner,
            socket.create_connection(("127.0.0.1", port)) as node,
        ):
            threading.Thread(target=_pump, args=(node, inner), daemon=True).start()
            _pump(inner, node)

    with _serving(forward) as front:
        yield front


@contextmanager
def _serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            answer(connection)

    def accept(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        # wakes who accepts, which closing alone does not
        server.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
