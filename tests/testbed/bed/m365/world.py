"""What the servers of one run share: users, mailboxes, tokens, the scenario, the counts."""
import collections
import dataclasses
import secrets
import time
import uuid

from bed.m365 import mailbox

TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
DOMAIN = "contoso.test"
# One token is for one resource; a scope without a resource means Graph.
EXCHANGE = ("https://outlook.office.com/", "https://outlook.office365.com/")
# What a token of a person needs for each way to the mailbox; the app's own has them all.
SCOPES = {"imap": "IMAP.AccessAsUser.All", "pop3": "POP.AccessAsUser.All", "smtp": "SMTP.Send"}
OPENID = {"openid", "profile", "email", "offline_access"}


@dataclasses.dataclass
class Grant:
    """What a sign-in, or the app itself, was given."""
    user: str  # Empty: the app itself.
    scope: str
    nonce: str = ""
    redirect_uri: str = ""
    challenge: str = ""
    used: bool = False


@dataclasses.dataclass
class AccessToken:
    user: str
    scope: str
    for_exchange: bool
    ends: float


@dataclasses.dataclass
class DeviceCode:
    user_code: str
    scope: str
    ends: float
    user: str = ""


class World:
    """State of one run; everything happens on one event loop, so nothing is locked."""

    def __init__(self, scenario, users, messages):
        self.scenario = scenario
        self.client_secrets = [f"{n}8Q~{secrets.token_urlsafe(24)}" for n in (1, 2)]
        # As Graph lists them: whole seconds, so that they can be compared.
        self.secret_ends = [int(time.time()) + days * 86400 for days in (200, 400)]
        self.codes, self.refresh_tokens = {}, {}
        self.access_tokens, self.device_codes = {}, {}
        self.counts = collections.defaultdict(collections.Counter)
        self.users = [f"user{number + 1:04}@{DOMAIN}" for number in range(users)]
        self._mailboxes = {}
        self.sent = []
        for user in self.users:
            self.mailbox(user).fill(messages)

    def setting(self, name):
        return self.scenario.settings[name]

    def count(self, what, kind):
        self.counts[what][kind] += 1

    def happened(self, event):
        self.count("events", event)
        self.scenario.happened(event)

    def has(self, user):
        """Every address of the domain is an account with a mailbox."""
        return user.lower().endswith("@" + DOMAIN)

    def mailbox(self, user):
        return self._mailboxes.setdefault(user.lower(), mailbox.Mailbox(user.lower()))

    @staticmethod
    def object_id(user):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "mailto:" + user.lower()))

    # -- tokens

    def new_access_token(self, user, scope, life_s=None):
        """The token and its life in seconds."""
        life_s = self.setting("access_token_life_s") if life_s is None else life_s
        first = next((word for word in scope.split() if word not in OPENID), "")
        token = "eyJ0" + secrets.token_urlsafe(self.setting("token_bytes"))
        token = token[:self.setting("token_bytes")]
        self.access_tokens[token] = AccessToken(user, scope, first.startswith(EXCHANGE),
                                                time.monotonic() + life_s)
        return token, life_s

    def new_refresh_token(self, grant):
        token = "0.AX" + secrets.token_urlsafe(600)
        self.refresh_tokens[token] = grant
        return token

    def revoke(self, user):
        """Ends every refresh token of a user, as an administrator does."""
        self.refresh_tokens = {token: grant for token, grant in self.refresh_tokens.items()
                               if grant.user != user}

    def access(self, token):
        """The access token, if the mail server takes it."""
        found = self.access_tokens.get(token)
        return found if found and found.for_exchange and found.ends > time.monotonic() else None

    def opens(self, token, user, place):
        """Whether the token is for this mailbox, and for this way to it."""
        is_for = any(word.endswith(("/.default", "/" + SCOPES[place]))
                     for word in token.scope.split())
        return is_for and self.has(user) and token.user.lower() in ("", user.lower())

    def report(self):
        return {**self.scenario.report(),
                **{name: dict(counter) for name, counter in self.counts.items()}}
