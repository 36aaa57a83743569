"""The signing key of the id_tokens. Python has no RSA; the openssl program signs."""
import base64
import json
import subprocess


def _openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], check=True, input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class SigningKey:
    """RS256, made anew for each run."""

    def __init__(self, folder):
        self._file = str(folder / "signing.key")
        _openssl("genrsa", "-out", self._file, "2048")
        modulus = _openssl("rsa", "-in", self._file, "-noout", "-modulus").decode().strip()
        self._modulus = bytes.fromhex(modulus.partition("=")[2])
        self.name = base64url(self._modulus[:15])

    def document(self, issuer):
        """The keys document; each key names the issuer that it signs for."""
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.name,
                          "n": base64url(self._modulus), "e": "AQAB", "issuer": issuer}]}

    def sign(self, claims):
        """The claims as a signed JWT."""
        head = {"typ": "JWT", "alg": "RS256", "kid": self.name}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        signature = _openssl("dgst", "-sha256", "-sign", self._file, data=text.encode())
        return f"{text}.{base64url(signature)}"
