"""Checks the mail servers of `testbed m365`: m365_check runs these, too."""
import base64
import imaplib
import json
import poplib
import smtplib
import time

from bed.m365 import replies
from bed.m365.running import TIMEOUT_S
from m365_case import Case, part, xoauth2


class MailCase(Case):
    """POP3 and submission beside IMAP."""

    def pop3(self):
        session = poplib.POP3_SSL("localhost", self.bed.info["ports"]["pop3s"],
                                  context=self.bed.tls(), timeout=TIMEOUT_S)
        self.addCleanup(session.close)
        return session

    def pop3_log_in(self, session, token=None, user=None):
        """The server's answer; a refusal is poplib.error_proto."""
        user = user or self.user
        self.assertEqual(session._shortcmd("AUTH XOAUTH2"), b"+ ")
        response = base64.b64encode(xoauth2(user, token or self.access_token(user)))
        return session._shortcmd(response.decode())

    def pop3_logged_in(self, user=None):
        session = self.pop3()
        self.pop3_log_in(session, user=user)
        return session

    def smtp(self):
        session = smtplib.SMTP("localhost", self.bed.info["ports"]["submission"],
                               timeout=TIMEOUT_S)
        self.addCleanup(session.close)
        session.starttls(context=self.bed.tls())
        session.ehlo()
        return session

    def smtp_log_in(self, session, token=None, user=None, at_once=False):
        """Code and words of the answer."""
        user = user or self.user
        response = base64.b64encode(xoauth2(user, token or self.access_token(user))).decode()
        if at_once:
            return session.docmd("AUTH", "XOAUTH2 " + response)
        self.assertEqual(session.docmd("AUTH", "XOAUTH2"), (334, b""))
        return session.docmd(response)

    def smtp_logged_in(self):
        session = self.smtp()
        self.assertEqual(self.smtp_log_in(session)[0], 235)
        return session

    def send(self, session, sender=None, recipients=("a@example.com",), body="hello"):
        sender = sender or self.user
        head = f"From: <{sender}>\r\nMessage-ID: <1@x>\r\nSubject: x\r\n\r\n"
        return session.sendmail(sender, list(recipients), head + body + "\r\n")

    def sent(self):
        return self.bed.admin("GET", "sent")["mails"]


