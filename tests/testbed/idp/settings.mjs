// What a test may change while the provider runs, and what it may count.

const defaults = {
  access_token_ttl: 3600,
  refresh_token_ttl: 14 * 86400,
  device_code_ttl: 600,
  rotate: true, // a new refresh token each time; using an old one again ends the whole grant
  keep_old: false, // as at Microsoft: an old refresh token stays good beside the new one
  refresh_needs_offline_access: false, // as at Microsoft: no refresh token without that scope
  require_pkce: false, // of confidential clients too; a public one always needs it
  accept_secrets: {}, // client id -> numbers of the secrets accepted; the default is the first
  opaque_bits: 256, // randomness, and so the length, of an opaque token; 24576: 4096 characters
  pad_bytes: 0, // an extra claim in JWT access tokens, for long SASL responses
};

/** Where a fault can be set, and for which path. */
export const faultPaths = {
  '/token': 'token',
  '/auth': 'authorization',
  '/token/introspection': 'introspection',
  '/.well-known/openid-configuration': 'discovery',
  '/jwks': 'jwks',
};

const faultFields = new Set(['count', 'status', 'error', 'description', 'body', 'type', 'headers',
  'delay_ms', 'drop', 'skip', 'grant_type']);

export const settings = structuredClone(defaults);
export const faults = {};
export const stats = { requests: {}, fired: {}, token_grants: {}, refused_secrets: {} };

export function change(wanted) {
  for (const name of Object.keys(wanted)) {
    if (!(name in defaults)) throw new Error(`unknown setting ${name}`);
  }
  Object.assign(settings, wanted);
}

export function setFault(target, fault) {
  if (!Object.values(faultPaths).includes(target)) throw new Error(`unknown fault target ${target}`);
  for (const name of Object.keys(fault)) {
    if (!faultFields.has(name)) throw new Error(`unknown field ${name} of a fault`);
  }
  if (fault.drop && !['before', 'after'].includes(fault.drop)) throw new Error('drop is before or after');
  faults[target] = fault;
}

export function reset() {
  Object.assign(settings, structuredClone(defaults));
  for (const target of Object.keys(faults)) delete faults[target];
}

export function clearStats() {
  for (const group of Object.values(stats)) for (const name of Object.keys(group)) delete group[name];
}

export function count(group, name) {
  stats[group][name] = (stats[group][name] ?? 0) + 1;
}

/** The fault that this request meets, or undefined; a counted one is used up by it. */
export function takeFault(path, form) {
  const target = faultPaths[path];
  const fault = faults[target];
  if (!fault || fault.count === 0) return undefined;
  if (fault.grant_type && fault.grant_type !== form?.get('grant_type')) return undefined;
  if (fault.skip > 0) {
    fault.skip -= 1;
    return undefined;
  }
  if (fault.count !== undefined) fault.count -= 1;
  count('fired', target);
  return { ...fault };
}
