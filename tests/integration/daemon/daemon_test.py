# SPDX-License-Identifier: Apache-2.0
"""vigied as a process: how it starts, refuses, stops, and what it lets out.

VIGIED=.../vigied VIGIE=.../vigie EHR_STREAM=.../ehr_stream python3 daemon_test.py [Class]
"""

import json
import os
import pathlib
import re
import shutil
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from processes import (CONFIG, ROOT, DaemonTest, get, main, run, vigie, vigie_json, vigied,
                       wait_until)

POLICY = ROOT / "config/policies/baseline.yaml"
USAGE, REFUSED = 2, 3
SMALL, MINIMUM_CELL = 10, 11


def records(unit, count, system="triage-1", tag="d"):
    """Lines of a replay file: decisions of one unit, on one day, by three people."""
    for i in range(count):
        at_ms = 1_700_000_000_000 + i * 60_000
        yield json.dumps({
            "decision_id": f"{tag}-{unit}-{i}", "clinician_id": f"{tag}-person-{i % 3}",
            "system_id": system, "unit_id": unit, "seq": i, "t_shown_ms": at_ms,
            "t_decided_ms": at_ms + 9000, "dwell_ms": 9000, "duration_ms": 9000, "initial": "left",
            "initial_ms": 3000, "suggestion": "left", "suggestion_p": None, "final": "left",
            "act": "kept", "truth": "left" if i % 2 else "right", "confidence_initial": 1,
            "confidence_final": 1})


class Arguments(DaemonTest):
    """Flags and files that are wrong, and the flags that only print."""

    def require_refusal(self, done, *words):
        self.assertEqual(done.returncode, USAGE, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, "one sentence, not a trace")
        self.assertFalse((self.directory / "data").exists(), "the data directory was touched")

    def start_with(self, text, *flags):
        config = self.directory / "vigied.yaml"
        config.write_text(text, encoding="utf-8")
        return vigied("--config", config, "--data-dir", self.directory / "data",
                      "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", *flags)

    def test_an_unknown_flag_is_named(self):
        self.require_refusal(vigied("--data-dir", self.directory / "data", "--frobnicate"),
                             "--frobnicate", "--help")

    def test_an_absent_configuration_is_named(self):
        self.require_refusal(vigied("--config", self.directory / "absent.yaml"), "absent.yaml")

    def test_an_unknown_field_is_named_with_its_place_and_the_nearest_one(self):
        self.require_refusal(
            self.start_with(f"policy_file: {POLICY}\ninsecure_listner: true\n"),
            "vigied.yaml:2:1", '"insecure_listner"', '"insecure_listener"')

    def test_a_value_of_the_wrong_type_is_named_with_its_place(self):
        self.require_refusal(
            self.start_with(f"policy_file: {POLICY}\nlimits:\n  max_scopes: many\n"),
            "vigied.yaml:3:15", "max_scopes", "many")

    def test_a_value_out_of_range_is_named(self):
        self.require_refusal(
            self.start_with(f"policy_file: {POLICY}\ninsecure_listener: true\nlimits:\n"
                            "  max_scopes: 0\n"), "max_scopes")

    def test_a_listener_without_tls_has_to_be_asked_for(self):
        self.require_refusal(self.start_with(f"policy_file: {POLICY}\n"), "insecure_listener")

    def test_a_listener_without_tls_stays_on_loopback(self):
        self.require_refusal(vigied("--config", CONFIG, "--data-dir", self.directory / "data",
                                    "--grpc-listen", "0.0.0.0:0"), "grpc_listen", "loopback")

    def test_a_policy_with_a_wrong_field_is_named_with_its_place(self):
        text = POLICY.read_text(encoding="utf-8")
        policy = self.directory / "policy.yaml"
        policy.write_text(text.replace("settle_delay_ms:", "settle_delai_ms:"), encoding="utf-8")
        self.require_refusal(
            self.start_with(f"policy_file: {policy}\ninsecure_listener: true\n"),
            "policy.yaml:", '"settle_delai_ms"', '"settle_delay_ms"')

    def test_checking_the_configuration_names_the_policy_and_touches_nothing(self):
        done = vigied("--config", CONFIG, "--check-config")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"policy baseline version \S+ sha256 [0-9a-f]{64}")
        done = self.start_with(f"policy_file: {POLICY}\n", "--check-config")
        self.assertEqual(done.returncode, USAGE)
        self.assertFalse((self.directory / "data").exists())

    def test_the_printed_configuration_can_be_read_again(self):
        flags = ("--data-dir", self.directory / "data", "--http-listen", "127.0.0.1:0")
        first = vigied("--config", CONFIG, *flags, "--print-config")
        self.assertEqual(first.returncode, 0, first.stderr)
        printed = self.directory / "printed.yaml"
        printed.write_text(first.stdout, encoding="utf-8")
        second = vigied("--config", printed, "--print-config")
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertEqual(second.stdout, first.stdout)

    def test_help_and_version_print_and_end(self):
        text = vigied("--help")
        self.assertEqual(text.returncode, 0)
        for flag in ("--config", "--check-config", "--print-config", "--data-dir", "--grpc-listen",
                     "--http-listen", "--ports-file", "--version", "--help"):
            self.assertIn(flag, text.stdout)
        done = vigied("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^vigied \d+\.\d+\.\d+ \(\S+\)\n$")


