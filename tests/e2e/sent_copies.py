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
        self._bed, self._dice, self._queue = bed, dice, queue.PriorityQueue()
        self.kept = {}
        threading.Thread(target=self._run, daemon=True).start()

    def __call__(self, mail):
        if self._dice.random() >= 0.05:
            self._queue.put((time.monotonic() + self._dice.choice((0, 0, 0.5, 3)), mail))

    def _run(self):
        while True:
            due, mail = self._queue.get()
            if (wait := due - time.monotonic()) > 0:
                # Others may be due before it.
                self._queue.put((due, mail))
                time.sleep(min(wait, 0.05))
                continue
            f.keep_sent(self._bed, mail.user, mail.content)
            self.kept[mail.own_id, mail.at] = time.time()

    def was_in_time(self, mail):
        return self.kept.get((mail.own_id, mail.at), float("inf")) <= mail.at + IN_TIME_S
