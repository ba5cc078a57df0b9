#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Backups made while vigied runs, restored elsewhere; and `vigie fsck` on what is left behind.

VIGIED=.../vigied VIGIE=.../vigie python3 backup_test.py [Class]
"""

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from processes import CONFIG, ROOT, DaemonTest, get, main, run, vigie, vigie_json, wait_until

CLEAN, FAILED, DAMAGED, NOT_LOOKED = 0, 1, 5, 6
REFUSED = 3
POLICIES = ROOT / "config/policies"
DECISIONS = 3000


def fsck(directory, *flags):
    """The exit code of fsck and the JSON it prints."""
    done = run([os.environ["VIGIE"], "--output", "json", "fsck", directory, *flags])
    return done.returncode, json.loads(done.stdout)


def digests(directory):
    """Every file below a directory with its content's hash, size, mode and time of change."""
    found = {}
    for path in sorted(pathlib.Path(directory).rglob("*")):
        status = path.stat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(directory))] = (
            content, status.st_size, status.st_mode, status.st_mtime_ns)
    return found


def exported(daemon):
    """The log, one record each, without the mark that the last one has."""
    done = vigie(daemon, "export")
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    for record in records:
        record.pop("last", None)
    return records


def without_position(value):
    """A JSON value without what only says how far the log was."""
    if isinstance(value, dict):
        return {key: without_position(inner) for key, inner in value.items() if key != "asOf"}
    return [without_position(inner) for inner in value] if isinstance(value, list) else value


def summaries(daemon):
    """Every scope with its summary."""
    answers = {"": vigie_json(daemon, "summary")}
    for row in vigie_json(daemon, "scopes")["scopes"]:
        scope = row["scope"]
        flags = []
        for flag, field in (("--system", "systemId"), ("--system-version", "systemVersion"),
                            ("--unit", "unitId")):
            if scope[field]:
                flags += [flag, scope[field]]
        answers[json.dumps(scope, sort_keys=True)] = vigie_json(daemon, "summary", *flags)
    return without_position(answers)


class WithBackups(DaemonTest):
    """Daemons that may make backups in the test's directory."""

    def setUp(self):
        super().setUp()
        self.backups = self.directory / "backups"
        self.backups.mkdir()
        text = CONFIG.read_text(encoding="utf-8")
        self.assertIn('backup_dir: ""', text)
        self.config = self.directory / "vigied.yaml"
        self.config.write_text(
            text.replace('backup_dir: ""', "backup_dir: backups").replace(
                "policies/baseline.yaml", str(POLICIES / "baseline.yaml")), encoding="utf-8")

    def start(self, name="daemon", **options):
        return super().start(name, **{"config": self.config, **options})

    def restore(self, backup, name):
        """A copy of a backup where the daemon `name` has its data."""
        target = self.directory / name / "data"
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(self.backups / backup, target)
        return target

    def simulate(self, daemon, seed=3):
        done = vigie(daemon, "simulate", "--seed", str(seed), "--decisions", str(DECISIONS))
        self.assertEqual(done.returncode, 0, done.stderr)