class MailAllWell(MailCase):
    def test_pop3_wants_its_credential_in_a_second_step(self):
        session = self.pop3()
        self.assertIn(b"The Microsoft Exchange POP3 service is ready.", session.getwelcome())
        self.assertEqual(session.capa(), {"TOP": [], "UIDL": [], "USER": [],
                                          "SASL": ["PLAIN", "XOAUTH2"]})
        self.assertEqual(self.pop3_log_in(session), b"+OK User successfully authenticated.")
        session = self.pop3()
        with self.assertRaisesRegex(poplib.error_proto, "Protocol error. Connection is closed. 10"):
            session._shortcmd("AUTH XOAUTH2 " + base64.b64encode(
                xoauth2(self.user, self.access_token())).decode())
        self.assertEqual(session.file.readline(), b"")

    def test_pop3_shows_what_imap_shows(self):
        user = self.bed.info["users"][2]
        imap = self.logged_in(user)
        imap.select("INBOX")
        bodies = [imap.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1] for uid in ("1", "2", "3")]
        session = self.pop3_logged_in(user)
        self.assertEqual(session.stat(), (3, sum(map(len, bodies))))
        self.assertEqual(session.uidl()[1], [b"1 1", b"2 2", b"3 3"])
        self.assertEqual(session.list(2), b"+OK 2 %d" % len(bodies[1]))
        for number, body in enumerate(bodies, 1):
            self.assertEqual(b"\r\n".join([*session.retr(number)[1], b""]), body)
        self.assertEqual(session.top(1, 0)[1], bodies[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
                         + [b""])
        with self.assertRaisesRegex(poplib.error_proto, "out of range"):
            session.retr(4)

    def test_pop3_deletes_at_quit_and_not_before(self):
        user = "deleting@contoso.test"
        self.bed.admin("POST", "mail", {"user": user, "count": 2})
        broken = self.pop3_logged_in(user)
        broken.dele(1)
        broken.close()
        session = self.pop3_logged_in(user)
        session.dele(1)
        self.assertEqual(session.stat()[0], 1)
        session.rset()
        session.dele(2)
        session.quit()
        self.assertEqual(self.pop3_logged_in(user).uidl()[1], [b"1 1"])

    def test_pop3_stuffs_lines_that_begin_with_a_dot(self):
        user = "dots@contoso.test"
        self.bed.admin("POST", "mail", {"user": user, "body": "Subject: x\r\n\r\n.\r\n..y\r\n"})
        self.assertEqual(self.pop3_logged_in(user).retr(1)[1][-2:], [b".", b"..y"])

    def test_pop3_takes_no_password(self):
        session = self.pop3()
        session.user(self.user)
        with self.assertRaisesRegex(poplib.error_proto, "unknown user name or bad password"):
            session.pass_("secret")
        with self.assertRaisesRegex(poplib.error_proto, "not valid in this state"):
            session.stat()

    def test_submission_offers_a_log_in_behind_tls_only(self):
        session = smtplib.SMTP("localhost", self.bed.info["ports"]["submission"], timeout=TIMEOUT_S)
        self.addCleanup(session.close)
        session.ehlo()
        self.assertEqual(list(session.esmtp_features), [
            "size", "pipelining", "dsn", "enhancedstatuscodes", "starttls", "8bitmime",
            "binarymime", "chunking", "smtputf8"])
        self.assertEqual(session.docmd("AUTH", "XOAUTH2")[0], 504)
        session.starttls(context=self.bed.tls())
        session.ehlo()
        self.assertNotIn("starttls", session.esmtp_features)
        self.assertEqual(session.esmtp_features["auth"].split(), ["LOGIN", "XOAUTH2"])
        self.assertIn(b"5.7.57 Client not authenticated", session.mail(self.user)[1])

    def test_submission_takes_the_credential_in_one_step_or_two(self):
        for at_once in (True, False):
            self.assertEqual(self.smtp_log_in(self.smtp(), at_once=at_once),
                             (235, b"2.7.0 Authentication successful"))
        session = self.smtp()
        self.assertEqual(session.docmd("AUTH", "XOAUTH2")[0], 334)
        self.assertEqual(session.docmd("*")[0], 535)
        self.assertEqual(session.docmd("AUTH", "LOGIN")[0], 334)
        session.docmd("eA==")
        self.assertEqual(session.docmd("eA=="), (550, b"5.7.30 Basic authentication is not "
                                                      b"supported for Client Submission."))

    def test_what_was_sent_can_be_asked_for(self):
        session = self.smtp_logged_in()
        known = len(self.sent())
        self.assertEqual(self.send(session, recipients=["a@example.com", "b@example.com"],
                                   body=".dot\r\nhello"), {})
        mail = self.sent()[known]
        self.assertEqual((mail["user"], mail["sender"], mail["recipients"]),
                         (self.user, self.user, ["a@example.com", "b@example.com"]))
        self.assertTrue(mail["body"].endswith("\r\n\r\n.dot\r\nhello\r\n"))
        session.mail(self.user)
        session.rcpt("c@example.com")
        session.send(b"BDAT 5\r\nhelloBDAT 2 LAST\r\n\r\n")
        self.assertEqual([session.getreply()[0] for _ in range(2)], [250, 250])
        self.assertEqual(self.sent()[known + 1]["body"], "hello\r\n")

    def test_submission_lets_a_mailbox_send_as_itself_only(self):
        known = len(self.sent())
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            self.send(self.smtp_logged_in(), sender=self.bed.info["users"][1])
        self.assertIn(b"5.2.252 SendAsDenied; %s not allowed to send as %s" % (
            self.user.encode(), self.bed.info["users"][1].encode()), refused.exception.smtp_error)
        self.assertEqual(len(self.sent()), known)

    def test_each_way_wants_a_scope_of_its_own(self):
        scope = "https://outlook.office.com/"
        read, fetch, send = (self.access_token(scope=scope + name) for name in (
            "IMAP.AccessAsUser.All", "POP.AccessAsUser.All", "SMTP.Send"))
        self.assertEqual(self.logged_in(token=read).select("INBOX")[0], "OK")
        with self.assertRaisesRegex(imaplib.IMAP4.error, "not connected"):
            self.logged_in(token=send).select("INBOX")
        self.pop3_log_in(self.pop3(), fetch)
        with self.assertRaisesRegex(poplib.error_proto, "Authentication failure"):
            self.pop3_log_in(self.pop3(), read)
        self.assertEqual(self.smtp_log_in(self.smtp(), send)[0], 235)
        self.assertEqual(self.smtp_log_in(self.smtp(), fetch)[0], 535)

    def test_the_app_itself_reads_and_sends_by_all(self):
        token = self.bed.token(grant_type="client_credentials",
                               scope=self.bed.info["app_scope"])[2]["access_token"]
        self.pop3_log_in(self.pop3(), token)
        self.assertEqual(self.smtp_log_in(self.smtp(), token)[0], 235)


class Replies(MailCase):
    """Every refusal can be had, to the letter."""

    def ask(self, place, name, on):
        self.bed.admin("POST", "scenario", {"steps": [{"at": place, "on": on, "count": 1,
                                                       "reply": name}]})

    def assert_words(self, place, name, got):
        wanted = replies.REPLIES[place][name].partition("{")[0]
        self.assertEqual(got[:len(wanted)], wanted)
        self.assertEqual(self.bed.fired(), [1])

    def test_submission_says_each_of_its_replies(self):
        for name in replies.REPLIES["smtp"]:
            with self.subTest(name):
                session = self.smtp_logged_in()
                self.ask("smtp", name, "mail")
                code, words = session.mail(self.user)
                self.assert_words("smtp", name, f"{code} {words.decode()}")
                session = self.smtp()
                self.ask("smtp", name, "auth")
                code, words = self.smtp_log_in(session)
                self.assert_words("smtp", name, f"{code} {words.decode()}")

    def test_pop3_says_each_of_its_replies(self):
        for name in replies.REPLIES["pop3"]:
            with self.subTest(name):
                session = self.pop3()
                self.ask("pop3", name, "auth")
                with self.assertRaises(poplib.error_proto) as refused:
                    self.pop3_log_in(session)
                self.assert_words("pop3", name, refused.exception.args[0].decode())

    def test_imap_says_each_of_its_replies(self):
        for name in replies.REPLIES["imap"]:
            with self.subTest(name):
                session = self.logged_in()
                self.ask("imap", name, "noop")
                session.send(b"a NOOP\r\n")
                self.assert_words("imap", name,
                                  session.readline().decode().strip().removeprefix("a "))


class SmtpAuthDisabled(MailCase):
    scenario = "smtp-auth-disabled"

    def test_submission_is_switched_off_and_the_others_are_not(self):
        code, words = self.smtp_log_in(self.smtp())
        self.assertEqual(code, 535)
        self.assertIn(b"5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled "
                      b"for the Tenant.", words)
        self.pop3_logged_in()
        self.assertEqual(self.logged_in().select("INBOX")[0], "OK")
        self.assertEqual(self.bed.fired(), [1])


class Pop3Disabled(MailCase):
    scenario = "pop3-disabled"

    def test_pop3_is_switched_off_and_the_others_are_not(self):
        with self.assertRaisesRegex(poplib.error_proto, "unknown user name or bad password"):
            self.pop3_log_in(self.pop3())
        self.assertEqual(self.smtp_log_in(self.smtp())[0], 235)
        self.assertEqual(self.logged_in().select("INBOX")[0], "OK")
        self.assertEqual(self.bed.fired(), [1])


class NotConnectedWrongAccount(MailCase):
    scenario = "not-connected-wrong-account"

    def test_the_token_of_the_account_that_signed_in_opens_nothing(self):
        answer = self.signed_in()
        self.assertEqual(json.loads(part(answer["id_token"], 1))["preferred_username"],
                         "administrator@contoso.test")
        token = answer["access_token"]
        with self.assertRaisesRegex(imaplib.IMAP4.error, "authenticated but not connected"):
            self.logged_in(token=token).select("INBOX")
        with self.assertRaisesRegex(poplib.error_proto, "Authentication failure"):
            self.pop3_log_in(self.pop3(), token)
        self.assertEqual(self.smtp_log_in(self.smtp(), token)[0], 535)
        self.pop3_log_in(self.pop3(), token, "administrator@contoso.test")


class NotConnectedImapDisabled(MailCase):
    scenario = "not-connected-imap-disabled"

    def test_imap_opens_nothing_and_the_others_take_the_token(self):
        session = self.logged_in()
        with self.assertRaisesRegex(imaplib.IMAP4.error, "authenticated but not connected"):
            session.namespace()
        with self.assertRaisesRegex(imaplib.IMAP4.error, "authenticated but not connected"):
            session.list()
        with self.assertRaisesRegex(imaplib.IMAP4.error, "authenticated but not connected"):
            session.select("INBOX")
        self.assertEqual(session.readline(), b"* BYE Connection closed. 14\r\n")
        self.assertEqual(self.bed.fired(), [1, 1, 1])
        self.pop3_logged_in()
        self.smtp_logged_in()


class SmtpThrottled(MailCase):
    scenario = "smtp-throttled"

    def test_each_limit_is_met_once_and_then_it_is_well(self):
        session = self.smtp_logged_in()
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            self.send(session)
        self.assertEqual(refused.exception.args,
                         (432, b"4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"))
        with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
            self.send(session)
        self.assertIn(b"4.7.500 Access denied, please try again later",
                      refused.exception.smtp_error)
        with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
            self.send(session)
        self.assertEqual(refused.exception.recipients["a@example.com"][0], 421)
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.send(self.smtp_logged_in()), {})
        self.assertEqual((len(self.sent()), self.bed.fired()), (1, [1, 1, 1]))


