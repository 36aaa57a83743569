"""What the tests of sending share: a mailbox at Postfix, and what becomes of a mail."""
import fleet as f
from fleet_case import FleetCase

FINAL = ("sent", "failed", "cancelled")


class SendCase(FleetCase):
    def server(self, port, tls="implicit"):
        return {"host": self.bed["host"], "port": port, "tls": tls,
                "ca_file": self.bed["ca_file"]}

    def mailbox_at_postfix(self):
        user = self.new_user()
        self.fleet.add_custom_mailbox(user, smtp=self.server(self.bed["ports"]["submissions"]))
        return user

    def submit(self, user, to, wishes=None, **mail):
        return self.fleet.submit(user, to, wishes, **mail)

    def shown(self, key):
        return self.fleet.get(f"outbox/{key}")

    def wait_for(self, key, *statuses):
        try:
            return f.wait_until(f"{key} to be {statuses}",
                                lambda: (self.shown(key)["status"] in statuses
                                         and self.shown(key)))
        except TimeoutError as late:
            raise TimeoutError(f"{late}: {self.shown(key)}") from None

    def kinds_about(self, key):
        return [event["kind"] for event in self.fleet.events() if event.get("message") == key]
