#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an oversight body does, through the command and a real daemon.

VIGIED=.../vigied VIGIE=.../vigie python3 measures_test.py
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from processes import (  # pylint: disable=wrong-import-position
    CONFIG, ROOT, DaemonTest, main, vigie, vigie_json)

MORNING_MS = 1_772_442_000_000


def unaided(count):
    """The same task without AI, of 1, 2, 3 ... seconds."""
    return [{"decision_id": f"u-{i}", "clinician_id": "p-1", "system_id": "reader",
             "unit_id": "ward", "kind": "reading", "t_decided_ms": MORNING_MS + i,
             "dwell_ms": i * 1000, "suggestion": None, "final": "a", "truth": "a"}
            for i in range(1, count + 1)]


def aided(count, dwell_ms):
    """Seen for so long; every second suggestion is wrong and rejected."""
    return [{"decision_id": f"d-{i}", "clinician_id": "p-1", "system_id": "reader",
             "unit_id": "ward", "kind": "reading", "t_shown_ms": MORNING_MS + i * 60_000,
             "t_decided_ms": MORNING_MS + i * 60_000 + dwell_ms, "dwell_ms": dwell_ms,
             "suggestion": "a", "final": "b" if i % 2 else "a", "truth": "b" if i % 2 else "a",
             "act": "manual"} for i in range(count)]


