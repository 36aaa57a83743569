"""What a test says to a running m365."""
import json
import os
import pathlib
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "testbed"
CALLBACK = "http://localhost:9/api/cloudProviders/oauth2/Outlook365/callback"
TIMEOUT_S = 30


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Running:
    """`testbed m365` for the length of a `with`; `info` is what m365.json says."""

    def __init__(self, scenario="all-well", *arguments):
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM, "m365", "--scenario", scenario, "--owner", str(os.getpid()),
             *arguments], stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"m365 did not start: it ended with {self._process.wait()}")
        self.info = json.loads(line)
        self._opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self.tls()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Its exit code."""
        self._process.terminate()
        self._process.stdout.close()
        return self._process.wait(TIMEOUT_S)

    def tls(self):
        return ssl.create_default_context(cafile=self.info["ca_file"])

    def fetch(self, address, data=None, method=None, headers=None):
        """Status, headers, text; redirects are not followed."""
        request = urllib.request.Request(address, data, headers or {}, method=method)
        try:
            answer = self._opener.open(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers, answer.read().decode()

    def admin(self, method, call, wish=None):
        """One admin call; its JSON answer."""
        data = None if wish is None else json.dumps(wish).encode()
        status, _, text = self.fetch(f"{self.info['admin_url']}/{call}", data, method)
        if status != 200:
            raise RuntimeError(f"{call}: {text}")
        return json.loads(text)

    def fired(self):
        """How often each step of the scenario fired, in the order of its file."""
        return [step["fired"] for step in self.admin("GET", "stats")["steps"]]

    def back_from(self, endpoint, **query):
        """The query that a browser brings back to the application from `authorize` and the like."""
        address = f"{self.info[endpoint + '_endpoint']}?" + urllib.parse.urlencode(
            {"client_id": self.info["client_id"], "redirect_uri": CALLBACK, "state": "s", **query})
        status, headers, text = self.fetch(address)
        if status != 302:
            raise RuntimeError(f"{endpoint} answered {status}: {text}")
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["location"]).query))

    def registration(self, token):
        """What Graph says of the app: status, JSON object or text."""
        address = (f"{self.info['graph_url']}/applications(appId='{self.info['client_id']}')"
                   "?$select=passwordCredentials,keyCredentials")
        status, _, text = self.fetch(address, headers={"Authorization": f"Bearer {token}"})
        return status, json.loads(text) if text.startswith("{") else text

    def token(self, secret=1, **form):
        """One request to the token endpoint: status, headers, JSON object or text."""
        fields = {"client_id": self.info["client_id"], **form}
        if secret:
            fields["client_secret"] = (self.info["secrets"][secret - 1]
                                       if isinstance(secret, int) else secret)
        status, headers, text = self.fetch(self.info["token_endpoint"],
                                           urllib.parse.urlencode(fields).encode())
        return status, headers, json.loads(text) if text.startswith("{") else text
