"""What goes wrong, and when: a file of steps, each of which counts how often it fired.

A step waits at a place (`at`: token, authorize, discovery, keys, devicecode, adminconsent, graph,
and the mail servers imap, pop3, smtp).
It takes what matches `when` (and, at a mail server, `on`), lets the first `after` of them pass,
fires `count` times (always, if there is none), and is over when the event `until` has happened
after it fired. Where several wait, the first in the file that can fire does.
"""
import json
import pathlib

from bed.m365 import replies

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "scenarios"
MAIL_SERVERS = set(replies.REPLIES)
PLACES = {"token", "authorize", "discovery", "keys", "devicecode", "adminconsent", "graph",
          *MAIL_SERVERS}
MEMBERS = {"at", "on", "when", "after", "count", "until", "answer", "say", "reply", "close",
           "after_seconds", "expire_token"}
SETTINGS = {"access_token_life_s": 3600, "token_bytes": 1600, "device_interval_s": 1,
            "same_hint": False, "signs_in": ""}


def names():
    return sorted(file.stem for file in FOLDER.glob("*.json"))


class Step:
    """One step and how far it has come."""

    def __init__(self, plan):
        unknown = set(plan) - MEMBERS
        if unknown:
            raise ValueError(f"a step has no member {', '.join(sorted(unknown))}")
        if plan.get("at") not in PLACES:
            raise ValueError(f"a step is at one of {', '.join(sorted(PLACES))}")
        if plan["at"] in MAIL_SERVERS:
            self._check_words(plan)
        elif "answer" not in plan:
            raise ValueError("a step has an `answer`")
        self.plan = plan
        self.at, self.on = plan["at"], plan.get("on")
        self.passed = self.taken = self.fired = 0
        self.over = False

    @staticmethod
    def _check_words(plan):
        known = replies.REPLIES[plan["at"]]
        if "on" not in plan or ("say" in plan) == ("reply" in plan):
            raise ValueError("a step at a mail server has `on`, and `say` or `reply`")
        if plan.get("reply", next(iter(known))) not in known:
            raise ValueError(f"a reply of {plan['at']} is one of {', '.join(sorted(known))}")

    def matches(self, at, on, facts):
        return (not self.over and (self.at, self.on) == (at, on)
                and all(facts.get(name) == value
                        for name, value in self.plan.get("when", {}).items()))

    def take(self):
        """Whether it is this one's turn."""
        count = self.plan.get("count")
        if count is not None and self.taken >= count:
            return False
        if self.passed < self.plan.get("after", 0):
            self.passed += 1
            return False
        self.taken += 1
        return True

    def give_back(self):
        """What was taken did not come to pass: a session ended before its time."""
        self.taken -= 1

    def fire(self):
        self.fired += 1

    def report(self):
        return {**{name: self.plan[name] for name in ("at", "on", "when") if name in self.plan},
                "fired": self.fired, "over": self.over}


class Scenario:
    """The steps of one file."""

    def __init__(self, name, plan):
        unknown = set(plan) - {"about", "settings", "steps"}
        unknown |= set(plan.get("settings", {})) - set(SETTINGS)
        if unknown:
            raise ValueError(f"a scenario has no {', '.join(sorted(unknown))}")
        self.name, self.about = name, plan.get("about", "")
        self.settings = {**SETTINGS, **plan.get("settings", {})}
        self.steps = [Step(step) for step in plan.get("steps", [])]

    @classmethod
    def load(cls, name):
        """By name, or by the path of a file of one's own."""
        file = pathlib.Path(name) if name.endswith(".json") else FOLDER / f"{name}.json"
        try:
            return cls(file.stem, json.loads(file.read_text()))
        except FileNotFoundError:
            raise ValueError(f"there is no scenario {name}; give one of {', '.join(names())}, or a "
                             "file that ends in .json") from None
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from None

    def take(self, at, on=None, **facts):
        """The step that fires for what is asked at this place, or None."""
        return next((step for step in self.steps if step.matches(at, on, facts) and step.take()),
                    None)

    def happened(self, event):
        for step in self.steps:
            if step.fired and step.plan.get("until") == event:
                step.over = True

    def report(self):
        return {"scenario": self.name, "steps": [step.report() for step in self.steps],
                "fired": sum(step.fired for step in self.steps)}
