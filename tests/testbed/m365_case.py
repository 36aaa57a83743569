"""What the checks of `testbed m365` share: a run for each class, and clients that are not ours."""
import base64
import contextlib
import hashlib
import imaplib
import unittest

from bed.m365.running import CALLBACK, Running, TIMEOUT_S


def xoauth2(user, token):
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def part(jwt, number):
    text = jwt.split(".")[number]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Case(unittest.TestCase):
    """One run for each class; `scenario` is its name."""
    scenario = "all-well"

    @classmethod
    def setUpClass(cls):
        cls.bed = Running(cls.scenario)
        cls.user = cls.bed.info["users"][0]

    @classmethod
    def tearDownClass(cls):
        cls.bed.stop()

    def sign_in(self, secret=1, **query):
        """The answer of the token endpoint for a sign-in that began at `authorize`."""
        verifier = "v" * 43
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        back = self.bed.back_from("authorization", **{
            "response_type": "code", "scope": self.bed.info["scope"], "nonce": "n",
            "login_hint": self.user, "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256", **query})
        self.assertEqual(back["state"], "s")
        return self.bed.token(secret, grant_type="authorization_code", code=back["code"],
                              redirect_uri=CALLBACK, code_verifier=verifier)

    def signed_in(self):
        status, _, answer = self.sign_in()
        self.assertEqual(status, 200, answer)
        return answer

    def refresh(self, answer, secret=1):
        return self.bed.token(secret, grant_type="refresh_token",
                              refresh_token=answer["refresh_token"])

    def directory_token(self):
        return self.bed.token(grant_type="client_credentials",
                              scope=self.bed.info["graph_scope"])[2]["access_token"]

    def assert_error(self, answer, status, error, code, suberror=None):
        self.assertEqual((answer[0], answer[2]["error"], answer[2]["error_codes"],
                          answer[2].get("suberror")), (status, error, [code], suberror))
        self.assertTrue(answer[2]["error_description"].startswith(f"AADSTS{code}: "))
        self.assertIn("\r\nTrace ID: " + answer[2]["trace_id"], answer[2]["error_description"])

    def imap(self):
        return imaplib.IMAP4_SSL("localhost", self.bed.info["ports"]["imaps"],
                                 ssl_context=self.bed.tls(), timeout=TIMEOUT_S)

    @staticmethod
    def end(session):
        with contextlib.suppress(OSError):
            session.shutdown()

    def access_token(self, user=None, **wish):
        return self.bed.admin("POST", "token", {"user": user or self.user, **wish})["access_token"]

    def logged_in(self, user=None, token=None):
        user = user or self.user
        token = token or self.access_token(user)
        session = self.imap()
        self.addCleanup(self.end, session)
        session.authenticate("XOAUTH2", lambda _: xoauth2(user, token))
        return session