class Backup(WithBackups):
    """vigie backup."""

    def test_made_while_a_feed_runs_restores_the_log_and_the_views_as_they_were(self):
        daemon = self.start()
        with subprocess.Popen([os.environ["VIGIE"], "--server", daemon.grpc, "simulate", "--seed",
                               "3", "--decisions", str(DECISIONS), "--rate", "4000"],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as feed:
            wait_until("the feed", lambda: daemon.log_position() > 500)
            before = daemon.log_position()
            made = vigie_json(daemon, "backup", "during")
            self.assertIsNone(feed.poll(), "the feed ended before the backup was made")
            self.assertEqual(feed.wait(timeout=200), 0, feed.stderr.read())
        position = int(made["logPosition"])
        self.assertGreaterEqual(position, before)
        self.assertLess(position, daemon.log_position())
        restored = self.restore("during", "other")
        code, found = fsck(restored)
        self.assertEqual((code, found["damage"]), (CLEAN, []), found)
        self.assertEqual(found["log"]["lastPosition"], position)
        self.assertTrue(found["views"]["compared"])
        # Opened again, its views reach the end of its log, and each row is that of a fresh fold:
        # with the same log, what the original had at this position.
        other = self.start("other")
        self.assertEqual(exported(other)[:position], exported(daemon)[:position])
        self.assertEqual(other.stop(), 0)
        code, found = fsck(restored)
        self.assertEqual(code, CLEAN, found)
        self.assertGreaterEqual(found["views"]["position"], position)
        self.assertGreater({row["kind"]: row["equal"] for row in found["views"]["rows"]}[
            "decisions"], 100)

    def test_of_a_daemon_at_rest_answers_every_question_alike(self):
        daemon = self.start()
        self.simulate(daemon)
        made = vigie_json(daemon, "backup", "rest")
        self.restore("rest", "other")
        other = self.start("other")
        self.assertGreaterEqual(other.log_position(), int(made["logPosition"]))
        answers = summaries(daemon)
        self.assertGreater(len(answers), 20)
        self.assertEqual(summaries(other), answers)
        person = ["actor", "clinician-1", "--reason", "restored backup"]
        self.assertEqual(vigie(other, *person).returncode, vigie(daemon, *person).returncode)

    def test_goes_on_with_what_the_sources_send_again(self):
        daemon = self.start()
        done = vigie(daemon, "simulate", "--seed", "4", "--decisions", "500")
        self.assertEqual(done.returncode, 0, done.stderr)
        vigie_json(daemon, "backup", "early")
        self.simulate(daemon)
        self.restore("early", "other")
        other = self.start("other")
        self.simulate(other)
        for answers in zip(summaries(daemon).items(), summaries(other).items(), strict=True):
            (scope, here), (same, there) = answers
            self.assertEqual(scope, same)
            self.assertEqual(here["description"], there["description"], scope)

    def test_says_what_it_made_and_keeps_it_for_its_owner(self):
        daemon = self.start()
        self.simulate(daemon)
        done = vigie(daemon, "backup", "said")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(str(self.backups / "said"), done.stdout)
        self.assertRegex(done.stdout, r"log position \d+, SHA-256 [0-9a-f]{64}\n\d+ bytes")
        for path in [self.backups / "said", *(self.backups / "said").rglob("*")]:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)
        key = self.backups / "said/pseudonym.key"
        self.assertEqual(key.read_bytes(), (daemon.data_dir / "pseudonym.key").read_bytes())
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)

    def test_that_cannot_be_made_says_why_and_leaves_nothing(self):
        daemon = self.start()
        for name, word in (("../out", "name"), (".hidden", "name"), ("a/b", "name")):
            done = vigie(daemon, "backup", name)
            self.assertEqual(done.returncode, FAILED, done.stdout)
            self.assertIn(word, done.stderr)
        self.assertEqual(list(self.backups.iterdir()), [])
        vigie_json(daemon, "backup", "once")
        done = vigie(daemon, "backup", "once")
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("ALREADY_EXISTS", done.stderr)
        self.backups.rename(self.directory / "away")
        self.assertIn("backup_dir", vigie(daemon, "backup", "later").stderr)

    def test_without_a_configured_directory_names_the_setting(self):
        daemon = self.start(config=CONFIG)
        done = vigie(daemon, "backup", "any")
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("FAILED_PRECONDITION", done.stderr)
        self.assertIn("backup_dir", done.stderr)

    def test_with_one_flipped_bit_is_refused_by_fsck(self):
        daemon = self.start()
        self.simulate(daemon)
        vigie_json(daemon, "backup", "whole")
        self.assertEqual(fsck(self.backups / "whole")[0], CLEAN)
        copy = self.restore("whole", "copy")
        flipped = {}
        for path in [*copy.glob("store/*.sst"), *copy.glob("store/MANIFEST-*"),
                     copy / "store/CURRENT", copy / "anchor"]:
            whole = path.read_bytes()
            # Not in the last bytes of a table, where its footer has bytes that mean nothing.
            usable = len(whole) - (60 if path.suffix == ".sst" else 0)
            for eighth in range(0, 8):
                damaged = bytearray(whole)
                damaged[eighth * usable // 8] ^= 0x01
                path.write_bytes(damaged)
                code, found = fsck(copy)
                self.assertEqual(code, DAMAGED, (path.name, eighth, found))
                self.assertNotEqual(found["damage"], [])
                flipped[path.suffix] = flipped.get(path.suffix, 0) + 1
            path.write_bytes(whole)
        self.assertGreaterEqual(flipped[".sst"], 8)
        self.assertEqual(fsck(copy)[0], CLEAN)


class Fsck(WithBackups):
    """vigie fsck."""

    def test_finds_a_stopped_daemons_directory_clean_and_changes_nothing(self):
        daemon = self.start()
        self.simulate(daemon)
        drawn = vigie(daemon, "audit", "draw", "--fraction", "0.05", "--id", "spring")
        self.assertEqual(drawn.returncode, 0, drawn.stderr)
        position = daemon.log_position()
        self.assertEqual(daemon.stop(), 0)
        before = digests(daemon.data_dir)
        code, found = fsck(daemon.data_dir)
        self.assertEqual(code, CLEAN, found)
        self.assertEqual(digests(daemon.data_dir), before)
        self.assertEqual((found["log"]["firstPosition"], found["log"]["lastPosition"]),
                         (1, position))
        rows = {row["kind"]: row for row in found["views"]["rows"]}
        self.assertGreater(rows["decisions"]["equal"], DECISIONS / 2)
        self.assertGreater(rows["tallies"]["equal"], 50)
        text = run([os.environ["VIGIE"], "fsck", daemon.data_dir])
        self.assertEqual(text.returncode, CLEAN)
        self.assertEqual(text.stdout.splitlines()[0], "clean")
        self.assertIn("equal to a fresh fold", text.stdout)

    def test_finds_a_killed_daemons_directory_clean_and_changes_nothing(self):
        daemon = self.start()
        self.simulate(daemon)
        position = daemon.log_position()
        daemon.kill()
        before = digests(daemon.data_dir)
        code, found = fsck(daemon.data_dir)
        self.assertEqual(code, CLEAN, found)
        self.assertEqual(digests(daemon.data_dir), before)
        self.assertGreaterEqual(found["log"]["lastPosition"], position)
        self.assertEqual(fsck(daemon.data_dir, "--quick")[1]["log"], found["log"])

    def test_does_not_look_at_a_directory_that_a_daemon_holds(self):
        daemon = self.start()
        done = run([os.environ["VIGIE"], "fsck", daemon.data_dir])
        self.assertEqual(done.returncode, NOT_LOOKED, done.stdout)
        self.assertIn("a vigied holds it", done.stdout)
        self.assertEqual(get(f"http://{daemon.http}/readyz")[0], 200)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(fsck(daemon.data_dir)[0], CLEAN)

    def test_keeps_every_daemon_out_while_it_looks(self):
        daemon = self.start()
        self.assertEqual(daemon.stop(), 0)
        # As fsck holds it: two may read, none may write.
        with open(daemon.data_dir / "store/LOCK", "rb") as lock:
            fcntl.lockf(lock, fcntl.LOCK_SH)
            self.assertEqual(fsck(daemon.data_dir)[0], CLEAN)
            second = self.launch(config=self.config)
            self.assertEqual(second.wait_end(), REFUSED, second.log())
            self.assertIn("another vigied", second.log())
        self.assertEqual(self.start().stop(), 0)

    def test_does_not_look_at_what_is_no_data_directory(self):
        for path in (self.directory / "absent", self.backups):
            done = run([os.environ["VIGIE"], "fsck", path])
            self.assertEqual(done.returncode, NOT_LOOKED, done.stdout)
            self.assertIn("no store", done.stdout)
        self.assertEqual(list(self.backups.iterdir()), [])
        self.assertEqual(run([os.environ["VIGIE"], "fsck"]).returncode, 2)

    def test_finds_a_lost_end_of_the_log_by_the_anchor(self):
        daemon = self.start()
        self.simulate(daemon)
        anchor = daemon.data_dir / "anchor"
        position = daemon.log_position()
        wait_until("the anchor", lambda: anchor.exists() and
                   int(anchor.read_text(encoding="utf-8").split()[1]) >= position)
        daemon.kill()
        for log in (daemon.data_dir / "store").glob("*.log"):
            log.unlink()
        code, found = fsck(daemon.data_dir)
        self.assertEqual(code, DAMAGED, found)
        self.assertIn("anchor", " ".join(found["damage"]))


if __name__ == "__main__":
    main()
