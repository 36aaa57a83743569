// The two pages a person meets: sign-in with user name and password, then consent.

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text ?? '').replace(/[&<>"']/g, (c) => escapes[c]);

function page(title, content) {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body><h1>${title}</h1>
${content}
</body></html>
`;
}

const signInPage = (hint, complaint) => page('Sign in', `${complaint ? `<p role="alert">${escape(complaint)}</p>` : ''}
<form method="post">
<input type="hidden" name="prompt" value="login">
<label>Address <input name="login" type="email" value="${escape(hint)}" autofocus></label>
<label>Password <input name="password" type="password"></label>
<button name="action" value="submit">Sign in</button>
<button name="action" value="deny">Cancel</button>
</form>`);

const consentPage = (client, account, scopes) => page('Permissions requested', `
<p>${escape(client)} asks, for ${escape(account)}:</p>
<ul>${scopes.map((scope) => `<li>${escape(scope)}</li>`).join('')}</ul>
<form method="post">
<input type="hidden" name="prompt" value="consent">
<button name="action" value="submit">Accept</button>
<button name="action" value="deny">Cancel</button>
</form>`);

const goOn = (form, id) => `${form}<button form="${id}" name="action" value="submit">Continue</button>
<button form="${id}" name="abort" value="yes">Cancel</button>`;

/** The pages of a sign-in on another device (RFC 8628 3.3): the code, what it is for, and the end. */
export const devicePages = {
  userCodeInputSource(ctx, form, _out, error) {
    ctx.body = page('Enter the code', `${error ? '<p role="alert">That code is none.</p>' : ''}${goOn(form, 'op.deviceInputForm')}`);
  },
  userCodeConfirmSource(ctx, form, _client, _device, code) {
    ctx.body = page('Is this the code?', `<p>${escape(code)}</p>${goOn(form, 'op.deviceConfirmForm')}`);
  },
  successSource(ctx) { ctx.body = page('Signed in', '<p>Go back to your device.</p>'); },
};

function sendPage(res, status, text) {
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'content-length': Buffer.byteLength(text),
  });
  res.end(text);
}

/** Serves /interaction/UID: shows the page, takes its form, goes on. `form` is undefined for GET. */
export async function interaction(provider, accounts, grantFor, req, res, form) {
  const details = await provider.interactionDetails(req, res);
  const { prompt, params, session } = details;
  const finish = (result) => provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
  if (!form) {
    const text = prompt.name === 'login' ? signInPage(params.login_hint)
      : consentPage(params.client_id, session.accountId, (params.scope ?? '').split(' '));
    return sendPage(res, 200, text);
  }
  if (form.get('prompt') !== prompt.name) return sendPage(res, 400, page('Sign in', '<p>Begin again.</p>'));
  if (form.get('action') !== 'submit') {
    return finish({ error: 'access_denied', error_description: 'End-User aborted interaction' });
  }
  if (prompt.name === 'consent') {
    const grantId = await grantFor(params.client_id, session.accountId, params.scope ?? 'openid');
    return finish({ consent: { grantId } });
  }
  const accountId = accounts.check(form.get('login'), form.get('password'));
  if (!accountId) return sendPage(res, 401, signInPage(form.get('login'), 'Wrong address or password.'));
  return finish({ login: { accountId } });
}
