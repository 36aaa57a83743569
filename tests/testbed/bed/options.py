"""The command line: every command with its options and examples."""
import argparse

EXAMPLES = """examples:
  testbed up --users 3 --messages 50 --dir /tmp/bed          in the foreground; Ctrl-C ends it
  testbed up --detach --dir /tmp/bed --owner $$              ends with this shell at the latest
  testbed run --users 20 -- ctest --test-dir build/dev -L testbed
  testbed deliver user0001 --count 3 --dir /tmp/bed
  testbed fault token --status 503 --header 'Retry-After: 2' --count 1 --dir /tmp/bed
  testbed fault token --drop after --count 1                 the answer is lost, the effect is not
  testbed set access_token_ttl=5 'accept_secrets={"mail-post":[2]}'
  testbed sent keep --delay-s 5 --drop 1                     copies of sent mail: the first is lost
  testbed sign-in 'https://...' --user user0001              drives the provider's pages
  testbed down --dir /tmp/bed
  testbed m365 --scenario throttled --dir /tmp/m365          a Microsoft that misbehaves; Ctrl-C ends it

Commands for a running testbed find it by --dir or by MAILFLEET_TESTBED (its testbed.json)."""


def _bed_options(parser):
    parser.add_argument("--users", type=int, default=3, metavar="N", help="mailboxes (3)")
    parser.add_argument("--messages", type=int, default=0, metavar="M", help="mails in each (0)")
    parser.add_argument("--size", type=int, default=16_000, metavar="BYTES",
                        help="mean size of a mail (16000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed, the same mail")
    parser.add_argument("--nasty", action="store_true",
                        help="the first mails are made to catch naive parsers")
    parser.add_argument("--big", type=int, default=0, metavar="MB",
                        help="the last mail of each mailbox has so many megabytes")


def _start_options(parser):
    _bed_options(parser)
    parser.add_argument("--dir", help="folder, new or empty, path at most 64 octets (a temporary one)")
    parser.add_argument("--mechanisms", default="xoauth2 oauthbearer plain login",
                        help="SASL mechanisms of Dovecot and Postfix")
    parser.add_argument("--imap-mode", choices=("shared", "classic", "hibernate"), default="shared",
                        help="processes of IMAP: shared (quick log-ins), one each, hibernating IDLE")
    parser.add_argument("--logs", metavar="FOLDER", help="keep the servers' logs there at the end")


def _fault_options(parser):
    parser.add_argument("target", help="token, authorization, introspection, discovery, jwks; or clear")
    parser.add_argument("--status", type=int)
    parser.add_argument("--error", help="OAuth2 error code of the JSON body")
    parser.add_argument("--description", help="error_description of the JSON body")
    parser.add_argument("--body", help="the whole body instead")
    parser.add_argument("--type", help="Content-Type (application/json)")
    parser.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'")
    parser.add_argument("--delay-ms", type=int)
    parser.add_argument("--drop", choices=("before", "after"),
                        help="close the connection before, or after, the request takes effect")
    parser.add_argument("--count", type=int, help="so many times (until cleared)")
    parser.add_argument("--skip", type=int, help="let so many requests pass first")
    parser.add_argument("--grant-type", help="only for this grant_type")


def _m365_options(parser):
    parser.add_argument("--scenario", default="all-well", metavar="NAME",
                        help="of tests/testbed/scenarios, or the path of a .json file (all-well)")
    parser.add_argument("--list", action="store_true", help="say what the scenarios are, and end")
    parser.add_argument("--dir", help="folder, new or empty (a temporary one)")
    parser.add_argument("--users", type=int, default=3, metavar="N", help="mailboxes named (3)")
    parser.add_argument("--messages", type=int, default=3, metavar="M", help="mails in each (3)")
    parser.add_argument("--owner", type=int, metavar="PID", help="end with this process, too")


def _running(commands, name, summary):
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.add_argument("--dir", help="folder of the testbed (MAILFLEET_TESTBED)")
    return parser


def parser():
    """The whole grammar."""
    top = argparse.ArgumentParser(
        prog="testbed", description="Dovecot, Postfix and an OpenID provider on loopback.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start one, print its JSON, stay until ended")
    _start_options(up)
    up.add_argument("--detach", action="store_true", help="return when it is up")
    up.add_argument("--owner", type=int, metavar="PID", help="with --detach: end with this process")
    run = commands.add_parser("run", help="start one, run a command in it, stop, give its exit code")
    _start_options(run)
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- COMMAND...")
    _m365_options(commands.add_parser(
        "m365", help="an Entra-like identity server and Exchange-like mail servers, in the "
                     "foreground; needs no root"))
    seed = _running(commands, "seed", "put more mail into mailboxes")
    _bed_options(seed)
    seed.add_argument("--first", type=int, default=1, help="number of the first mailbox (1)")
    deliver = _running(commands, "deliver", "deliver mail by LMTP")
    deliver.add_argument("user")
    deliver.add_argument("file", nargs="?", help="a message; - is the standard input")
    deliver.add_argument("--count", type=int, default=0, help="so many made-up messages")
    deliver.add_argument("--size", type=int, default=4000)
    deliver.add_argument("--folder", help="into this folder, not by LMTP")
    sent = _running(commands, "sent", "copies of submitted mail in the sender's folder Sent; "
                                      "without any argument, show what holds and what became of them")
    sent.add_argument("copies", nargs="?", choices=("keep", "off"),
                      help="keep them, or (as at the start) have none")
    sent.add_argument("--delay-s", type=float, default=0, help="each comes so long after its mail")
    sent.add_argument("--drop", type=int, default=0, metavar="N", help="the next N are lost")
    _fault_options(_running(commands, "fault", "make the OpenID provider fail on order"))
    settings = _running(commands, "set", "change settings of the OpenID provider; without any, show them")
    settings.add_argument("assignments", nargs="*", metavar="NAME=JSON")
    stats = _running(commands, "stats", "requests, faults fired, tokens granted, as JSON")
    stats.add_argument("--clear", action="store_true")
    _running(commands, "issued", "every opaque token and code granted so far, as JSON")
    token = _running(commands, "token", "mint a token without a sign-in")
    token.add_argument("user")
    token.add_argument("--client", default="mail-post")
    token.add_argument("--scope", default="openid email mail")
    token.add_argument("--ttl", type=int)
    token.add_argument("--format", choices=("opaque", "jwt"), default="opaque")
    token.add_argument("--refresh", action="store_true", help="a refresh token too")
    revoke = _running(commands, "revoke", "end all tokens of a user, as a changed password does")
    revoke.add_argument("user")
    sign_in = _running(commands, "sign-in", "drive the provider's pages from a start address")
    sign_in.add_argument("url")
    sign_in.add_argument("--user", help="instead of the address that login_hint filled in")
    sign_in.add_argument("--password", help="a wrong one, to be refused")
    sign_in.add_argument("--deny", action="store_true")
    sign_in.add_argument("--print-callback", action="store_true",
                         help="print the callback's address instead of following it")
    _running(commands, "restart-imap", "stop and start Dovecot; sessions end with BYE")
    _running(commands, "down", "stop it and remove its folder")
    return top
