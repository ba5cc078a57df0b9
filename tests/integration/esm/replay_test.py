# SPDX-License-Identifier: Apache-2.0
"""7,512 real decisions, replayed into a real daemon, give the published figures, however they come.

VIGIED=.../vigied VIGIE=.../vigie python3 replay_test.py [EsmReplay.test_...]
"""

import copy
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import figures
from processes import SHARED, DaemonTest, main, vigie_json, wait_until

FEED = SHARED / "data/esm-dotstask-lab.jsonl"
EXPECTED = SHARED / "data/expected-esm.json"
ALL_EVENTS = 52584
MIDDLE = 15000  # Log position, after which the daemon is killed.


def read_answers(daemon, expected):
    """Everything that is published: for all, by system, and per person through the restricted
    query."""
    published = expected["summary"]
    return {
        "all": vigie_json(daemon, "summary"),
        "systems": {system: vigie_json(daemon, "summary", "--system", system)
                    for system in published["by_system"]},
        "persons": {person: vigie_json(daemon, "actor", person, "--reason", "published-figures")
                    for person in published["per_clinician"]},
    }


def read_tallies(daemon):
    """The summary of every scope, but for the log position and for the change alarms, which depend
    on the order of trials and are no part of tallies (V4)."""
    tallies = {}
    for scope in vigie_json(daemon, "scopes")["scopes"]:
        flags = []
        for flag, field in (("--system", "systemId"), ("--system-version", "systemVersion"),
                            ("--unit", "unitId")):
            if scope["scope"][field]:
                flags += [flag, scope["scope"][field]]
        summary = vigie_json(daemon, "summary", *flags)
        for field in ("asOf", "alarms", "changeAlarmOpen", "caveats", "explanation"):
            del summary[field]
        tallies[" ".join(flags)] = summary
    return tallies


class EsmReplay(DaemonTest):
    """One test a way of sending."""

    def setUp(self):
        super().setUp()
        self.expected = json.loads(EXPECTED.read_text(encoding="utf-8"))

    def require_published_figures(self, daemon):
        differences = figures.compare(self.expected, read_answers(daemon, self.expected))
        self.assertEqual(differences.found, [])
        print(f"{differences.checked} published figures hold")

    def require_tallies_of_a_plain_replay(self, daemon):
        plain = self.start("plain")
        vigie_json(plain, "replay", str(FEED))
        want, got = read_tallies(plain), read_tallies(daemon)
        self.assertGreater(len(want), 10)
        self.assertEqual(sorted(got), sorted(want))
        for scope, tallies in want.items():
            self.assertEqual(got[scope], tallies, scope)

    def replay_and_require(self, *flags, **outcome):
        daemon = self.start()
        done = vigie_json(daemon, "replay", str(FEED), *flags)
        for name, value in {"refused": 0, "invalidLines": 0, **outcome}.items():
            self.assertEqual(done[name], value, f"{name} of {done}")
        self.require_published_figures(daemon)
        if flags:
            self.require_tallies_of_a_plain_replay(daemon)
        self.assertEqual(daemon.stop(), 0)

    def test_plain(self):
        self.replay_and_require(events=ALL_EVENTS, duplicate=0)

    def test_twice(self):
        self.replay_and_require("--twice", events=2 * ALL_EVENTS, duplicate=ALL_EVENTS)

    def test_shuffled(self):
        self.replay_and_require("--shuffle-seed", "7", events=ALL_EVENTS, duplicate=0)

    def test_batches_of_one(self):
        self.replay_and_require("--batch", "1", events=ALL_EVENTS, duplicate=0)

    def test_batches_of_a_thousand(self):
        self.replay_and_require("--batch", "1000", events=ALL_EVENTS, duplicate=0)

    def test_killed_and_resumed(self):
        first = self.start()
        with subprocess.Popen(
                [os.environ["VIGIE"], "--server", first.grpc, "replay", str(FEED), "--rate",
                 "3000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) as feeding:
            try:
                wait_until("the middle of the feed", lambda: first.log_position() >= MIDDLE)
                first.kill()
            finally:
                feeding.kill()
        second = self.start()
        kept = second.log_position()
        self.assertTrue(MIDDLE <= kept < ALL_EVENTS, f"killed at {kept}, not in the middle")
        done = vigie_json(second, "replay", str(FEED))
        self.assertGreater(done["alreadyDurable"], 0, done)
        self.assertEqual(done["refused"], 0, done)
        self.require_published_figures(second)
        self.require_tallies_of_a_plain_replay(second)
        self.assertEqual(second.stop(), 0)


class Comparison(DaemonTest):
    """That the comparison would find a wrong figure."""

    def test_finds_every_single_wrong_figure(self):
        expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
        daemon = self.start()
        vigie_json(daemon, "replay", str(FEED))
        answers = read_answers(daemon, expected)
        self.assertEqual(figures.compare(expected, answers).found, [])
        for path, change in (
                (("all", "degrees", 2, "count"), "5156"),
                (("all", "reliance", "rsr", "successes"), "1283"),
                (("all", "reliance", "dPrime"), 0.98595533),
                (("all", "indicators", 2, "logEAbove"), 16.2073154),
                (("all", "indicators", 2, "interval", "low"), 0.528974587),
                (("all", "description", "activeTime", 4, "valueMs"), 1375.0),
                (("systems", "advisor-type-1", "reliance", "switchFraction", "trials"), "1536"),
                (("persons", "p17", "indicators", 2, "successes"), "0"),
                (("persons", "p03", "description", "override", "successes"), "93"),
                (("persons", "p25", "reliance", "switchFraction", "successes"), "47")):
            wrong = copy.deepcopy(answers)
            place = wrong
            for step in path[:-1]:
                place = place[step]
            self.assertNotEqual(place[path[-1]], change)
            place[path[-1]] = change
            self.assertNotEqual(figures.compare(expected, wrong).found, [], path)
        missing = copy.deepcopy(answers)
        del missing["persons"]["p01"]
        with self.assertRaises(KeyError):
            figures.compare(expected, missing)


if __name__ == "__main__":
    main(needs_shared=True)
