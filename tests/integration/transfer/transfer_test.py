#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Export, import and CSV, through the command and real daemons.

VIGIED=.../vigied VIGIE=.../vigie python3 transfer_test.py
"""

import csv
import io
import json
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from processes import (  # pylint: disable=wrong-import-position
    DaemonTest, main, run, vigie, vigie_json)

REFUSED, OCCUPIED = 4, 7


def figures(daemon, *period):
    """Every scope's summary, without what depends on log positions."""
    found = {}
    for row in vigie_json(daemon, "scopes")["scopes"]:
        scope = row["scope"]
        arguments = [word for option, field in (
            ("--system", "systemId"), ("--system-version", "systemVersion"), ("--unit", "unitId"))
                     if scope[field] for word in (option, scope[field])]
        answer = vigie(daemon, "--output", "json", "summary", *arguments, *period)
        found[tuple(arguments)] = answer.stdout if answer.returncode else without_positions(
            json.loads(answer.stdout))
    return found


def without_positions(value):
    if isinstance(value, dict):
        return {name: without_positions(inner) for name, inner in value.items()
                if name not in ("asOf", "changedAt", "logPosition", "position", "recordedAtMs")}
    return [without_positions(inner) for inner in value] if isinstance(value, list) else value


class Transfer(DaemonTest):
    """One test a claim."""

    def fed(self, decisions=3000):
        daemon = self.start("original")
        done = vigie(daemon, "simulate", "--seed", "7", "--decisions", str(decisions))
        self.assertEqual(done.returncode, 0, done.stderr)
        return daemon

    def export(self, daemon, *arguments, name="log.jsonl"):
        done = vigie(daemon, "export", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        path = self.directory / name
        path.write_text(done.stdout, encoding="utf-8")
        return path

    def bring(self, path, original, name="copy"):
        """A daemon on what the file holds, with the key of the original."""
        place = self.directory / name
        place.mkdir()
        done = run([os.environ["VIGIE"], "import", place / "data", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("pseudonym.key", done.stdout)
        shutil.copy2(original.data_dir / "pseudonym.key", place / "data/pseudonym.key")
        return self.start(name)

    def test_a_whole_log_arrives_as_it_was(self):
        original = self.fed()
        path = self.export(original)
        copy = self.bring(path, original)
        self.assertEqual(figures(copy), figures(original))
        self.assertEqual(self.export(copy, name="again.jsonl").read_bytes(), path.read_bytes())
        fsck = run([os.environ["VIGIE"], "export", "--server", copy.grpc, "--from-position", "5"])
        self.assertEqual(fsck.returncode, 0, fsck.stderr)
        partial = self.directory / "partial.jsonl"
        partial.write_text(fsck.stdout, encoding="utf-8")
        done = run([os.environ["VIGIE"], "import", self.directory / "other", partial])
        self.assertEqual(done.returncode, REFUSED, done.stderr)

    def test_a_period_keeps_the_figures_of_its_days(self):
        original = self.fed(1500)
        lines = self.export(original).read_text(encoding="utf-8").splitlines()
        middle = int(json.loads(lines[len(lines) // 2])["recordedAtMs"])
        path = self.export(original, "--from", str(middle), name="period.jsonl")
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        before = [row for row in rows if int(row["recordedAtMs"]) < middle]
        early = {kind for row in before for kind in row["record"]}
        self.assertIn("storeCreated", early)
        self.assertIn("policyActivated", early)
        self.assertNotIn("event", early)
        within = [row for row in rows if "event" in row["record"]]
        whole = [json.loads(line) for line in lines]
        self.assertEqual(len(within), sum(
            1 for row in whole if "event" in row["record"] and int(row["recordedAtMs"]) >= middle))
        copy = self.bring(path, original)
        begun_before = {row["event"]["decisionId"] for row in whole
                        if "event" in row and int(row["recordedAtMs"]) < middle}
        ids = sorted({row["event"]["decisionId"] for row in within} - begun_before - {""})
        self.assertGreater(len(ids), 20)
        for name in ids[:20]:
            here = vigie_json(copy, "decision", name)["decision"]
            there = vigie_json(original, "decision", name)["decision"]
            for field in ("degree", "reasons", "state", "activeMs", "truthOrigin"):
                self.assertEqual(here.get(field), there.get(field), field)

    def test_a_damaged_file_leaves_nothing_behind(self):
        path = self.export(self.fed(300))
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        at = next(i for i, line in enumerate(lines) if '"decided":{' in line)
        damages = {
            "changed": lines[:at] + [lines[at].replace('"oneClick":false', '"oneClick":true')]
                       + lines[at + 1:],
            "missing": lines[:at] + lines[at + 1:],
            "cut": lines[:-1],
            "torn": lines[:at] + [lines[at][:50]]}
        for name, damaged in damages.items():
            self.assertNotEqual(damaged, lines, name)
            broken = self.directory / f"{name}.jsonl"
            broken.write_text("".join(damaged), encoding="utf-8")
            done = run([os.environ["VIGIE"], "import", self.directory / "target", broken])
            self.assertEqual(done.returncode, REFUSED, f"{name}: {done.stderr}")
            self.assertIn("want", done.stderr)
            self.assertFalse((self.directory / "target").exists(), name)
            self.assertFalse((self.directory / "target.partial").exists(), name)
        (self.directory / "target").mkdir()
        (self.directory / "target/mine").touch()
        done = run([os.environ["VIGIE"], "import", self.directory / "target", path])
        self.assertEqual(done.returncode, OCCUPIED, done.stderr)
        self.assertTrue((self.directory / "target/mine").exists())

    def test_decisions_come_as_comma_separated_values(self):
        daemon = self.fed(1500)
        done = vigie(daemon, "decisions", "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
        listed = vigie_json(daemon, "decisions", "--limit", "100000")["decisions"]
        self.assertGreater(len(rows), 1000)
        self.assertEqual([row["decision_id"] for row in rows],
                         [decision["decisionId"] for decision in listed])
        for row, decision in zip(rows, listed):
            degree = decision["degree"].removeprefix("DEGREE_").lower().replace("unspecified", "")
            self.assertEqual(row["degree"], degree)
            self.assertEqual(row["unit_id"], decision["scope"]["unitId"])
            self.assertEqual(row["active_ms"], decision.get("activeMs", ""))
            self.assertEqual(len(row["reasons"].split(";")) if row["reasons"] else 0,
                             len(decision["reasons"]))
        few = vigie(daemon, "decisions", "--format", "csv", "--limit", "7")
        self.assertEqual(few.stdout.count("\r\n") if "\r\n" in few.stdout else
                         few.stdout.count("\n"), 8)
        self.assertEqual(vigie(daemon, "decisions", "--format", "xls").returncode, 2)


if __name__ == "__main__":
    main()
