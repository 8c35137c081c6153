"""Certificates of the test's own authority."""

import ssl
from pathlib import Path

import trustme


def server(*names: str, ca: trustme.CA) -> ssl.SSLContext:
    """Return what a server of these names proves itself by."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context


def written(ca: trustme.CA, folder: Path) -> str:
    """Write the authority's certificate; return the file."""
    path = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)
