"""Microsoft Graph, as far as an app reads its own registration there."""
import json
import time
import uuid

from bed.m365 import web, world

PREFIX = "/v1.0/"


def _stamp(moment):
    """With a fraction, as Graph writes times."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.1234567Z", time.gmtime(moment))


def _refusal(status, code, message):
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    return web.json_answer({"error": {
        "code": code, "message": message,
        "innerError": {"date": now, "request-id": str(uuid.uuid4()),
                       "client-request-id": str(uuid.uuid4())}}}, status)


class Graph:
    """One run's Graph, at the identity server's origin `base`."""

    def __init__(self, state, base):
        self._world, self._base = state, base

    async def handle(self, request):
        self._world.count("requests", "graph")
        step = self._world.scenario.take("graph")
        if step is not None:
            step.fire()
            return self._scripted(step.plan["answer"])
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        token = self._world.access_tokens.get(value)
        good = (scheme == "Bearer" and token and token.scope == f"{self._base}/.default"
                and not token.user and token.ends > time.monotonic())
        if not good:
            return _refusal(401, "InvalidAuthenticationToken", "Access token validation failure.")
        if request.path != f"{PREFIX}applications(appId='{world.CLIENT}')":
            return _refusal(404, "Request_ResourceNotFound", "Resource does not exist.")
        wanted = request.query.get("$select", "passwordCredentials,keyCredentials").split(",")
        return web.json_answer({name: self._registration()[name] for name in wanted})

    @staticmethod
    def _scripted(answer):
        if "graph" in answer:
            return _refusal(answer["status"], answer["graph"],
                            "Insufficient privileges to complete the operation.")
        headers = {"content-type": answer.get("type", "text/html"), **answer.get("headers", {})}
        body = answer.get("body", "")
        return web.Answer(answer.get("status", 200), headers,
                          body if isinstance(body, str) else json.dumps(body))

    def _registration(self):
        """The secrets; with `same_hint` another one that begins as the first does."""
        known = list(zip(self._world.client_secrets, self._world.secret_ends))
        if self._world.setting("same_hint"):
            known.append((known[0][0], self._world.secret_ends[1]))
        return {"passwordCredentials": [
                    {"customKeyIdentifier": None, "displayName": f"secret {number}",
                     "endDateTime": _stamp(ends), "hint": secret[:3], "keyId": str(uuid.uuid4()),
                     "secretText": None, "startDateTime": _stamp(ends - 200 * 86400)}
                    for number, (secret, ends) in enumerate(known, 1)],
                "keyCredentials": []}
