// The registered applications. Secrets come from the caller, new in every run.
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';

export const callbackPath = /^\/api\/cloudProviders\/oauth2\/[A-Za-z0-9_-]+\/callback$/;
const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Any loopback host and port with the product's callback path, or `/callback`. */
export function redirectAllowed(uri) {
  try {
    const url = new URL(uri);
    return ['http:', 'https:'].includes(url.protocol) && loopback.has(url.hostname) && !url.hash && !url.username
      && (callbackPath.test(url.pathname) || url.pathname === '/callback');
  } catch {
    return false;
  }
}

const userGrants = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
const redirects = ['http://127.0.0.1/callback', 'http://localhost/callback'];

/** Public halves of the key pairs of `mail-pkjwt`; the private ones are written for the tests. */
function clientKeys(folder) {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kinds = [['c-rs256', 'RS256', 'rsa', { modulusLength: 2048 }], ['c-es256', 'ES256', 'ec', { namedCurve: 'P-256' }]];
  return kinds.map(([kid, alg, type, options]) => {
    const { privateKey, publicKey } = crypto.generateKeyPairSync(type, options);
    fs.writeFileSync(`${folder}/${kid}.key.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  });
}

/** Client metadata (RFC 7591) for the applications named in `config.clients`. */
export function registrations(config) {
  const keys = clientKeys(config.client_keys);
  return Object.entries(config.clients).map(([client_id, { auth, secrets, kind }]) => ({
    client_id,
    token_endpoint_auth_method: auth,
    ...(secrets.length && { client_secret: secrets[0] }),
    ...(auth === 'private_key_jwt' && { jwks: { keys } }),
    ...(kind === 'user' && { grant_types: userGrants, redirect_uris: redirects, response_types: ['code'] }),
    ...(kind === 'service' && { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'mail' }),
    ...(kind === 'resource_server' && { grant_types: [], redirect_uris: [], response_types: [] }),
    ...(auth === 'none' && { application_type: 'native' }),
  }));
}
