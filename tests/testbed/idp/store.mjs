// What the provider remembers, in memory: a run begins with nothing.
import { settings } from './settings.mjs';

const grantable = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode']);
// An expired record stays this long, so that "expired" differs from "unknown".
const graceSeconds = 60;

const issued = new Set(); // every opaque token and code granted, for tests that look for leaks
const records = new Map(); // "Model:id" -> { value, expires }
const grants = new Map(); // grant id -> set of keys

export const now = () => Math.floor(Date.now() / 1000);

export class Store {
  constructor(model) { this.model = model; }

  key(id) { return `${this.model}:${id}`; }

  async upsert(id, value, lifetime) {
    const expires = lifetime ? now() + lifetime : 0;
    records.set(this.key(id), { value, expires });
    if (grantable.has(this.model)) issued.add(id);
    if (value.userCode) records.set(`code:${value.userCode}`, { value: id, expires });
    if (this.model === 'Session') records.set(`uid:${value.uid}`, { value: id, expires });
    if (grantable.has(this.model) && value.grantId) {
      if (!grants.has(value.grantId)) grants.set(value.grantId, new Set());
      grants.get(value.grantId).add(this.key(id));
    }
  }

  async find(id) { return read(this.key(id)); }

  async findByUid(uid) {
    const id = read(`uid:${uid}`);
    return id && this.find(id);
  }

  async findByUserCode(code) {
    const id = read(`code:${code}`);
    return id && this.find(id);
  }

  async consume(id) {
    if (this.model === 'RefreshToken' && settings.keep_old) return;
    const value = read(this.key(id));
    if (value) value.consumed = now();
  }

  async destroy(id) { records.delete(this.key(id)); }

  async revokeByGrantId(grantId) {
    for (const key of grants.get(grantId) ?? []) records.delete(key);
    grants.delete(grantId);
  }
}

function read(key) {
  const record = records.get(key);
  if (record?.expires && record.expires + graceSeconds < now()) {
    records.delete(key);
    return undefined;
  }
  return record?.value;
}

/** Ends every grant and token of an account, as a changed password does. */
export function revokeAccount(accountId) {
  let count = 0;
  for (const [key, record] of records) {
    if (record.value?.accountId !== accountId || key.startsWith('Session:')) continue;
    records.delete(key);
    count += 1;
  }
  return count;
}

export const issuedTokens = () => [...issued];

export function forgetEverything() {
  issued.clear();
  records.clear();
  grants.clear();
}

export const size = () => records.size;
