// The identity server of `tools/bench tokens`: gives tokens for refresh tokens, rotates these, and
// watches what its clients do with them.
//
//   node bench_tokens_server.mjs --life SECONDS [--faults N] [--tls CERTIFICATE KEY]
//
// The first line of its output is JSON: its address. `/N/` is the N-th provider. The refresh token
// that mailbox 7 begins with is `first_token(7)`; `/stats` tells what it saw; to `/verify` is posted,
// as JSON, the refresh token that each mailbox ended with.
//
// Access tokens of the first answer all end at one moment, `life` after the first of them: so does
// the night on which a whole fleet was signed in. Later ones live an hour.
//
// Of a mailbox, the refresh token used last and those that came after it are good. An older one is
// dead, and whoever shows it has lost a newer one.
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

import { kinds, Plan } from "./bench_tokens_faults.mjs";

const later_life_s = 3600;
// As long as Microsoft's.
const access_padding = "a".repeat(1_600);
const refresh_padding = "r".repeat(1_000);

function options(words) {
  const found = { life: 120, faults: 0 };
  for (let at = 0; at < words.length; ++at) {
    if (words[at] === "--life") found.life = Number(words[++at]);
    else if (words[at] === "--faults") found.faults = Number(words[++at]);
    else if (words[at] === "--tls")
      found.tls = { cert: readFileSync(words[++at]), key: readFileSync(words[++at]) };
    else throw new Error(`unknown: ${words[at]}`);
  }
  return found;
}

const chosen = options(process.argv.slice(2));
const plan = new Plan(chosen.faults);
const boxes = new Map();
const seen = { requests: 0, refreshed: 0, late: 0, unknown_token: 0, dead_token: 0, most: 0 };
/// Moments of the last second's requests, and of the first answer's.
const recent = [];
let ends_ms = 0;
/// Providers take turns between a fault and a good answer: the next one is no fault.
const spared = new Map();

const token_of = (mailbox, serial) => `r-${mailbox}-${serial}-${refresh_padding}`;

function read_token(text) {
  const [kind, mailbox, serial, padding] = (text ?? "").split("-");
  return kind === "r" && padding === refresh_padding
    ? { mailbox: Number(mailbox), serial: Number(serial) } : undefined;
}

/// `used`: the newest that worked. `issued`, `told`: the newest there is, and the newest that the
/// client was told of. `rotated`: that one came with another than was shown.
function box_of(mailbox) {
  if (!boxes.has(mailbox))
    boxes.set(mailbox, { used: 0, issued: 0, told: 0, rotated: false, answers: 0, ends_ms: 0,
      faults: 0, loops: 0, late: false });
  return boxes.get(mailbox);
}

function count_moment(now) {
  recent.push(now);
  while (recent[0] <= now - 1000) recent.shift();
  seen.most = Math.max(seen.most, recent.length);
}

function life_of(box, now) {
  if (chosen.faults > 0 || box.answers > 0) return later_life_s;
  ends_ms ||= now + chosen.life * 1000;
  return Math.max(1, Math.floor((ends_ms - now) / 1000));
}

function make_token(mailbox, box, serial, expires_in) {
  return { token_type: "Bearer", expires_in,
    access_token: `a-${mailbox}-${box.issued}-${box.answers}-${access_padding}`,
    refresh_token: token_of(mailbox, serial), scope: "openid email offline_access" };
}

function note_good(box, serial, expires_in, now) {
  if (box.answers > 0) seen.refreshed += 1;
  if (box.answers > 0 && box.ends_ms > 0 && now > box.ends_ms) {
    seen.late += 1;
    box.late = true;
  }
  box.answers += 1;
  box.ends_ms = now + expires_in * 1000;
  box.told = serial;
}

function grant(to, provider, shown, now) {
  const { mailbox, serial } = shown;
  const box = box_of(mailbox);
  // Every other mailbox is spared until it has a token: then it has one to lose.
  const fresh = box.answers === 0 && mailbox % 2 === 0;
  const name = fresh || spared.get(provider) ? undefined : plan.next(box, serial);
  spared.set(provider, name !== undefined);
  const fault = name === undefined ? { effect: true, good: true } : kinds[name];
  box.faults = fault.good ? 0 : box.faults + 1;
  if (name) plan.count(name);
  if (name === "invalid_grant_50196") box.loops += 1;
  const expires_in = life_of(box, now);
  if (fault.effect) box.issued += 1;
  if (fault.effect || fault.keeps) box.used = Math.max(box.used, serial);
  const token = make_token(mailbox, box, fault.keeps ? serial : box.issued, expires_in);
  if (fault.good) {
    note_good(box, fault.keeps ? serial : box.issued, expires_in, now);
    box.rotated = !fault.keeps;
  }
  if (fault.answer) return fault.answer(to, token);
  to.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(token));
}

function answer_token(to, provider, body) {
  const now = performance.now();
  seen.requests += 1;
  count_moment(now);
  const shown = read_token(new URLSearchParams(body).get("refresh_token"));
  const box = shown && box_of(shown.mailbox);
  const refuse = (why) => {
    seen[why] += 1;
    to.writeHead(400, { "content-type": "application/json" }).end('{"error":"invalid_grant"}');
  };
  if (!shown || !(shown.serial <= box.issued)) return refuse("unknown_token");
  if (shown.serial < box.used) return refuse("dead_token");
  grant(to, provider, shown, now);
}

/// A mailbox has lost its token if what it kept is not the newest that it was told of.
function verify(tokens) {
  const kept = new Map();
  for (const text of tokens) {
    const token = read_token(text);
    if (token) kept.set(token.mailbox, token.serial);
  }
  const lost = [...boxes].filter(([mailbox, box]) => kept.get(mailbox) !== box.told);
  return { kept: kept.size, lost: lost.length,
    examples: lost.slice(0, 5).map(([mailbox, box]) => [mailbox, kept.get(mailbox) ?? null, box]) };
}

function stats() {
  const now = performance.now();
  const ended = [...boxes.values()].filter((box) => box.answers > 0 && !box.late && box.ends_ms < now).length;
  return { ...seen, most_in_one_second: seen.most, late: seen.late + ended, mailboxes: boxes.size,
    faults_left: plan.left, faults_fired: plan.fired };
}

function discovery(base) {
  return { issuer: base, authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`, jwks_uri: `${base}/keys` };
}

function answer(request, to, body, origin) {
  const say = (what) =>
    to.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(what));
  const [, provider, rest] = /^\/([^/]*)(.*)$/.exec(request.url);
  if (rest === "/token") return answer_token(to, provider, body);
  if (rest === "/.well-known/openid-configuration") return say(discovery(`${origin}/${provider}`));
  if (request.url === "/stats") return say(stats());
  if (request.url === "/verify") return say(verify(JSON.parse(body)));
  to.writeHead(404).end();
}

let origin = "";
function on_request(request, to) {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("error", () => {});
  request.on("end", () => answer(request, to, Buffer.concat(pieces).toString(), origin));
}

const server = chosen.tls ? https.createServer(chosen.tls, on_request) : http.createServer(on_request);
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 4096, () => {
  origin = `${chosen.tls ? "https" : "http"}://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ origin }));
});
// Who started it goes: so does it.
process.stdin.on("end", () => process.exit(0)).resume();
