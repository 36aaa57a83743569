"""What Exchange Online says when it refuses: by Microsoft's pages and by logs that people published,
to the letter where they give the whole line. `{where}` is server, time and session."""
import secrets
import time

SERVER = "AM0PR02CA0134"

REPLIES = {
    "imap": {
        "authentication_failed": "NO AUTHENTICATE failed.",
        "not_connected": "BAD User is authenticated but not connected.",
        "throttled": "BAD Request is throttled. Suggested Backoff Time: 1500 milliseconds",
        "server_unavailable": "NO Server Unavailable. 15",
        "bad_command": "BAD Command Argument Error. 11",
        "bad_state": "BAD Command received in Invalid state.",
        "message_gone": "NO Some of the requested messages no longer exist",
        "closed": "* BYE Connection is closed. 13",
        "closed_unconnected": "* BYE Connection closed. 14",
        "token_expired": "* BYE Session invalidated - AccessTokenExpired",
    },
    "pop3": {
        "authentication_failed": "-ERR Authentication failure: unknown user name or bad password.",
        "protocol_error": "-ERR Protocol error. Connection is closed. 10",
        "other_protocol": "-ERR Protocol error. 19",
    },
    "smtp": {
        # Logging in.
        "authentication_failed": "535 5.7.3 Authentication unsuccessful [{where}]",
        "auth_disabled_tenant":
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
            "Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [{where}]",
        "auth_disabled_mailbox":
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
            "Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. [{where}]",
        "security_defaults":
            "535 5.7.139 Authentication unsuccessful, user is locked by your organization's "
            "security defaults policy. Contact your administrator. [{where}]",
        "criteria_not_met":
            "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be "
            "authenticated successfully. Contact your administrator. [{where}]",
        "basic_auth_off": "550 5.7.30 Basic authentication is not supported for Client Submission.",
        "not_authenticated": "530 5.7.57 Client not authenticated to send mail. [{where}]",
        # Limits that pass.
        "sender_threads": "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
        "concurrent_connections": "432 4.3.2 concurrent connection limit exceeded",
        "address_throttled": "451 4.7.500 Access denied, please try again later [{where}]",
        "connection_timed_out": "421 4.4.1 Connection timed out",
        "connection_dropped": "421 4.4.2 Connection dropped due to timeout [{where}]",
        # Limits and states that last.
        "submission_quota": "554 5.2.2 Submission quota exceeded",
        "mailbox_full": "554 5.2.2 mailbox full",
        "quota_exceeded": "554 5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException."
                          "MapiExceptionShutoffQuotaExceeded",
        "daily_limit": "550 5.1.90 Your message can't be sent because you've reached your daily "
                       "limit for message recipients",
        "too_many_recipients": "452 4.5.3 Too many recipients",
        # The sender is not admitted.
        "send_as_denied": "554 5.2.252 SendAsDenied; {user} not allowed to send as {sender}; "
                          "STOREDRV.Submission.Exception:SendAsDeniedException."
                          "MapiExceptionSendAsDenied",
        "send_as_denied_old": "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException."
                              "MapiExceptionSendAsDenied",
        "no_send_permission":
            "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "throttled_mailbox_full": "550 5.2.251 Sender throttled due to continuous mailbox full "
                                  "errors",
        "throttled_send_as_denied": "550 5.2.252 Sender throttled due to continuous send as denied "
                                    "errors",
        "throttled_invalid_licence": "550 5.2.253 Sender throttled due to continuous invalid "
                                     "license errors",
        "throttled_recipients": "550 5.2.254 Sender throttled due to continuous too many "
                                "recipients errors",
        "throttled_invalid_recipients": "550 5.2.255 Sender throttled due to continuous invalid "
                                        "recipients errors",
        "bad_outbound_sender": "550 5.1.8 Access denied, bad outbound sender [{where}]",
        "tenant_threshold": "550 5.7.705 Access denied, tenant has exceeded threshold [{where}]",
        "address_refused": "550 5.7.708 Access denied, traffic not accepted from this IP [{where}]",
    },
}


class _Words(dict):
    """What a reply speaks of and nobody gave is an address that nobody has."""

    def __missing__(self, name):
        return f"{name}@contoso.test"


def line(place, name, **words):
    """The reply of that name, filled in."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.042Z", time.gmtime())
    where = f"{SERVER}.eurprd02.prod.outlook.com {stamp} 08{secrets.token_hex(7).upper()}"
    return REPLIES[place][name].format_map(_Words(words, where=where))
