"""An authority of the tests' own, and certificates that it signs."""

from __future__ import annotations

import datetime
import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificate(name, key, issuer, issuer_key, *, authority=False, address="127.0.0.1"):
    """A certificate of a day, signed by the issuer."""
    today = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(hours=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    # Python 3.13 asks for what RFC 5280 does: whose key it is, and whose signed it.
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if authority:
        may = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "content_commitment",
             "digital_signature", "encipher_only", "decipher_only"), False
        )  # fmt: skip
        usage = x509.KeyUsage(key_cert_sign=True, crl_sign=True, **may)
        builder = builder.add_extension(usage, critical=True)
    if not authority:
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        builder = builder.add_extension(names, critical=False)
    made = builder.sign(issuer_key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def make_authority(folder):
    """Makes server certificates; `authority.path` is its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / "ca.pem"
    path.write_bytes(make_certificate("Test CA", key, "Test CA", key, authority=True))

    def context(address: str = "127.0.0.1") -> ssl.SSLContext:
        server_key = ec.generate_private_key(ec.SECP256R1())
        certificate = make_certificate("server", server_key, "Test CA", key, address=address)
        plain = serialization.NoEncryption()
        private = server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
        )
        chain = folder / f"{address}.pem"
        chain.write_bytes(private + certificate)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(chain)
        return made

    context.path = path
    return context
