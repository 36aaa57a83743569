// What tests ask of the provider beside OAuth2: tokens without a sign-in, faults, settings, counts.
import { change, clearStats, faults, reset, setFault, settings, stats } from './settings.mjs';
import { forgetEverything, issuedTokens, revokeAccount, size } from './store.mjs';

export const jwtResource = 'urn:mailfleet:testbed:mail';

function sendJson(res, status, value) {
  const text = JSON.stringify(value);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

/** An access token (and refresh token) as a sign-in would have given. */
async function mint(provider, accounts, grantFor, wanted) {
  const { client = 'mail-post', scope = 'openid email mail', ttl, format = 'opaque', refresh } = wanted;
  const accountId = accounts.address(wanted.user);
  const registered = await provider.Client.find(client);
  if (!registered) throw new Error(`unknown client ${client}`);
  const grantId = await grantFor(client, accountId, scope);
  const common = { accountId, client: registered, grantId, gty: 'authorization_code', scope };
  const access = new provider.AccessToken({ ...common, ...(ttl && { expiresIn: Number(ttl) }) });
  if (format === 'jwt') {
    access.resourceServer = new provider.ResourceServer(jwtResource, {
      scope: 'mail', audience: 'mail', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
    });
    access.scope = 'mail';
  }
  const answer = { user: accountId, access_token: await access.save(), expires_in: access.expiration, scope };
  if (refresh) {
    const token = new provider.RefreshToken({ ...common, ...(format === 'jwt' && { resource: jwtResource }) });
    answer.refresh_token = await token.save();
  }
  return answer;
}

async function mintMany(provider, accounts, grantFor, wanted) {
  const answers = {};
  const first = Number(wanted.first ?? 1);
  for (let number = first; number < first + Number(wanted.count ?? 10); number += 1) {
    const user = `user${String(number).padStart(4, '0')}`;
    const one = await mint(provider, accounts, grantFor, { ...wanted, user });
    answers[one.user] = one;
  }
  return answers;
}

function answer({ provider, accounts, grantFor }, method, path, body) {
  const [, , what, name] = path.split('/');
  switch (`${method} ${what}`) {
    case 'GET health': return { issuer: provider.issuer, node: process.version };
    case 'GET settings': return settings;
    case 'POST settings': change(body); return settings;
    case 'GET faults': return faults;
    case 'POST faults': setFault(name, body); return faults;
    case 'DELETE faults': for (const target of Object.keys(faults)) delete faults[target]; return faults;
    case 'GET stats': return { ...stats, records: size() };
    case 'GET issued': return { tokens: issuedTokens() };
    case 'DELETE stats': clearStats(); return stats;
    case 'POST token': return mint(provider, accounts, grantFor, body);
    case 'POST tokens': return mintMany(provider, accounts, grantFor, body);
    case 'POST revoke': return { revoked: revokeAccount(accounts.address(body.user)) };
    case 'POST reset': reset(); forgetEverything(); return {};
    default: return undefined;
  }
}

/** Serves /admin/...; on the plain listener only. */
export async function admin(context, req, res, path, body) {
  try {
    const value = await answer(context, req.method, path, body ? JSON.parse(body) : {});
    if (value === undefined) return sendJson(res, 404, { error: 'no such admin call' });
    return sendJson(res, 200, value);
  } catch (error) {
    return sendJson(res, 400, { error: error.message });
  }
}
