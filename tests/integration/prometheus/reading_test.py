# SPDX-License-Identifier: Apache-2.0
"""What the readers of pages, catalogues and expressions promise."""

import unittest

import promql
from exposition import Catalogue, Page

PAGE = """# HELP vigie_x_seconds How long.
# TYPE vigie_x_seconds histogram
vigie_x_seconds_bucket{le="0.1"} 1
vigie_x_seconds_bucket{le="+Inf"} 2
vigie_x_seconds_sum 0.5
vigie_x_seconds_count 2
# HELP vigie_y A "count".
# TYPE vigie_y gauge
vigie_y{unit="a \\"b\\", c}",system="t\\\\u"} 3 1700000000000
vigie_y 4
"""

CATALOGUE = """
| label | values |
|---|---|
| `scope` | `unit` `system` |
| `unit` | open |

| metric | type | labels | meaning |
|---|---|---|---|
| `vigie_y` | gauge | S, `degree` | A count. |
| `vigie_x_seconds` | histogram | | How long. |
"""


class PageTest(unittest.TestCase):

    def test_the_series_of_a_histogram_belong_to_one_metric(self):
        self.assertEqual(Page(PAGE).metrics(), {"vigie_x_seconds", "vigie_y"})

    def test_escaped_label_values_are_read_as_they_were_meant(self):
        labels = Page(PAGE).samples[-2][1]
        self.assertEqual(labels, {"unit": 'a "b", c}', "system": "t\\u"})

    def test_help_and_type_are_kept_by_metric(self):
        page = Page(PAGE)
        self.assertEqual(page.types["vigie_x_seconds"], "histogram")
        self.assertEqual(page.helps["vigie_y"], 'A "count".')

    def test_a_line_that_is_no_sample_is_refused(self):
        with self.assertRaises(ValueError):
            Page("vigie_y{unit=} three\n")


class CatalogueTest(unittest.TestCase):

    def test_scope_labels_are_written_out(self):
        labels = Catalogue(CATALOGUE).metrics["vigie_y"][1]
        self.assertEqual(labels,
                         {"scope", "organisation", "system", "version", "unit", "degree"})

    def test_a_label_is_closed_or_open(self):
        self.assertEqual(Catalogue(CATALOGUE).labels, {"scope": {"unit", "system"}, "unit": None})


class PromqlTest(unittest.TestCase):

    def test_functions_groupings_and_keywords_are_no_selectors(self):
        expr = ("sum by (unit, le) (rate(vigie_a_bucket{scope=\"unit\",x=~\"b{2}\"}[1m])) "
                "and ignoring (verdict) group_left vigie_b > bool 3 or vector(0)")
        self.assertEqual(promql.selectors(expr),
                         [("vigie_a_bucket", 'vigie_a_bucket{scope="unit",x=~"b{2}"}'),
                          ("vigie_b", "vigie_b")])

    def test_a_selector_without_braces_before_a_range_is_found(self):
        self.assertEqual(promql.metrics("delta(vigie_a[5m] offset 1h) / on(x) vigie_b"),
                         {"vigie_a", "vigie_b"})

    def test_variables_are_replaced_longest_name_first(self):
        expr = 'rate(a{system=~"$system",v=~"$system_version",u="${unit:regex}"}[$__rate_interval])'
        self.assertEqual(promql.substituted(expr, ["system", "system_version", "unit"]),
                         'rate(a{system=~".*",v=~".*",u=".*"}[1m])')


if __name__ == "__main__":
    unittest.main()
