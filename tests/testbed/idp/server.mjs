// The OpenID provider of the testbed: `oidc-provider` with an in-memory store, sign-in pages, and
// an admin interface that makes it fail on order. Usage: node server.mjs CONFIG.json
//
// One provider, two listeners: https is the issuer; plain http, on loopback, is for Dovecot's
// introspection and for the admin calls.
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { Provider } from 'oidc-provider';
import { admin, jwtResource } from './admin.mjs';
import { redirectAllowed, registrations } from './clients.mjs';
import { devicePages, interaction } from './pages.mjs';
import { count, faultPaths, settings, takeFault } from './settings.mjs';
import { Store } from './store.mjs';

const config = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const issuer = `https://localhost:${config.ports.idps}`;
const scopes = ['openid', 'offline_access', 'profile', 'email', 'mail', 'https://mail.google.com/',
  'https://outlook.office.com/IMAP.AccessAsUser.All', 'https://outlook.office.com/POP.AccessAsUser.All',
  'https://outlook.office.com/SMTP.Send'];
const bodyLimit = 1024 * 1024;

// -- accounts and keys -------------------------------------------------------

const accounts = {
  address: (user) => (user.includes('@') ? user : `${user}@${config.domain}`).toLowerCase(),
  check(login, password) {
    const address = this.address(login ?? '');
    return address.endsWith(`@${config.domain}`) && password === config.password ? address : undefined;
  },
};

function signingKeys() {
  const make = (type, options, extra) => ({
    ...crypto.generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...extra,
  });
  return [make('rsa', { modulusLength: 2048 }, { kid: 's-rs256', alg: 'RS256' }),
    make('ec', { namedCurve: 'P-256' }, { kid: 's-es256', alg: 'ES256' })];
}

/** Dovecot checks JWTs with these: FOLDER/default/ALG/KID, where `default` is "no azp claim". */
function publishKeys(keys, folder) {
  for (const key of keys) {
    fs.mkdirSync(`${folder}/default/${key.alg}`, { recursive: true });
    const pem = crypto.createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    fs.writeFileSync(`${folder}/default/${key.alg}/${key.kid}`, pem);
  }
}

const keys = signingKeys();
publishKeys(keys, config.jwt_keys);

// -- the provider ------------------------------------------------------------

const mailbox = (token) => token.accountId
  ?? (config.clients[token.clientId]?.kind === 'service' ? `${token.clientId}@${config.domain}` : undefined);

const provider = new Provider(issuer, {
  adapter: Store,
  clients: registrations(config),
  jwks: { keys },
  scopes,
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
  conformIdTokenClaims: false,
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id, email_verified: true, name: id.split('@')[0], preferred_username: id }),
  }),
  cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
  pkce: { methods: ['S256'], required: (_ctx, client) => client.clientAuthMethod === 'none' || settings.require_pkce },
  expiresWithSession: () => false,
  issueRefreshToken: (_ctx, client, source) => client.grantTypeAllowed('refresh_token')
    && (!settings.refresh_needs_offline_access || source.scopes.has('offline_access')),
  rotateRefreshToken: () => settings.rotate,
  extraTokenClaims: (_ctx, token) => ({
    email: mailbox(token), ...(settings.pad_bytes && token.resourceServer && { pad: 'x'.repeat(settings.pad_bytes) }),
  }),
  formats: {
    bitsOfOpaqueRandomness: (_ctx, token) => (token.kind === 'AccessToken' ? settings.opaque_bits : 256),
    // Dovecot 2.3 refuses RFC 9068's "typ":"at+jwt": it wants exactly "JWT".
    customizers: { jwt: (_ctx, _token, jwt) => { jwt.header = { typ: 'JWT' }; } },
  },
  interactions: { url: (_ctx, details) => `/interaction/${details.uid}` },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true, ...devicePages },
    userinfo: { enabled: true },
    rpInitiatedLogout: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, client, oneOf) => oneOf ?? (client.clientId === 'mail-jwt' ? jwtResource : undefined),
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'mail', audience: 'mail', accessTokenTTL: settings.access_token_ttl,
        accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  ttl: {
    AccessToken: () => settings.access_token_ttl,
    ClientCredentials: () => settings.access_token_ttl,
    RefreshToken: () => settings.refresh_token_ttl,
    AuthorizationCode: 60, DeviceCode: () => settings.device_code_ttl, IdToken: 3600, Interaction: 600, Session: 86400, Grant: 30 * 86400,
  },
});
provider.Client.prototype.redirectUriAllowed = redirectAllowed;
provider.Client.prototype.compareClientSecret = function compareClientSecret(actual) {
  const known = config.clients[this.clientId].secrets;
  const accepted = (settings.accept_secrets[this.clientId] ?? [1]).map((number) => known[number - 1]);
  if (accepted.includes(actual)) return true;
  count('refused_secrets', this.clientId);
  return false;
};
provider.on('server_error', (_ctx, error) => console.error('server_error', error));
provider.on('grant.success', (ctx) => count('token_grants', ctx.oidc.params.grant_type));

