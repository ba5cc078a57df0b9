#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon against an independent reading of the same log, over 20 simulated hospitals.

VIGIED=.../vigied VIGIE=.../vigie python3 oracle_test.py

Counts must be equal, logarithms equal within 1e-9.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from processes import (  # pylint: disable=wrong-import-position
    CONFIG, ROOT, DaemonTest, main, vigie, vigie_json)

import degree  # pylint: disable=wrong-import-position
import oracle  # pylint: disable=wrong-import-position

SEEDS = 20
SIMULATION = ("simulate", "--decisions", "600", "--units", "4")


def scope_flags(scope):
    names = (("--system", "systemId"), ("--system-version", "systemVersion"), ("--unit", "unitId"))
    return [part for flag, field in names if scope[field] for part in (flag, scope[field])]


def want_proportion(counts):
    return {"successes": str(counts.successes), "trials": str(counts.trials)}


class Oracle(DaemonTest):
    """One test a claim."""

    def compare(self, daemon):
        """Every scope that is shown; returns how many figures were equal."""
        log = oracle.Log()
        log.read(vigie(daemon, "export").stdout.splitlines())
        tallies = log.tallies(len(log.policies))
        policy, checked = log.policies[-1], 0
        listed = vigie_json(daemon, "scopes")["scopes"]
        self.assertEqual(len(listed), len(tallies))
        for row in listed:
            scope = row["scope"]
            if row["suppression"] != "SUPPRESSION_NONE":
                continue
            key = tuple(scope[f] for f in ("organisationId", "systemId", "systemVersion", "unitId"))
            summary = vigie_json(daemon, "summary", *scope_flags(scope))
            checked += self.compare_scope(summary, tallies[key], policy, log, bool(key[3]))
        return checked + self.compare_decisions(daemon, log)

    def compare_scope(self, got, tally, policy, log, single_unit):
        checked = 0

        def equal(found, wanted, what):
            nonlocal checked
            checked += 1
            self.assertEqual(found, wanted, f"{what} of {got['scope']}")

        described = got["description"]
        equal(int(described["closedCount"]), tally.closed, "closed")
        equal(int(described["batchCount"]), tally.batch, "batch")
        equal(int(described["lateEventCount"]), tally.late, "late")
        equal(int(described["truthUncountedCount"]), tally.uncounted, "uncounted truths")
        for field, payload in (("reversedCount", "reversed"), ("contestedCount", "contested"),
                               ("recourseReviewedCount", "recourseReviewed"),
                               ("sameReviewerCount", "sameReviewer"),
                               ("patientInformedCount", "patientInformed")):
            equal(int(described["rights"][field]), tally.rights[payload], field)
        if tally.opportunistic.trials:
            equal(described["opportunisticVigilance"], want_proportion(tally.opportunistic),
                  "opportunistic vigilance")
        for degree in got["degrees"]:
            name = degree["degree"]
            equal(int(degree["count"]), tally.degrees[name], name)
            for reason in degree["reasons"]:
                equal(int(reason["count"]), tally.reasons[name, reason["reason"]], reason["reason"])
        equal(sum(len(degree["reasons"]) for degree in got["degrees"]),
              sum(count > 0 for count in tally.reasons.values()), "number of reasons")
        if tally.coverage.trials:
            equal(got["coverage"], want_proportion(tally.coverage), "coverage")
        workload = got["workload"]
        equal(int(workload["unknown"]), tally.workload.unknown, "workload unknown")
        equal(int(workload["limitedTimeCount"]), tally.limited_time, "limited time")
        equal(int(workload["minimumMs"]), tally.minimum_ms, "minimum time")
        if tally.workload.trials:
            equal(workload["feasible"], want_proportion(tally.workload), "feasible workload")
        if tally.switches.trials:
            equal(got["reliance"]["switchFraction"], want_proportion(tally.switches), "switch")
        self.compare_cells(got["reliance"], tally, equal, log, policy, single_unit)
        verdict, corroborated, rows = oracle.conclude(tally, policy, log, single_unit)
        if got["changeAlarmOpen"] and verdict == "VERDICT_CONCRETE_AND_SIGNIFICANT":
            verdict = "VERDICT_UNDETERMINED"  # V4.
        equal(got["verdict"], verdict, "verdict")
        if verdict == "VERDICT_EFFECTIVELY_AUTOMATED":
            equal(got["certainty"] == "CERTAINTY_CORROBORATED", corroborated, "certainty")
        by_key = {(row["indicator"], row["origin"].replace("TRUTH_ORIGIN_UNSPECIFIED", ""),
                   row["originId"]): row for row in got["indicators"]}
        for indicator, origin, counts, below, above in rows:
            row = by_key[(indicator, *origin)]
            equal((int(row["successes"]), int(row["trials"]), int(row["unknown"])),
                  (counts.successes, counts.trials, counts.unknown), indicator)
            self.assertAlmostEqual(row["logEBelow"], below, delta=1e-9)
            self.assertAlmostEqual(row["logEAbove"], above, delta=1e-9)
            checked += 2
        return checked

    def compare_cells(self, got, tally, equal, log, policy, single_unit):
        """Of the strongest origin that counts, neither seeded nor a part of a stratified draw."""
        def fits(origin):
            if origin[0] == oracle.SEEDED or not any(
                    count for key, count in tally.cells[origin].items()
                    if isinstance(key[0], bool)):
                return False
            if origin[0] == oracle.ASSERTED:
                return True
            draw = next(d for key, d in log.draws.items() if key[1] == origin[1])
            whole = draw["strata"] == 1 or (draw["by_unit"] and single_unit)
            return whole and oracle.responded(log, origin[1],
                                              policy["truth"]["minimumResponseRatio"])

        order = [oracle.DRAWN, oracle.ASSERTED]
        origins = sorted(filter(fits, tally.cells),
                         key=lambda origin: (order.index(origin[0]), origin[1]))
        if not origins:
            equal(got["origin"], "TRUTH_ORIGIN_UNSPECIFIED", "reliance")
            return
        equal(got["origin"], origins[0][0], "reliance")
        cells = tally.cells[origins[0]]
        for name, wrong, not_taken in (("aiRightAccepted", False, False),
                                       ("aiRightNotAccepted", False, True),
                                       ("aiWrongAccepted", True, False),
                                       ("aiWrongNotAccepted", True, True)):
            equal(int(got[name]), cells[wrong, not_taken], name)
        for name in ("rair", "rsr"):
            trials = cells[name, True] + cells[name, False]
            if trials:
                equal(got[name], {"successes": str(cells[name, True]), "trials": str(trials)}, name)

    def compare_decisions(self, daemon, log):
        checked = 0
        for row in vigie_json(daemon, "decisions", "--limit", "100000")["decisions"]:
            decision = log.decisions[row["scope"]["organisationId"], row["decisionId"]]
            self.assertEqual(row["state"], "DECISION_STATE_" + decision.state.upper())
            if decision.state != "closed":
                continue
            self.assertEqual(row["degree"], decision.finding.degree, row["decisionId"])
            self.assertEqual({reason["reason"] for reason in row["reasons"]},
                             set(decision.finding.reasons), row["decisionId"])
            checked += 2
        self.assertGreater(checked, 0)
        return checked

    def draw_and_return(self, daemon):
        """A draw by unit, its truths returned for all but a few; every third suggestion wrong."""
        draw = vigie_json(daemon, "audit", "draw", "--fraction", "0.3", "--stratify", "unit",
                          "--seed", "oracle")
        rows = ["decision_id,system_id,code_system,code"]
        for i, drawn in enumerate(draw["decisions"][:-2]):
            decision = vigie_json(daemon, "decision", drawn["decisionId"])
            issued = next(e["event"]["issued"] for e in decision["events"]
                          if "issued" in e["event"])
            code = issued["suggestions"][0]
            system = decision["decision"]["scope"]["systemId"]
            rows.append(f"{drawn['decisionId']},{system},{code['system']},"
                        f"{'other' if i % 3 == 0 else code['code']}")
        path = daemon.directory / "truths.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        done = vigie(daemon, "audit", "return", draw["draw"]["drawId"], str(path))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_simulated_hospitals_of_twenty_seeds(self):
        checked = 0
        for seed in range(1, SEEDS + 1):
            daemon = self.start(f"seed-{seed}")
            done = vigie(daemon, *SIMULATION, "--seed", str(seed))
            self.assertEqual(done.returncode, 0, done.stderr)
            checked += self.compare(daemon)
            daemon.stop()
        print(f"{checked} figures of {SEEDS} hospitals are those of the oracle")

    def test_a_drawn_audit_and_a_plan_of_seeded_items(self):
        first = self.start("first")
        self.assertEqual(vigie(first, *SIMULATION, "--seed", "99").returncode, 0)
        some = vigie_json(first, "decisions", "--limit", "400")["decisions"]
        planted = [row for row in some if row["state"] == "DECISION_STATE_CLOSED"][::20]
        first.stop()
        daemon = self.start("second")
        items = daemon.directory / "items.csv"
        items.write_text("decision_id,suggestion,truth\n" + "".join(
            f"{row['decisionId']},planted,right\n" for row in planted), encoding="utf-8")
        done = vigie(daemon, "probe", "commit", "plan-1", str(items), "--organisation",
                     planted[0]["scope"]["organisationId"], "--system",
                     planted[0]["scope"]["systemId"], "--ethics", "CER-1", "--stop-after", "10",
                     "--rate-permille", "200")
        self.assertEqual(done.returncode, 0, done.stderr)
        # Items are handed out by the pace of decisions, so a first hospital goes before.
        self.assertEqual(vigie(daemon, *SIMULATION, "--seed", "98").returncode, 0)
        for i in range(len(planted) - 2):
            vigie_json(daemon, "probe", "hand-out", "plan-1", "--actor", f"person-{i}")
        self.assertEqual(vigie(daemon, *SIMULATION, "--seed", "99").returncode, 0)
        self.draw_and_return(daemon)
        checked = self.compare(daemon)
        plan = vigie_json(daemon, "probe", "list")["plans"][0]
        self.assertEqual(int(plan["closedCount"]), len(planted))
        print(f"{checked} figures with draws and {len(planted)} seeded items are the oracle's")

    def test_a_policy_with_minima_and_required_evidence(self):
        """Time minima, and so workload, and every reason of R7."""
        text = (ROOT / "config/policies/baseline.yaml").read_text(encoding="utf-8")
        text = text.replace("unaided_permille: 250", "unaided_permille: 250\n  floor_ms: 400000")
        text = text.replace("independent_evidence_required: false",
                            "independent_evidence_required: true")
        (self.directory / "strict.yaml").write_text(text, encoding="utf-8")
        config = self.directory / "vigied.yaml"
        config.write_text(CONFIG.read_text(encoding="utf-8").replace(
            "policies/baseline.yaml", str(self.directory / "strict.yaml")), encoding="utf-8")
        daemon = self.start(config=config)
        self.assertEqual(vigie(daemon, *SIMULATION, "--seed", "7").returncode, 0)
        checked = self.compare(daemon)
        feasible = vigie_json(daemon, "summary")["workload"]["feasible"]
        self.assertGreater(int(feasible["trials"]), 100)
        print(f"{checked} figures under minima and required evidence are the oracle's")

    def test_finds_a_single_wrong_rule(self):
        """An oracle that reads one rule otherwise does not agree: the comparison can fail."""
        daemon = self.start()
        self.assertEqual(vigie(daemon, *SIMULATION, "--seed", "3").returncode, 0)
        right = degree.Finding.is_independent
        degree.Finding.is_independent = lambda finding: False
        try:
            with self.assertRaises(AssertionError):
                self.compare(daemon)
        finally:
            degree.Finding.is_independent = right


if __name__ == "__main__":
    main()
