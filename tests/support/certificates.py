"""Certificates for servers of tests."""

import subprocess
from pathlib import Path

from tests.support.programs import need_program


def make_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Make a certificate for a host that signs itself; return its file and that of its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    kind = "IP" if host[0].isdigit() else "DNS"
    subprocess.run(
        [
            *(need_program("openssl"), "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "1"),
            *("-subj", f"/CN={host}", "-addext", f"subjectAltName={kind}:{host}"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
