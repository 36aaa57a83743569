"""Calls for the test, on plain loopback: counts, another scenario, mail, tokens."""
import json
import time

from bed.m365 import web, world
from bed.m365.scenario import Scenario


class Admin:
    """GET /admin/stats, sent; POST /admin/scenario, mail, token, revoke."""

    def __init__(self, state):
        self._world = state
        self._calls = {("GET", "stats"): self._stats, ("DELETE", "stats"): self._clear,
                       ("GET", "sent"): self._sent,
                       ("POST", "scenario"): self._scenario, ("POST", "mail"): self._mail,
                       ("POST", "token"): self._token, ("POST", "revoke"): self._revoke}

    async def handle(self, request):
        call = self._calls.get((request.method, request.path.removeprefix("/admin/")))
        if call is None:
            return web.json_answer({"error": "no such call"}, 404)
        try:
            wish = json.loads(request.body or b"{}")
            return web.json_answer(call(wish))
        except (ValueError, KeyError, TypeError) as error:
            return web.json_answer({"error": f"{error}"}, 400)

    def _stats(self, _wish):
        return self._world.report()

    def _clear(self, _wish):
        """Forgets the counts of requests; a step keeps what it fired."""
        self._world.counts.clear()
        return self._world.report()

    def _sent(self, _wish):
        """What was taken by submission, in order."""
        return {"mails": self._world.sent}

    def _scenario(self, wish):
        """`{"name": ...}`, or a scenario itself: from now on. Tokens and mail stay."""
        self._world.scenario = (Scenario.load(wish["name"]) if set(wish) == {"name"}
                                else Scenario("own", wish))
        return self._world.report()

    def _user(self, wish):
        if not self._world.has(wish["user"]):
            raise ValueError(f"a user is an address at {world.DOMAIN}")
        return wish["user"]

    def _mail(self, wish):
        """`{"user": ..., "count": N}` made-up messages, or one with `body`."""
        box = self._world.mailbox(self._user(wish))
        if "body" in wish:
            box.add(wish["body"].encode(), time.time())
        else:
            box.fill(int(wish.get("count", 1)))
        return {"messages": len(box.messages), "next_uid": box.next_uid}

    def _token(self, wish):
        """Tokens as a sign-in of `user` gives them; `life_s` and `scope` as wished."""
        scope = wish.get("scope", DELEGATED_SCOPE)
        grant = world.Grant(self._user(wish), scope)
        token, life_s = self._world.new_access_token(grant.user, scope, wish.get("life_s"))
        return {"access_token": token, "expires_in": life_s,
                "refresh_token": self._world.new_refresh_token(grant)}

    def _revoke(self, wish):
        self._world.revoke(self._user(wish))
        return {}


DELEGATED_SCOPE = " ".join(["offline_access openid email profile",
                            *(world.EXCHANGE[0] + name for name in world.SCOPES.values())])
