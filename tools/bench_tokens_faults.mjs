// What the token server of `tools/bench tokens` does wrong when told to. Each kind says what it does
// to the mailbox's tokens before it answers, and how it answers.
//
// `effect`: the refresh token is rotated though the client may not learn of it.
// `good`: the answer is odd, and good all the same: what is in it must be kept.
// `when`: whether it can be asked for now; none: always.

const json = { "content-type": "application/json" };

function text(status, body, headers = { "content-type": "text/plain" }) {
  return { answer: (to) => to.writeHead(status, headers).end(body) };
}

function refusal(status, error, codes, extra = {}) {
  return text(status, JSON.stringify({ error, error_codes: codes, ...extra }), json);
}

/// The token answer, changed.
function changed(change) {
  return {
    effect: true,
    answer: (to, token) => to.writeHead(200, json).end(change(token)),
  };
}

function odd(change) {
  return { ...changed((token) => JSON.stringify(change(token))), good: true };
}

function without(name) {
  return (token) => ({ ...token, [name]: undefined });
}

/// Sent with its length, and cut in the middle.
function cut(to, token) {
  const body = JSON.stringify(token);
  to.writeHead(200, { ...json, "content-length": body.length });
  to.write(body.slice(0, body.length / 2), () => to.socket.destroy());
}

const reset = (to) => to.socket.resetAndDestroy();

/// As a server whose replicas have not heard of the newest token yet.
const has_spare = (box, serial) => box.rotated && serial === box.told && box.faults === 0;

/// What nobody knows parks a mailbox after three failures in a row, on purpose.
const is_news = (box) => box.faults < 3;

export const kinds = {
  http_500: text(500, "Internal Server Error"),
  http_502_html: text(502, "<html><body>Bad gateway</body></html>", { "content-type": "text/html" }),
  http_503: text(503, "try again"),
  http_503_retry_after: text(503, "try again", { "retry-after": "1" }),
  http_504: text(504, ""),
  http_429_text: text(429, "Too many requests"),
  http_429_retry_after: text(429, "Too many requests", { "retry-after": "2" }),
  http_400_html: {
    ...text(400, "<html><body>No</body></html>", { "content-type": "text/html" }),
    when: is_news,
  },
  html_200: text(200, "<html><body>Welcome to this network</body></html>",
    { "content-type": "text/html" }),
  empty_200: text(200, ""),
  no_content_204: text(204),
  redirect_307: { ...text(307, "", { location: "http://127.0.0.1:9/token" }), when: is_news },
  oversize_answer: text(200, `{"access_token":"${"x".repeat(1_200_000)}"}`, json),
  cut_answer: { effect: true, answer: cut },
  reset_before_effect: { answer: reset },
  reset_after_effect: { effect: true, answer: reset },
  closed_without_answer: { answer: (to) => to.socket.destroy() },
  slow_answer: {
    effect: true,
    good: true,
    answer: (to, token) =>
      setTimeout(() => to.writeHead(200, json).end(JSON.stringify(token)), 1500),
  },
  invalid_json: changed((token) => JSON.stringify(token).slice(0, -1)),
  deep_json: changed((token) =>
    JSON.stringify({ ...token, more: 0 }).replace('"more":0',
      `"more":${"[".repeat(50_000)}${"]".repeat(50_000)}`)),
  trailing_bytes: changed((token) => JSON.stringify(token) + "garbage"),
  wrong_token_type: changed((token) => JSON.stringify({ ...token, token_type: "mac" })),
  no_access_token: changed((token) => JSON.stringify(without("access_token")(token))),
  control_byte_in_token: changed((token) =>
    JSON.stringify({ ...token, access_token: `${token.access_token}\u0001auth=` })),
  duplicate_keys: {
    effect: true,
    good: true,
    answer: (to, token) =>
      to.writeHead(200, json).end(
        `{"access_token":"none","refresh_token":"none",${JSON.stringify(token).slice(1)}`),
  },
  expires_in_text: odd((token) => ({ ...token, expires_in: String(token.expires_in) })),
  expires_in_absent: odd(without("expires_in")),
  expires_in_negative: odd((token) => ({ ...token, expires_in: -1 })),
  expires_in_huge: odd((token) => ({ ...token, expires_in: 1e15 })),
  no_refresh_token: {
    good: true,
    keeps: true,
    answer: (to, token) =>
      to.writeHead(200, json).end(JSON.stringify(without("refresh_token")(token))),
  },
  invalid_grant_50196: {
    ...refusal(400, "invalid_grant", [50196]),
    when: (box) => box.faults === 0 && box.loops === 0,
  },
  invalid_grant_once: { ...refusal(400, "invalid_grant", [70008]), when: has_spare },
  temporarily_unavailable: refusal(400, "temporarily_unavailable", []),
  server_error: refusal(400, "server_error", []),
  aadsts_90033: refusal(400, "invalid_request", [90033]),
  unknown_error: { ...refusal(400, "of_a_new_kind", []), when: is_news },
};

/// Which fault comes next: every kind as often as every other.
export class Plan {
  constructor(count) {
    this.left = count;
    this.names = Object.keys(kinds);
    this.fired = Object.fromEntries(this.names.map((name) => [name, 0]));
  }

  /// The name of a fault for this request, or none. One that cannot be had now is passed over.
  next(box, serial) {
    if (this.left === 0) return undefined;
    const can = this.names.filter((name) => kinds[name].when?.(box, serial) ?? true);
    return can.reduce((least, name) => (this.fired[name] < this.fired[least] ? name : least));
  }

  count(name) {
    this.left -= 1;
    this.fired[name] += 1;
  }
}
