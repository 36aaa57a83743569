"""An OAuth2 client of the kind the product is: authorization code with PKCE, refresh, secrets."""
import base64
import hashlib
import json
import secrets
import ssl
import urllib.error
import urllib.parse
import urllib.request

CALLBACK = "http://127.0.0.1:9/api/cloudProviders/oauth2/generic/callback"


class Refused(Exception):
    """The token endpoint's error answer: `status`, and its JSON as `answer`."""

    def __init__(self, status, answer, headers):
        super().__init__(f"{status} {answer}")
        self.status, self.answer, self.headers = status, answer, headers


class Application:
    """Client `name` of the running testbed."""

    def __init__(self, info, name="mail-post", secret_number=1):
        self._info, self.name = info, name
        registered = info["clients"][name]
        self._auth = registered["auth"]
        self._secret = registered["secrets"][secret_number - 1] if registered["secrets"] else None
        self._verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)

    def start_address(self, user, callback=CALLBACK):
        digest = hashlib.sha256(self._verifier.encode()).digest()
        return f"{self._info['issuer']}/auth?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": self.name, "redirect_uri": callback,
            "scope": self._info["scope"], "state": self.state, "prompt": "consent",
            "login_hint": user, "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("=")})

    def take_code(self, address, callback=CALLBACK):
        """The token answer for what came back to the callback."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        assert query["state"] == self.state, "another state came back"
        return self.token(grant_type="authorization_code", code=query["code"],
                          redirect_uri=callback, code_verifier=self._verifier)

    def refresh(self, refresh_token):
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def token(self, **form):
        """One request to the token endpoint, authenticated as the client is registered."""
        headers = {}
        if self._auth == "client_secret_basic":
            # RFC 6749 2.3.1: both parts form-encoded first.
            pair = ":".join(map(urllib.parse.quote_plus, (self.name, self._secret)))
            headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = self.name
            if self._secret:
                form["client_secret"] = self._secret
        request = urllib.request.Request(f"{self._info['issuer']}/token",
                                         urllib.parse.urlencode(form).encode(), headers)
        context = ssl.create_default_context(cafile=self._info["ca_file"])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=context))
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            raise Refused(error.code, json.loads(text) if text.startswith("{") else text,
                          error.headers) from None
