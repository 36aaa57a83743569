"""What the tests of a running fleet share: a daemon for each, and users of their own."""
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import fleet as f


def testbed(*arguments, **more):
    return subprocess.run([f.ROOT / "tests/testbed/testbed", *map(str, arguments)], check=True,
                          capture_output=True, **more)


class FleetCase(unittest.TestCase):
    build = f.ROOT / "build" / "dev"
    # Numbers of mailboxes; files that share a testbed begin at different ones.
    users = itertools.count(201)
    daemon_arguments = ()
    daemon_environment = None

    @classmethod
    def main(cls):
        """Runs the tests of the calling file; `--build DIR` names the programs."""
        if "--build" in sys.argv:
            at = sys.argv.index("--build")
            FleetCase.build = pathlib.Path(sys.argv[at + 1])
            del sys.argv[at:at + 2]
        unittest.main(module="__main__", verbosity=2)

    def setUp(self):
        self.bed = f.load_testbed()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailfleet-e2e."))
        self.fleet = f.Fleet(self.build, self.folder, self.bed, self.daemon_environment)
        self.fleet.initialise()
        self.fleet.start(extra=self.daemon_arguments)
        testbed("set", "access_token_ttl=3600", "rotate=true", "keep_old=false")
        testbed("fault", "clear")

    def tearDown(self):
        if self.fleet.alive():
            self.fleet.kill()
        shutil.rmtree(self.folder)

    def token_grants(self, kind):
        return json.loads(testbed("stats").stdout)["token_grants"].get(kind, 0)

    def faults_fired(self):
        return sum(json.loads(testbed("stats").stdout)["fired"].values())

    def new_user(self, messages=0, *more):
        number = next(self.users)
        testbed("seed", "--first", number, "--users", 1, "--messages", messages, *more)
        return f"user{number:04}@{self.bed['domain']}"

    def wait_for_state(self, user, state):
        return f.wait_until(f"{user} to be {state}",
                            lambda: (self.fleet.mailbox(user)["state"] == state
                                     and self.fleet.mailbox(user)))

    def wait_for_messages(self, user, count):
        f.wait_until(f"{count} messages", lambda: len(self.fleet.messages(user)) == count)
