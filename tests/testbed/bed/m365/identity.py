"""The identity server: Entra's v2 endpoints, as far as a mail client meets them."""
import asyncio
import base64
import hashlib
import json
import secrets
import time
import urllib.parse

from bed.m365 import web, world
from bed.m365.answers import Refusal, error_body, scripted

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
TENANTS = ("common", "organizations", "consumers")
CALLBACK_PATHS = ("/callback", "/api/cloudProviders/oauth2/")


def _s256(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _with_query(address, fields):
    mark = "&" if "?" in address else "?"
    return address + mark + urllib.parse.urlencode(fields)


class Identity:
    """One run's server; `base` is its origin."""

    def __init__(self, state, key, base):
        self._world, self._key, self._base = state, key, base
        self._places = {
            "v2.0/.well-known/openid-configuration": ("discovery", self._discovery),
            "discovery/v2.0/keys": ("keys", self._keys),
            "oauth2/v2.0/authorize": ("authorize", self._authorize),
            "oauth2/v2.0/token": ("token", self._token),
            "oauth2/v2.0/devicecode": ("devicecode", self._device_code),
            "oauth2/deviceauth": ("deviceauth", self._device_page),
            "adminconsent": ("adminconsent", self._admin_consent),
            "v2.0/adminconsent": ("adminconsent", self._admin_consent),
        }
        self._grants = {"authorization_code": self._by_code, "refresh_token": self._by_refresh,
                        "client_credentials": self._by_client, DEVICE_GRANT: self._by_device}

    async def handle(self, request):
        tenant, _, rest = request.path.lstrip("/").partition("/")
        place, endpoint = self._places.get(rest, (None, None))
        if place is None or not (tenant in TENANTS or tenant.lower() == world.TENANT):
            return web.Answer(404, {"content-type": "text/html"}, "<h1>404</h1>")
        self._world.count("requests", place)
        try:
            return await endpoint(request, tenant)
        except Refusal as refusal:
            self._world.count("refused", str(refusal.code))
            status, body = error_body(refusal.code, refusal.words)
            return web.json_answer(body, status)

    def _scripted(self, place, client="", **facts):
        """The answer of a step that fires here, or None."""
        step = self._world.scenario.take(place, client_id=client, **facts)
        if step is None:
            return None
        step.fire()
        return web.Answer(*scripted(step.plan["answer"], client))

    # -- documents

    async def _discovery(self, _request, tenant):
        """The shared tenants name a template as the issuer."""
        if answer := self._scripted("discovery"):
            return answer
        issuer = "{tenantid}" if tenant in TENANTS else tenant
        endpoints = f"{self._base}/{tenant}/oauth2/v2.0"
        return web.json_answer({
            "issuer": f"{self._base}/{issuer}/v2.0",
            "authorization_endpoint": f"{endpoints}/authorize",
            "token_endpoint": f"{endpoints}/token",
            "device_authorization_endpoint": f"{endpoints}/devicecode",
            "jwks_uri": f"{self._base}/{tenant}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt",
                                                      "client_secret_basic"],
            "response_types_supported": ["code"], "response_modes_supported": ["query"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": sorted(world.OPENID),
            "msgraph_host": self._base.partition("://")[2]})

    async def _keys(self, _request, _tenant):
        return self._scripted("keys") or web.json_answer(
            self._key.document(f"{self._base}/{{tenantid}}/v2.0"))

    # -- in the browser

    async def _authorize(self, request, _tenant):
        """Signs `login_hint` (or the first user) in without a page, or whom the setting `signs_in`
        names: the browser was signed in before. `error` in the address, and a step of the scenario,
        go back to the application as an error."""
        query = request.query
        address = self._redirect_address(query)
        user = (self._world.setting("signs_in") or query.get("login_hint")
                or next(iter(self._world.users), ""))
        state = {name: query[name] for name in ("state",) if name in query}
        answer = self._scripted("authorize", query["client_id"], user=user)
        if answer and answer.body.startswith("{"):
            body = json.loads(answer.body)
            return web.redirect(_with_query(address, {
                "error": body["error"], "error_description": body["error_description"], **state}))
        if answer:
            return answer
        if "error" in query:
            return web.redirect(_with_query(address, {
                "error": query["error"], "error_description": "As asked for.", **state}))
        if query.get("response_type") != "code" or not self._world.has(user):
            raise Refusal(900144, what="response_type, or a login_hint of the tenant")
        code = "1.A" + secrets.token_urlsafe(400)
        self._world.codes[code] = world.Grant(user, query.get("scope", ""), query.get("nonce", ""),
                                              query["redirect_uri"],
                                              query.get("code_challenge", ""))
        self._world.happened("authorize")
        return web.redirect(_with_query(address, {"code": code, **state,
                                                  "session_state": secrets.token_hex(16)}))

    async def _admin_consent(self, request, _tenant):
        query = request.query
        address = self._redirect_address(query)
        state = {name: query[name] for name in ("state", "scope") if name in query}
        answer = self._scripted("adminconsent", query["client_id"])
        if answer and answer.body.startswith("{"):
            body = json.loads(answer.body)
            return web.redirect(_with_query(address, {
                "error": body["error"], "error_description": body["error_description"], **state}))
        self._world.happened("adminconsent")
        return answer or web.redirect(_with_query(
            address, {"admin_consent": "True", "tenant": world.TENANT, **state}))

    def _redirect_address(self, query):
        """Where the browser goes back to: loopback, at the path of a callback."""
        if query.get("client_id") != world.CLIENT:
            raise Refusal(700016, client=query.get("client_id", ""))
        address = urllib.parse.urlsplit(query.get("redirect_uri", ""))
        if address.hostname not in ("localhost", "127.0.0.1") or not address.path.startswith(
                CALLBACK_PATHS):
            raise Refusal(50011, client=world.CLIENT)
        return query["redirect_uri"]

    # -- the token endpoint

    async def _token(self, request, tenant):
        if request.method != "POST":
            raise Refusal(900561)
        form = request.form()
        client, secret = self._credentials(request, form)
        kind = form.get("grant_type", "")
        grant = self._world.refresh_tokens.get(form.get("refresh_token")) or self._world.codes.get(
            form.get("code"))
        if answer := self._scripted("token", client, grant_type=kind, secret=secret,
                                    user=grant.user if grant else ""):
            return answer
        if client != world.CLIENT:
            raise Refusal(700016, client=client)
        # Who signs in on another device may be a public client.
        if secret is None and kind != DEVICE_GRANT:
            raise Refusal(7000218)
        if secret == 0:
            raise Refusal(7000215, client=client)
        if kind not in self._grants:
            raise Refusal(70003)
        self._world.count("grants", kind)
        return await self._grants[kind](form, tenant)

    def _credentials(self, request, form):
        """The client id, and which secret came: 1 or 2, 0 for a wrong one, None for none."""
        client, secret = form.get("client_id", ""), form.get("client_secret")
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            pair = base64.b64decode(value + "==").decode(errors="replace").partition(":")
            client, secret = (urllib.parse.unquote_plus(part) for part in pair[::2])
        if secret is None:
            return client, None
        known = self._world.client_secrets
        return client, known.index(secret) + 1 if secret in known else 0

    async def _tokens(self, grant, scope, nonce=""):
        """The answer that gives tokens; a refresh token and an id_token where they were asked."""
        token, life_s = self._world.new_access_token(grant.user, scope)
        body = {"token_type": "Bearer", "scope": scope, "expires_in": life_s,
                "ext_expires_in": life_s, "access_token": token}
        words = grant.scope.split()
        if grant.user and "offline_access" in words:
            body["refresh_token"] = self._world.new_refresh_token(grant)
        if grant.user and "openid" in words:
            body["id_token"] = await asyncio.to_thread(self._key.sign,
                                                       self._claims(grant.user, nonce))
        return web.json_answer(body)

    def _claims(self, user, nonce):
        now = int(time.time())
        claims = {"aud": world.CLIENT, "iss": f"{self._base}/{world.TENANT}/v2.0", "iat": now,
                  "nbf": now, "exp": now + 3600, "tid": world.TENANT, "ver": "2.0",
                  "oid": self._world.object_id(user), "preferred_username": user, "email": user,
                  "name": user.partition("@")[0],
                  "sub": hashlib.sha256(user.encode()).hexdigest()[:43]}
        return {**claims, "nonce": nonce} if nonce else claims

    async def _by_code(self, form, _tenant):
        grant = self._world.codes.get(form.get("code"))
        if grant is None:
            raise Refusal(70000)
        if grant.used:
            raise Refusal(54005)
        if form.get("redirect_uri") != grant.redirect_uri:
            raise Refusal(50011, client=world.CLIENT)
        if grant.challenge and _s256(form.get("code_verifier", "")) != grant.challenge:
            raise Refusal(501481)
        grant.used = True
        return await self._tokens(grant, form.get("scope") or grant.scope, grant.nonce)

    async def _by_refresh(self, form, _tenant):
        """The old refresh token stays valid, as Entra leaves it."""
        grant = self._world.refresh_tokens.get(form.get("refresh_token"))
        if grant is None:
            raise Refusal(70000)
        return await self._tokens(grant, form.get("scope") or grant.scope)

    async def _by_client(self, form, tenant):
        if tenant in ("common", "consumers"):
            raise Refusal(9001023)
        scope = form.get("scope", "")
        if not scope.endswith("/.default"):
            raise Refusal(70011)
        return await self._tokens(world.Grant("", scope), scope)

    # -- the device flow

    async def _device_code(self, request, tenant):
        form = request.form()
        client = form.get("client_id", "")
        if answer := self._scripted("devicecode", client):
            return answer
        if client != world.CLIENT:
            raise Refusal(700016, client=client)
        life_s = 900
        code = world.DeviceCode(secrets.token_hex(4).upper(), form.get("scope", ""),
                                time.monotonic() + life_s)
        name = secrets.token_urlsafe(60)
        self._world.device_codes[name] = code
        page = f"{self._base}/{tenant}/oauth2/deviceauth"
        return web.json_answer({
            "device_code": name, "user_code": code.user_code, "verification_uri": page,
            "expires_in": life_s, "interval": self._world.setting("device_interval_s"),
            "message": f"To sign in, use a web browser to open the page {page} and enter the code "
                       f"{code.user_code} to authenticate."})

    async def _device_page(self, request, _tenant):
        """`?user_code=CODE&user=ADDRESS` is a person who enters the code and signs in."""
        wanted, user = request.query.get("user_code"), request.query.get("user", "")
        for code in self._world.device_codes.values():
            if code.user_code == wanted and self._world.has(user):
                code.user = user
                return web.Answer(200, {"content-type": "text/html"}, "<h1>Signed in</h1>")
        return web.Answer(400, {"content-type": "text/html"}, "<h1>No such code or user</h1>")

    async def _by_device(self, form, _tenant):
        name = form.get("device_code")
        code = self._world.device_codes.get(name)
        if code is None or code.ends < time.monotonic():
            raise Refusal(70019)
        if not code.user:
            raise Refusal(70016)
        del self._world.device_codes[name]
        return await self._tokens(world.Grant(code.user, code.scope), code.scope)
