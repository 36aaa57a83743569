"""One run: its folder, its servers, its end."""
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import time

from bed import certificates, servers, supervisor
from bed.m365 import admin, graph, identity, imap, keys, pop3, smtp, web, world
from bed.m365.scenario import Scenario

LOOPBACK = ("127.0.0.1", "::1")


def _describe(folder, ports, state):
    """What m365.json says."""
    base = f"https://localhost:{ports['idps']}"
    tenant = f"{base}/{world.TENANT}"
    return {
        "dir": str(folder), "scenario": state.scenario.name, "host": "localhost",
        "ports": {**{name: ports[name] for name in ("imaps", "pop3s", "submission", "idps")},
                  "admin": ports["idp"]},
        "ca_file": f"{folder}/tls/ca.pem", "tenant_id": world.TENANT, "domain": world.DOMAIN,
        "issuer": f"{tenant}/v2.0", "issuer_template": f"{base}/{{tenantid}}/v2.0",
        "discovery_url": f"{base}/organizations/v2.0/.well-known/openid-configuration",
        "tenant_discovery_url": f"{tenant}/v2.0/.well-known/openid-configuration",
        "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
        "token_endpoint": f"{tenant}/oauth2/v2.0/token",
        "devicecode_endpoint": f"{tenant}/oauth2/v2.0/devicecode",
        "adminconsent_endpoint": f"{tenant}/v2.0/adminconsent",
        "admin_url": f"http://127.0.0.1:{ports['idp']}/admin",
        "client_id": world.CLIENT, "secrets": state.client_secrets,
        "secret_ends": [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))
                        for ends in state.secret_ends],
        "graph_url": f"{base}/v1.0", "graph_scope": f"{base}/.default",
        "scope": admin.DELEGATED_SCOPE, "app_scope": "https://outlook.office365.com/.default",
        "users": state.users,
    }


def _sockets(port):
    """Listening on loopback alone, on both families where there are two."""
    bound = []
    for address in LOOPBACK:
        with contextlib.suppress(OSError):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            bound.append(socket.create_server((address, port), family=family, backlog=512))
    return bound


async def _listen(handler, port, tls=None):
    bound = _sockets(port)
    if not bound:
        raise OSError(f"port {port} is taken")
    for one in bound:
        await asyncio.start_server(handler, sock=one, ssl=tls, limit=web.LONGEST_LINE)


def _server_tls(folder):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "tls/server.pem", folder / "tls/server.key")
    return tls


async def _end_wanted(owner):
    """Until a signal, or the owner's end; the exit code."""
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def end(code):
        if not ended.done():
            ended.set_result(code)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, end, 128 + number)
    if owner:
        loop.add_reader(os.pidfd_open(owner), end, 0)
    return await ended


async def _serve(args, folder, scenario):
    ended = asyncio.ensure_future(_end_wanted(args.owner))
    # The block is ours as long as it is referred to.
    block = servers.PortBlock()
    certificates.make(folder / "tls")
    state = world.World(scenario, args.users, args.messages)
    info = _describe(folder, block.ports, state)
    base = info["issuer_template"].partition("/{")[0]
    tls = _server_tls(folder)
    entra = identity.Identity(state, keys.SigningKey(folder), base)
    directory = graph.Graph(state, base)

    async def answer(request):
        return await (directory if request.path.startswith(graph.PREFIX) else entra).handle(request)
    await _listen(web.connection_handler(answer), block.ports["idps"], tls)
    await _listen(lambda reader, writer: imap.serve(state, reader, writer),
                  block.ports["imaps"], tls)
    await _listen(lambda reader, writer: pop3.serve(state, reader, writer),
                  block.ports["pop3s"], tls)
    await _listen(lambda reader, writer: smtp.serve(state, reader, writer, tls),
                  block.ports["submission"])
    await _listen(web.connection_handler(admin.Admin(state).handle), block.ports["idp"])
    text = json.dumps(info)
    draft = folder / "m365.json.draft"
    draft.write_text(text + "\n")
    draft.rename(folder / "m365.json")
    print(text, flush=True)
    return await ended


def run(args, folder):
    """Serves until ended; the folder goes with it."""
    scenario = Scenario.load(args.scenario)
    lock = supervisor.claim(folder, for_other_users=False)
    try:
        return asyncio.run(_serve(args, folder, scenario))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
