"""The run's own CA, a good server certificate, and bad ones for negative tests."""
import hashlib
import pathlib
import ssl
import subprocess

NAMES = ("DNS:localhost,DNS:mail.example.test,DNS:imap.example.test,DNS:pop.example.test,"
         "DNS:smtp.example.test,DNS:idp.example.test,IP:127.0.0.1,IP:127.0.0.2,IP:::1")
# The addresses that serve the bad ones; the ports are the same on each.
EXPIRED, WRONG_HOST, UNTRUSTED, SELF_SIGNED = (f"127.0.0.{n}" for n in (3, 4, 5, 6))


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _key(folder, name):
    _openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")


def _authority(folder, name, common_name):
    _key(folder, name)
    _openssl(folder, "req", "-x509", "-new", "-key", f"{name}.key", "-sha256", "-days", "30",
             "-subj", f"/O=Mailfleet testbed/CN={common_name}", "-out", f"{name}.pem",
             "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def _leaf(folder, name, authority, names):
    _key(folder, name)
    _openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj",
             f"/O=Mailfleet testbed/CN={name}", "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(
        f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
        "extendedKeyUsage=serverAuth\n")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem",
             "-CAkey", f"{authority}.key", "-CAcreateserial", "-sha256", "-days", "30",
             "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def _expired(folder):
    """`openssl ca` is the one command that takes the dates."""
    _key(folder, "expired")
    _openssl(folder, "req", "-new", "-key", "expired.key", "-subj",
             "/O=Mailfleet testbed/CN=expired", "-out", "expired.csr")
    (folder / "index.txt").touch()
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=d\n[d]\ndir=.\ndatabase=index.txt\nrand_serial=yes\nnew_certs_dir=.\n"
        "default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\norganizationName=optional\n"
        f"commonName=supplied\n[x]\nsubjectAltName={NAMES},IP:{EXPIRED}\n"
        "extendedKeyUsage=serverAuth\n")
    _openssl(folder, "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key",
             "-in", "expired.csr", "-out", "expired.pem", "-notext",
             "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")


def fingerprint(pem_file):
    """SHA-256 of the certificate (DER), lower-case hexadecimal."""
    der = ssl.PEM_cert_to_DER_cert(pathlib.Path(pem_file).read_text())
    return hashlib.sha256(der).hexdigest()


def make(folder):
    """Writes NAME.pem and NAME.key for ca, server, expired, wronghost, untrusted, selfsigned."""
    folder = pathlib.Path(folder)
    folder.mkdir(mode=0o755)
    _authority(folder, "ca", "Testbed CA")
    _authority(folder, "otherca", "Another CA")
    _leaf(folder, "server", "ca", NAMES)
    _leaf(folder, "wronghost", "ca", "DNS:wrong.example.org")
    _leaf(folder, "untrusted", "otherca", f"{NAMES},IP:{UNTRUSTED}")
    _expired(folder)
    _key(folder, "selfsigned")
    _openssl(folder, "req", "-x509", "-new", "-key", "selfsigned.key", "-sha256", "-days", "30",
             "-subj", "/O=Mailfleet testbed/CN=selfsigned", "-out", "selfsigned.pem",
             "-addext", f"subjectAltName=IP:{SELF_SIGNED}")
