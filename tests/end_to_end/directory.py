"""A directory of people: Debian's slapd, started by the test on the loopback, with a certificate of its own authority."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SUFFIX = "dc=district"
READER, READER_PASSWORD = f"cn=reader,{SUFFIX}", "reader's own password"
CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
security simple_bind=128
database mdb
suffix {suffix}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""
SERVER = shutil.which("slapd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


@dataclass
class Directory:
    """A slapd, and where it keeps its data."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def ca(self) -> Path:
        """The certificate of its authority."""
        return self.folder / "ca.pem"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert SERVER is not None
        self.process = subprocess.Popen(
            [SERVER, "-d", "0", "-f", self.folder / "slapd.conf", "-h", f"ldap://127.0.0.1:{self.port}/"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError(f"slapd does not listen; exit code {self.process.poll()}")

    def stop(self) -> None:
        """End it; its data stay."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


def make_directory(folder: Path, people: Mapping[str, str]) -> Directory:
    """A directory with these people (name → password), not started yet."""
    (folder / "data").mkdir(parents=True)
    for name, certificate in make_certificates().items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(certificate)
    (folder / "slapd.conf").write_text(CONFIGURATION.format(folder=folder, suffix=SUFFIX, reader=READER))
    entries = [
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: district\no: District\n",
        f"dn: ou=people,{SUFFIX}\nobjectClass: organizationalUnit\nou: people\n",
        f"dn: {READER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\nuserPassword: {READER_PASSWORD}\n",
        *(
            f"dn: uid={name},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\nuserPassword: {password}\n"
            for name, password in people.items()
        ),
    ]
    assert SERVER is not None
    add = [Path(SERVER).with_name("slapadd"), "-f", folder / "slapd.conf"]
    subprocess.run(add, input="\n".join(entries), check=True, capture_output=True, text=True, timeout=30)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Directory(folder, probe.getsockname()[1])


def make_certificates() -> dict[str, bytes]:
    """An authority's certificate, and key and certificate of 127.0.0.1 that it signed, by file name."""
    now = datetime.datetime.now(datetime.UTC)
    files: dict[str, bytes] = {}

    def made(name: str, signer: ec.EllipticCurvePrivateKey | None = None) -> ec.EllipticCurvePrivateKey:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        )
        files[f"{name}.pem"] = builder.sign(signer or key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        return key

    files["server.key"] = made("server", made("ca")).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return files
