"""Copies of what a submission server took, in the senders' folders of sent mail."""
import queue
import threading
import time

import fleet as f

# A copy that is in Sent so soon is there when a mail in doubt is looked for.
IN_TIME_S = 5


class Copies:
    """Puts copies into Sent, each after a while; some are dropped. `kept` says when each came, by
    mail and the time at which it was taken."""

    def __init__(self, bed, dice):
        self._bed, self._dice, self._due = bed, dice, queue.SimpleQueue()
        self.kept = {}
        threading.Thread(target=self._run, daemon=True).start()

    def __call__(self, mail):
        if self._dice.random() >= 0.05:
            timer = threading.Timer(self._dice.choice((0, 0, 0.5, 3)), self._due.put, [mail])
            timer.daemon = True
            timer.start()

    def _run(self):
        while True:
            mail = self._due.get()
            f.keep_sent(self._bed, mail.user, mail.content)
            self.kept[mail.own_id, mail.at] = time.time()

    def was_in_time(self, mail):
        return self.kept.get((mail.own_id, mail.at), float("inf")) <= mail.at + IN_TIME_S