class Measures(DaemonTest):
    """One test a claim."""

    def replay(self, daemon, records, name="feed.jsonl"):
        path = self.directory / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        done = vigie(daemon, "replay", str(path))
        self.assertEqual(done.returncode, 0, done.stderr)

    def policy(self, name, changes):
        """The baseline policy with some values changed, as a file."""
        text = (ROOT / "config/policies/baseline.yaml").read_text(encoding="utf-8")
        for old, new in {'version: "1"': f'version: "{name}"', **changes}.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.directory / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def configuration(self, policy):
        path = self.directory / f"{policy.stem}-vigied.yaml"
        path.write_text(CONFIG.read_text(encoding="utf-8").replace(
            "policies/baseline.yaml", str(policy)), encoding="utf-8")
        return path

    def fails(self, daemon, *arguments):
        done = vigie(daemon, *arguments)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def test_a_baseline_is_closed_and_named_by_the_next_policy(self):
        daemon = self.start()
        self.replay(daemon, unaided(29), "few.jsonl")
        self.assertIn("got 29", self.fails(daemon, "baseline", "close", "--kind", "reading"))
        self.replay(daemon, unaided(40), "enough.jsonl")
        closed = vigie_json(daemon, "baseline", "close", "--kind", "reading", "--id", "spring")
        self.assertEqual(closed["baseline"]["medianMs"], "20000")
        self.assertEqual(closed["baseline"]["right"], {"successes": "40", "trials": "40"})
        daemon.stop()
        named = self.policy("named", {"calibrations: []": 'calibrations: ["spring"]'})
        daemon = self.start(config=self.configuration(named))
        self.assertTrue(vigie_json(daemon, "baseline")["baselines"][0]["inForce"])
        self.replay(daemon, aided(20, 4000))
        decision = vigie_json(daemon, "decision", "d-0")["decision"]
        self.assertEqual(decision["minimumMs"], "5000")
        self.assertEqual(decision["calibrationId"], "spring")

    def test_another_policy_is_tried_on_the_past(self):
        daemon = self.start()
        self.replay(daemon, aided(60, 4000))
        before = vigie_json(daemon, "summary")
        slower = self.policy("slower", {"unaided_permille: 250": "unaided_permille: 250\n"
                                                                 "  floor_ms: 5000"})
        tried = vigie_json(daemon, "policy", "try", str(slower))
        self.assertEqual(tried["decisionCount"], "60")
        self.assertEqual(sum(int(move["count"]) for move in tried["moves"]), 60)
        self.assertEqual(vigie_json(daemon, "summary")["indicators"], before["indicators"])
        table = vigie(daemon, "policy", "try", str(slower), "--from", "2026-03-02").stdout
        self.assertIn("60 decisions judged again", table)
        wrong = self.policy("wrong", {"alpha_below: 0.01": "alpha_below: 0.3"})
        self.assertIn("alpha_below: got 0.3", self.fails(daemon, "policy", "try", str(wrong)))
        self.assertIn("no decision is closed",
                      self.fails(daemon, "policy", "try", str(slower), "--from", "2027-01-01"))

    def test_a_draw_is_shown_returned_and_counted(self):
        daemon = self.start()
        self.replay(daemon, aided(60, 4000))
        self.assertIn("--fraction is missing", vigie(daemon, "audit", "draw").stderr)
        draw = vigie_json(daemon, "audit", "draw", "--fraction", "0.5", "--seed", "7")["draw"]
        sample = vigie(daemon, "audit", "show", draw["drawId"]).stdout.splitlines()[1:]
        self.assertEqual(len(sample), 30)
        truths = self.directory / "truths.csv"
        truths.write_text("decision_id,system_id,code_system,code\n" + "".join(
            f"{row.split(',')[0]},reader,,b\n" for row in sample), encoding="utf-8")
        first = vigie(daemon, "audit", "return", draw["drawId"], str(truths))
        self.assertIn("30 truths recorded, 0 known already, 0 refused", first.stdout)
        again = vigie(daemon, "audit", "return", draw["drawId"], str(truths))
        self.assertIn("0 truths recorded, 30 known already", again.stdout)
        state = vigie_json(daemon, "audit")["draws"][0]
        self.assertEqual(state["response"], {"successes": "30", "trials": "30"})
        self.assertTrue(state["strata"][0]["counted"])

    def test_seeded_items_are_sealed_planted_and_revealed(self):
        daemon = self.start()
        items = self.directory / "items.csv"
        items.write_text("decision_id,suggestion,truth\np-0,x,y\np-1,x,y\n", encoding="utf-8")
        commit = ("probe", "commit", "spring", str(items), "--organisation", "replay", "--system",
                  "reader", "--rate-permille", "200")
        self.assertIn("plan.ethics_reference: got 0", self.fails(daemon, *commit))
        sealed = vigie_json(daemon, *commit, "--ethics", "CER-2026-12")
        self.assertIn("sealed", self.fails(daemon, "probe", "manifest", "spring",
                                           "--organisation", "replay"))
        self.replay(daemon, aided(20, 4000))
        planted = vigie_json(daemon, "probe", "hand-out", "spring", "--actor", "p-1")
        self.assertEqual(planted["item"]["decisionId"], "p-0")
        self.assertIn("limit_per_actor_day",
                      self.fails(daemon, "probe", "hand-out", "spring", "--actor", "p-1"))
        record = dict(aided(1, 4000)[0], decision_id="p-0", suggestion="x", final="x", truth=None)
        self.replay(daemon, [record], "planted.jsonl")  # The replay applies what was decided.
        alarm = vigie_json(daemon, "alarms")["alarms"][0]
        self.assertEqual(alarm["kind"], "ALARM_KIND_SEEDED_ITEM_APPLIED")
        self.assertIn("reason: got 0", self.fails(daemon, "alarms", "acknowledge",
                                                  alarm["alarmId"]))
        done = vigie(daemon, "alarms", "acknowledge", alarm["alarmId"], "--reason", "undone")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(vigie_json(daemon, "alarms")["alarms"], [])
        self.assertEqual(vigie(daemon, "probe", "reveal", "spring").returncode, 0)
        shown = vigie(daemon, "probe", "manifest", "spring")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn(sealed["manifestSha256"] + ", as these items hash", shown.stdout)

    def test_the_seals_survive_a_kill(self):
        daemon = self.start()
        items = self.directory / "items.csv"
        items.write_text("decision_id,suggestion,truth\np-0,x,y\n", encoding="utf-8")
        vigie_json(daemon, "probe", "commit", "spring", str(items), "--organisation", "replay",
                   "--system", "reader", "--ethics", "CER-1")
        self.replay(daemon, aided(20, 4000))
        draw = vigie_json(daemon, "audit", "draw", "--fraction", "0.5")["draw"]
        plans, draws = vigie_json(daemon, "probe"), vigie_json(daemon, "audit")
        daemon.kill()
        daemon = self.start()
        self.assertEqual(vigie_json(daemon, "probe")["plans"], plans["plans"])
        self.assertEqual(vigie_json(daemon, "audit")["draws"], draws["draws"])
        self.assertEqual(draws["draws"][0]["draw"]["seed"], draw["seed"])

    def test_answers_come_in_french(self):
        daemon = self.start()
        self.replay(daemon, aided(60, 4000))
        self.assertIn("Degré d'intervention humaine",
                      vigie(daemon, "decision", "d-0", "--lang", "fr").stdout)
        self.assertIn("Ce n'est pas un constat de conformité",
                      vigie(daemon, "summary", "--lang", "fr").stdout)
        self.assertEqual(vigie(daemon, "summary", "--lang", "de").returncode, 2)

    def test_reports_and_exports_answer(self):
        daemon = self.start()
        self.replay(daemon, aided(60, 4000))
        report = vigie_json(daemon, "report", "--by", "unit")
        self.assertEqual((report["comparedCount"], report["flaggedCount"]), ("1", "0"))
        lines = vigie(daemon, "export").stdout.splitlines()
        positions = [int(json.loads(line)["position"]) for line in lines]
        self.assertEqual(positions, list(range(1, len(positions) + 1)))


if __name__ == "__main__":
    main()