class SmtpSendAsDenied(MailCase):
    scenario = "smtp-send-as-denied"

    def test_the_sender_is_not_admitted(self):
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            self.send(self.smtp_logged_in())
        self.assertEqual(refused.exception.args, (
            550, b"5.7.60 SMTP; Client does not have permissions to send as this sender"))
        self.assertEqual(self.bed.fired(), [1])


class SmtpQuota(MailCase):
    scenario = "smtp-quota"

    def test_two_mails_are_over_the_quota_and_the_third_is_not(self):
        session = self.smtp_logged_in()
        for _ in range(2):
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                self.send(session)
            self.assertEqual(refused.exception.args, (554, b"5.2.2 Submission quota exceeded"))
        self.assertEqual(self.send(session), {})
        self.assertEqual(self.bed.fired(), [2])


class SmtpNoAnswer(MailCase):
    scenario = "smtp-no-answer"

    def test_nobody_says_whether_the_mail_was_taken(self):
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            self.send(self.smtp_logged_in())
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.send(self.smtp_logged_in()), {})
        self.assertEqual(self.bed.fired(), [1])


class TokenExpiresInSession(Case):
    scenario = "token-expires-in-session"

    def test_the_session_ends_and_its_token_is_no_longer_taken(self):
        tokens = self.bed.admin("POST", "token", {"user": self.user})
        # A session that ends before its time gives the step back.
        self.logged_in(token=tokens["access_token"]).logout()
        begun = time.monotonic()
        session = self.logged_in(token=tokens["access_token"])
        session.select("INBOX")
        self.assertEqual(session.readline(),
                         b"* BYE Session invalidated - AccessTokenExpired\r\n")
        self.assertGreater(time.monotonic() - begun, 2.5)
        self.assertEqual(self.bed.fired(), [1])
        with self.assertRaisesRegex(imaplib.IMAP4.error, "AUTHENTICATE failed"):
            self.logged_in(token=tokens["access_token"])


class NotConnected(Case):
    scenario = "not-connected"

    def test_select_finds_that_nobody_is_connected(self):
        session = self.logged_in()
        with self.assertRaisesRegex(imaplib.IMAP4.error, "authenticated but not connected"):
            session.select("INBOX")
        self.assertEqual(self.logged_in().select("INBOX")[0], "OK")
        self.assertEqual(self.bed.fired(), [1])


class ImapThrottled(Case):
    scenario = "imap-throttled"

    def test_a_fetch_is_told_to_wait(self):
        session = self.logged_in()
        session.select("INBOX")
        with self.assertRaisesRegex(imaplib.IMAP4.error, "Backoff Time: 1500 milliseconds"):
            session.uid("FETCH", "1:*", "(UID)")
        self.assertEqual(session.uid("FETCH", "1:*", "(UID)")[0], "OK")
        self.assertEqual(self.bed.fired(), [1])