async function grantFor(clientId, accountId, scope) {
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope(scope.split(' ').filter((name) => scopes.includes(name)).join(' ') || 'openid');
  grant.addResourceScope(jwtResource, 'mail');
  grant.addOIDCClaims(['sub', 'email', 'email_verified', 'name', 'preferred_username']);
  return grant.save();
}

// -- requests ----------------------------------------------------------------

async function readBody(req) {
  const parts = [];
  let size = 0;
  for await (const part of req) {
    size += part.length;
    if (size > bodyLimit) throw new Error('the request body is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** True when the fault has answered (or dropped) the request. */
async function meetFault(fault, req, res) {
  if (fault.delay_ms) await new Promise((resolve) => { setTimeout(resolve, fault.delay_ms); });
  if (fault.drop === 'before') {
    req.socket.destroy();
    return true;
  }
  if (fault.drop === 'after') res.end = () => req.socket.destroy(); // it takes effect, its answer is lost
  if (!fault.status && fault.body === undefined) return false;
  const text = fault.body
    ?? JSON.stringify({ error: fault.error ?? 'server_error', error_description: fault.description ?? 'set by a test' });
  res.writeHead(fault.status ?? 200, { 'content-type': fault.type ?? 'application/json', ...fault.headers });
  res.end(text);
  return true;
}

/** oidc-provider answers 400 to a JWT here, which Dovecot takes for a temporary failure. */
function refusedJwt(path, form) {
  return path === '/token/introspection' && /^eyJ[^.]*\.[^.]*\./.test(form?.get('token') ?? '');
}

const serveOAuth = provider.callback();

async function serve(plain, req, res) {
  const path = new URL(req.url, issuer).pathname;
  const body = req.method === 'POST' ? await readBody(req) : undefined;
  if (plain && path.startsWith('/admin/')) {
    return admin({ provider, accounts, grantFor }, req, res, path, body);
  }
  const form = body === undefined ? undefined : new URLSearchParams(body);
  count('requests', path.replace(/^\/(interaction|auth)\/.*/, '/$1/*'));
  const fault = path in faultPaths && takeFault(path, form);
  if (fault && await meetFault(fault, req, res)) return undefined;
  if (path.startsWith('/interaction/')) return interaction(provider, accounts, grantFor, req, res, form);
  if (refusedJwt(path, form)) {
    res.writeHead(200, { 'content-type': 'application/json' });
    return res.end('{"active":false}');
  }
  if (body !== undefined) req.body = body; // the stream is used up: oidc-provider takes it from here
  return serveOAuth(req, res);
}

function listener(plain) {
  return (req, res) => serve(plain, req, res).catch((error) => {
    console.error(error);
    if (res.headersSent) return;
    res.writeHead(400, { 'content-type': 'text/plain' });
    res.end(`${error.message}\n`);
  });
}

const tls = { key: fs.readFileSync(config.tls.key), cert: fs.readFileSync(config.tls.cert) };
const keepAliveTimeout = 65_000;
http.createServer({ keepAliveTimeout }, listener(true)).listen(config.ports.idp, '127.0.0.1');
https.createServer({ ...tls, keepAliveTimeout }, listener(false)).listen(config.ports.idps, '127.0.0.1');