class DataDirectory(DaemonTest):
    """Directories that must not be opened: exit code 3 and a sentence that says what to do."""

    def setUp(self):
        super().setUp()
        feed = self.directory / "feed.jsonl"
        feed.write_text("\n".join(records("icu", 200)) + "\n", encoding="utf-8")
        self.daemon = self.start()
        vigie_json(self.daemon, "replay", str(feed))
        self.store = self.daemon.data_dir / "store"

    def kill_once_anchored(self):
        position = self.daemon.log_position()
        anchor = self.daemon.data_dir / "anchor"
        wait_until("the anchor", lambda: anchor.exists() and
                   int(anchor.read_text(encoding="utf-8").split()[1]) >= position)
        self.daemon.kill()

    def require_refusal(self, *words):
        second = self.launch()
        self.assertEqual(second.wait_end(), REFUSED, second.log())
        last = second.log().strip().splitlines()[-1]
        self.assertTrue(last.startswith("vigied: "), last)
        for word in words:
            self.assertIn(word, last)

    def test_locked_by_another_daemon(self):
        self.require_refusal("another vigied", "stop it")
        self.assertEqual(get(f"http://{self.daemon.http}/readyz")[0], 200, "the first is unharmed")

    def test_truncated_current_file(self):
        self.daemon.stop()
        (self.store / "CURRENT").write_bytes(b"")
        self.require_refusal("backup")

    def test_deleted_current_file(self):
        self.daemon.stop()
        (self.store / "CURRENT").unlink()
        self.require_refusal("backup")

    def test_truncated_manifest(self):
        self.daemon.stop()
        for manifest in self.store.glob("MANIFEST-*"):
            manifest.write_bytes(manifest.read_bytes()[:20])
        self.require_refusal("backup")

    def test_deleted_manifest(self):
        self.daemon.stop()
        for manifest in self.store.glob("MANIFEST-*"):
            manifest.unlink()
        self.require_refusal("backup")

    def test_byte_flipped_in_a_table(self):
        self.daemon.kill()
        self.assertEqual(self.start().stop(), 0)  # Recovery writes the log into tables.
        tables = list(self.store.glob("*.sst"))
        self.assertNotEqual(tables, [])
        for table in tables:
            content = bytearray(table.read_bytes())
            content[-60] ^= 0x40  # In the footer or what it points to.
            content[len(content) // 2] ^= 0x40
            table.write_bytes(content)
        self.require_refusal("backup")

    def test_deleted_write_ahead_log(self):
        self.kill_once_anchored()
        for log in self.store.glob("*.log"):
            log.unlink()
        self.require_refusal("anchor", "backup")

    def test_byte_flipped_in_the_write_ahead_log(self):
        self.kill_once_anchored()
        for log in self.store.glob("*.log"):
            content = bytearray(log.read_bytes())
            if content:
                content[len(content) // 3] ^= 0x40
                log.write_bytes(content)
        self.require_refusal("backup")

    def test_deleted_store_beside_its_anchor(self):
        self.kill_once_anchored()
        shutil.rmtree(self.store)
        self.require_refusal("anchor", "backup")

    def test_changed_digit_in_the_pseudonym_key(self):
        self.daemon.stop()
        key = self.daemon.data_dir / "pseudonym.key"
        text = key.read_text(encoding="ascii")
        key.write_text(("1" if text[0] == "0" else "0") + text[1:], encoding="ascii")
        self.require_refusal("pseudonym key", "backup")

    def test_damaged_anchor(self):
        self.kill_once_anchored()
        (self.daemon.data_dir / "anchor").write_text("vigie-anchor-1 12 zz\n", encoding="utf-8")
        self.require_refusal("anchor", "backup")

    def test_sound_after_a_kill_is_opened_and_complete(self):
        closed = vigie_json(self.daemon, "summary")["description"]["closedCount"]
        position = self.daemon.log_position()
        self.daemon.kill()
        again = self.start()
        self.assertGreaterEqual(again.log_position(), position)
        self.assertEqual(vigie_json(again, "summary")["description"]["closedCount"], closed)


class Stop(DaemonTest):
    """SIGTERM, and what is left behind."""

    def test_says_in_its_last_line_what_was_recorded(self):
        daemon = self.start()
        feed = self.directory / "feed.jsonl"
        feed.write_text("\n".join(records("icu", 50)) + "\n", encoding="utf-8")
        sent = vigie_json(daemon, "replay", str(feed))
        position = daemon.log_position()
        self.assertEqual(daemon.stop(), 0)
        last = daemon.log().strip().splitlines()[-1]
        self.assertIn("msg=stopped", last)
        self.assertIn(f" events={sent['events']} ", last)
        self.assertIn(f" log_position={position} ", last)
        self.assertIn(f" view_position={position}", last)

    def test_ports_file_is_one_line_of_json(self):
        daemon = self.start()
        self.assertEqual(sorted(daemon.ports()), ["grpc", "http"])
        self.assertEqual(get(f"http://{daemon.http}/healthz"), (200, "alive\n"))
        self.assertEqual(get(f"http://{daemon.http}/readyz"), (200, "ready\n"))
        self.assertEqual(vigie(daemon, "policy", "show").returncode, 0)

    def test_next_start_has_nothing_to_catch_up(self):
        feed = self.directory / "feed.jsonl"
        feed.write_text("\n".join(records("icu", 50)) + "\n", encoding="utf-8")
        first = self.start()
        vigie_json(first, "replay", str(feed))
        self.assertEqual(first.stop(), 0)
        self.assertRegex(self.start().log(), r"caught up with the log\" records=0 duration_ms=\d+")

    def test_port_taken_ends_with_code_one(self):
        first = self.start()
        done = vigied("--config", CONFIG, "--data-dir", self.directory / "other",
                      "--grpc-listen", first.grpc, "--http-listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("grpc_listen", done.stderr)


class Doors(DaemonTest):
    """What no client of ours would send."""

    def exchange(self, address, data):
        """The first bytes that come back for `data`; empty when the connection was only closed."""
        host, port = address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            try:
                connection.sendall(data)
                return connection.recv(4096)
            except ConnectionError:
                return b""

    def test_http_says_what_it_refuses(self):
        daemon = self.start()
        head = b" /metrics HTTP/1.1\r\nHost: x\r\n"
        for request, status in ((b"GET" + head + b"X: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
                                (b"POST" + head + b"Content-Length: 1\r\n\r\nx", b"413"),
                                (b"DELETE" + head + b"\r\n", b"405"),
                                (b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n", b"404")):
            answer = self.exchange(daemon.http, request)
            self.assertEqual(answer.split(b" ", 2)[1], status, answer)

    def test_garbage_on_either_port_harms_nobody(self):
        daemon = self.start()
        garbage = bytes(range(256)) * 800
        for address in (daemon.grpc, daemon.http):
            self.exchange(address, garbage)
            self.exchange(address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + garbage)
        self.assertEqual(get(f"http://{daemon.http}/readyz"), (200, "ready\n"))
        self.assertEqual(vigie(daemon, "policy", "show").returncode, 0)


class Logs(DaemonTest):
    """What leaves the daemon by its log and by /metrics."""

    def test_hold_no_identifier_of_person_decision_or_event(self):
        daemon = self.start()
        feed = self.directory / "feed.jsonl"
        feed.write_text("\n".join(records("icu", 60, tag="canary")) + "\n", encoding="utf-8")
        vigie_json(daemon, "replay", str(feed))
        self.assertEqual(vigie(daemon, "decision", "canary-icu-1").returncode, 0)
        self.assertEqual(vigie(daemon, "decision", "canary-absent").returncode, 1)
        vigie_json(daemon, "actor", "canary-person-1", "--reason", "canary-reason")
        self.assertEqual(vigie(daemon, "actor", "canary-nobody", "--reason", "none").returncode, 1)
        self.assertIn('unit="icu"', daemon.metrics())
        self.assertNotIn("canary", daemon.metrics())
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("canary", daemon.log())

    def test_are_lines_of_key_and_value(self):
        daemon = self.start()
        daemon.stop()
        for line in daemon.log().strip().splitlines():
            self.assertRegex(line, r"^time=\S+Z level=(info|warn|error) room=\w+ msg=")


class Example(DaemonTest):
    """client/examples/ehr_stream.cc, the page an EHR vendor starts from."""

    def test_sends_three_decisions_that_are_all_acknowledged(self):
        daemon = self.start()
        done = run([os.environ["EHR_STREAM"], daemon.grpc])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout,
                         "acknowledged 15 of 15 events (0 duplicates, 0 refused)\n")
        found = vigie_json(daemon, "sources")["sources"]
        source = [row for row in found if row["source"]["sourceId"] == "example-ehr"][0]
        self.assertEqual(sum(int(row["count"]) for row in source["delivered"]), 15)
        self.assertEqual(source["lastSequence"], "15")

    def test_says_how_to_use_it(self):
        done = run([os.environ["EHR_STREAM"]])
        self.assertEqual(done.returncode, 2)
        self.assertIn("usage: ehr_stream HOST:PORT", done.stderr)


class Simulated(DaemonTest):
    """One simulated hospital through the command, the wire and the daemon."""

    def test_hospital_gets_the_verdicts_it_deserves(self):
        daemon = self.start()
        done = vigie(daemon, "simulate", "--seed", "5", "--decisions", "6000")
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = {}
        for line in done.stdout.splitlines():
            found = re.match(r"(\S+)\s.*\s(concrete and significant|effectively automated|"
                             r"undetermined)\s*$", line)
            if found:
                expected[found.group(1)] = f"VERDICT_{found.group(2).replace(' ', '_').upper()}"
        self.assertGreaterEqual(len(expected), 6, done.stdout)
        self.assertEqual(len(set(expected.values())), 3, expected)
        verdicts = {row["scope"]["unitId"]: row["verdict"]
                    for row in vigie_json(daemon, "scopes")["scopes"]
                    if row["scope"]["unitId"] and not row["scope"]["systemId"]}
        for unit, verdict in expected.items():
            self.assertEqual(verdicts[unit], verdict, unit)


class SlowLink(DaemonTest):
    """A daemon behind a link on which connecting takes most of a second, as over TLS or a WAN."""

    LATENCY_SECONDS = 0.6

    def relay(self, target):
        """An address that passes everything on, the first bytes of the daemon late."""
        host, port = target.split(":")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        never = threading.Event()

        def pump(source, sink, late):
            if late:
                never.wait(self.LATENCY_SECONDS)
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                return

        def accept():
            while True:
                try:
                    near, _ = listener.accept()
                except OSError:
                    return
                far = socket.create_connection((host, int(port)))
                for source, sink, late in ((near, far, False), (far, near, True)):
                    threading.Thread(target=pump, args=(source, sink, late), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    def test_is_waited_for_by_the_command(self):
        relayed = self.relay(self.start().grpc)
        done = run([os.environ["VIGIE"], "--server", relayed, "policy", "show"])
        self.assertEqual(done.returncode, 0, done.stderr)


class Disclosure(DaemonTest):
    """A unit of ten decisions cannot be seen, nor found by subtraction."""

    def setUp(self):
        super().setUp()
        feed = self.directory / "feed.jsonl"
        lines = [line for unit, count in (("large", 60), ("middle", 30), ("small", SMALL))
                 for line in records(unit, count)]
        feed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.daemon = self.start()
        vigie_json(self.daemon, "replay", str(feed))

    def require_no_figures(self, summary):
        self.assertIn(summary["suppression"],
                      ("SUPPRESSION_SMALL_CELL", "SUPPRESSION_COMPLEMENTARY"))
        figures = {name: value for name, value in summary.items() if name not in (
            "scope", "period", "policy", "asOf", "caveats", "suppression")}
        # No number and no verdict but the one that says nothing.
        text = json.dumps(figures)
        self.assertIsNone(re.search(r'"[1-9]\d*"|: [1-9]|: 0\.\d', text), text)
        self.assertNotIn("CONCRETE_AND_SIGNIFICANT", text)
        self.assertNotIn("EFFECTIVELY_AUTOMATED", text)

    def test_withholds_the_summary_of_a_small_unit(self):
        for flags in ((), ("--system", "triage-1")):
            summary = vigie_json(self.daemon, "summary", "--unit", "small", *flags)
            self.require_no_figures(summary)
            self.assertEqual(summary["suppression"], "SUPPRESSION_SMALL_CELL")

    def test_withholds_another_unit_so_that_subtraction_finds_nothing(self):
        for flags in ((), ("--period", "day:2023-11-14"), ("--period", "week:2023-W46"),
                      ("--period", "month:2023-11")):
            whole = vigie_json(self.daemon, "summary", *flags)
            shown = 0
            hidden = 0
            for unit in ("large", "middle", "small"):
                summary = vigie_json(self.daemon, "summary", "--unit", unit, *flags)
                if summary["suppression"] == "SUPPRESSION_NONE":
                    shown += int(summary["description"]["closedCount"])
                else:
                    self.require_no_figures(summary)
                    hidden += 1
            self.assertGreaterEqual(hidden, 2, flags)
            if whole["suppression"] == "SUPPRESSION_NONE":
                rest = int(whole["description"]["closedCount"]) - shown
                self.assertGreaterEqual(rest, MINIMUM_CELL, flags)
                self.assertNotEqual(rest, SMALL, flags)

    def test_withholds_it_in_the_list_of_scopes(self):
        rows = vigie_json(self.daemon, "scopes")["scopes"]
        small = [row for row in rows if row["scope"]["unitId"] == "small"]
        self.assertEqual(len(small), 2)
        for row in small:
            self.assertEqual(row["suppression"], "SUPPRESSION_SMALL_CELL")
            self.assertEqual(row["closedCount"], "0")
        withheld = {row["scope"]["unitId"] for row in rows if row["closedCount"] == "0"}
        self.assertEqual(withheld, {"small", "middle"})

    def test_withholds_it_in_metrics(self):
        units = {"large": 0, "middle": 0, "small": 0}
        for line in self.daemon.metrics().splitlines():
            for unit in units:
                if f'unit="{unit}"' in line and not line.startswith("vigie_scope_suppressed"):
                    units[unit] += 1
        self.assertGreater(units["large"], 0)
        self.assertEqual((units["middle"], units["small"]), (0, 0), self.daemon.metrics())


if __name__ == "__main__":
    main()
