# SPDX-License-Identifier: Apache-2.0
"""The lint of dashboards finds what it is for."""

import copy
import json
import unittest

import dashboard_lint

SHIPPED = json.loads((dashboard_lint.DASHBOARDS / "grafana/oversight.json").read_text())


def changed(change):
    dashboard = copy.deepcopy(SHIPPED)
    first = next(panel for panel in dashboard["panels"] if panel["type"] != "row")
    change(dashboard, first)
    return " | ".join(dashboard_lint.findings(dashboard))


class DashboardLintTest(unittest.TestCase):

    def test_the_shipped_dashboard_has_no_finding(self):
        self.assertEqual(list(dashboard_lint.findings(SHIPPED)), [])

    def test_a_sum_over_kinds_of_scope_is_found(self):
        found = changed(lambda _, panel: panel["targets"][0].update(
            expr='sum(vigie_scope_decisions{job=~"$job",unit="a"})'))
        self.assertIn('without scope="..."', found)

    def test_a_regular_expression_over_scopes_is_found(self):
        found = changed(lambda _, panel: panel["targets"][0].update(
            expr='sum(vigie_scope_decisions{job=~"$job",scope=~"unit|system"})'))
        self.assertIn('without scope="..."', found)

    def test_a_fixed_rate_interval_is_found(self):
        found = changed(lambda _, panel: panel["targets"][0].update(
            expr='rate(vigie_ingest_shed_total{job=~"$job"}[5m])'))
        self.assertIn("want [$__rate_interval]", found)

    def test_a_panel_without_words_or_unit_is_found(self):
        def strip(_, panel):
            panel["description"] = ""
            panel["fieldConfig"]["defaults"]["unit"] = ""

        found = changed(strip)
        self.assertIn("no description", found)
        self.assertIn("no unit", found)

    def test_overlapping_panels_and_repeated_ids_are_found(self):
        def collide(dashboard, panel):
            dashboard["panels"][-1]["id"] = panel["id"]
            dashboard["panels"][-1]["gridPos"] = panel["gridPos"]

        found = changed(collide)
        self.assertIn("is used more than once", found)
        self.assertIn("overlaps", found)

    def test_a_colour_that_some_people_cannot_tell_apart_is_found(self):
        found = changed(lambda _, panel: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]
                        .update(color="red"))
        self.assertIn("outside the palette", found)

    def test_an_editable_dashboard_is_found(self):
        self.assertIn("editable", changed(lambda dashboard, _: dashboard.update(editable=True)))


if __name__ == "__main__":
    unittest.main()
