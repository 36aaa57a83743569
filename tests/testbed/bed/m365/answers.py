"""Entra's errors as it words them. Codes and shapes: the pages of its error reference."""
import json
import time
import uuid

# AADSTS code: HTTP status, error, suberror, text.
ERRORS = {
    7000215: (401, "invalid_client", None,
              "Invalid client secret provided. Ensure the secret being sent in the request is the "
              "client secret value, not the client secret ID, for a secret added to app '{client}'."),
    7000218: (401, "invalid_client", None,
              "The request body must contain the following parameter: 'client_assertion' or "
              "'client_secret'."),
    7000222: (401, "invalid_client", None,
              "The provided client secret keys for app '{client}' are expired. Visit the Azure "
              "portal to create new keys for your app: https://aka.ms/NewClientSecret."),
    700016: (400, "unauthorized_client", None,
             "Application with identifier '{client}' was not found in the directory."),
    900561: (400, "invalid_request", None,
             "The endpoint only accepts POST requests. Received a GET request."),
    900144: (400, "invalid_request", None, "The request body must contain the parameter '{what}'."),
    70003: (400, "unsupported_grant_type", None, "The app requested an unsupported grant type."),
    9001023: (400, "invalid_request", None,
              "The grant type is not supported over the /common or /consumers endpoints."),
    70011: (400, "invalid_scope", None, "The provided value for scope is not valid."),
    70000: (400, "invalid_grant", None, "The provided grant is invalid or malformed."),
    70008: (400, "invalid_grant", None,
            "The provided authorization code or refresh token has expired due to inactivity."),
    700082: (400, "invalid_grant", "bad_token",
             "The refresh token has expired due to inactivity. The token was issued on "
             "2020-02-26T21:52:54.2810613Z and was inactive for 90.00:00:00."),
    54005: (400, "invalid_grant", None,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code."),
    501481: (400, "invalid_grant", None,
             "The Code_Verifier does not match the code_challenge supplied in the request."),
    50011: (400, "invalid_client", None,
            "The redirect URI specified in the request does not match the redirect URIs "
            "configured for the application '{client}'."),
    50173: (400, "invalid_grant", "bad_token",
            "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
    50196: (400, "invalid_grant", None,
            "The server terminated an operation because it encountered a client request loop."),
    50076: (400, "interaction_required", "basic_action",
            "Due to a configuration change made by your administrator, or because you moved to a "
            "new location, you must use multi-factor authentication to access the resource."),
    53003: (400, "invalid_grant", "message_only",
            "Access has been blocked by Conditional Access policies."),
    65001: (400, "invalid_grant", "consent_required",
            "The user or administrator has not consented to use the application with ID '{client}'."),
    65004: (400, "access_denied", None, "User declined to consent to access the app."),
    90094: (400, "access_denied", None, "Admin consent is required for the permissions requested."),
    # The device flow: which texts come with its errors is not documented.
    70016: (400, "authorization_pending", None,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
    70019: (400, "expired_token", None, "Verification code expired."),
}


class Refusal(Exception):
    """Ends a request with an error of the table."""

    def __init__(self, code, **words):
        super().__init__(code)
        self.code, self.words = code, words


def error_body(code, words, changes=None):
    """Status and JSON object of an error; `changes` replace members, as a scenario asks."""
    status, error, suberror, text = ERRORS[code]
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    now = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    text = text.format_map({"client": "", "what": "", **words})
    body = {"error": error,
            "error_description": f"AADSTS{code}: {text}\r\nTrace ID: {trace}\r\n"
                                 f"Correlation ID: {correlation}\r\nTimestamp: {now}",
            "error_codes": [code], "timestamp": now, "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={code}"}
    if suberror:
        body["suberror"] = suberror
    return status, {**body, **(changes or {})}


def scripted(answer, client):
    """What a step's `answer` means: status, headers, body. `aadsts` is an error of the table, to
    which `error` and `suberror` may say otherwise; else `body` as it stands."""
    if "aadsts" in answer:
        changes = {name: answer[name] for name in ("error", "suberror") if name in answer}
        status, body = error_body(answer["aadsts"], {"client": client}, changes)
        headers = {"content-type": "application/json; charset=utf-8", **answer.get("headers", {})}
        return answer.get("status", status), headers, json.dumps(body)
    headers = {"content-type": answer.get("type", "text/html"), **answer.get("headers", {})}
    return answer.get("status", 200), headers, answer.get("body", "")
