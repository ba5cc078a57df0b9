# SPDX-License-Identifier: Apache-2.0
"""What the list of skipped tests promises."""

import unittest
import xml.etree.ElementTree as ElementTree

import skipped

JUNIT = ElementTree.fromstring("""<testsuite>
  <testcase name="A.Runs" status="run"><system-out>[  PASSED  ] 1 test.</system-out></testcase>
  <testcase name="A.Skips" status="notrun"><skipped message="x"/>
    <system-out>[  SKIPPED ] A.Skips (0 ms)\n</system-out></testcase>
  <testcase name="Replay" status="notrun"><system-out>no ../shared/data here</system-out></testcase>
  <testcase name="Labelled" status="notrun"><system-out>nothing to do</system-out></testcase>
  <testcase name="Whole" status="run"><system-out>
[ RUN      ] B.One
[  SKIPPED ] B.One (0 ms)
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] B.One
</system-out></testcase>
  <testcase name="Python" status="run"><system-out>OK (skipped=2)\n</system-out></testcase>
</testsuite>""")
LISTING = {"tests": [{"name": "Labelled",
                      "properties": [{"name": "LABELS", "value": ["integration", "shared"]}]},
                     {"name": "A.Runs"}]}


class SkippedTest(unittest.TestCase):

    def test_all_skipped_tests_are_counted_and_named(self):
        line, _ = skipped.report(JUNIT, LISTING, False)
        self.assertEqual(line, "skipped: 6 (A.Skips, Replay, Labelled, Whole: B.One, Python: 1, "
                               "Python: 2)")

    def test_tests_that_need_shared_are_known_by_label_or_output(self):
        _, needed = skipped.report(JUNIT, LISTING, True)
        self.assertEqual(needed, ["Replay", "Labelled"])

    def test_without_shared_nothing_is_held_against_a_skip(self):
        self.assertEqual(skipped.report(JUNIT, LISTING, False)[1], [])

    def test_a_run_without_skips_says_zero(self):
        empty = ElementTree.fromstring('<testsuite><testcase name="A" status="run"/></testsuite>')
        self.assertEqual(skipped.report(empty, LISTING, True), ("skipped: 0", []))


if __name__ == "__main__":
    unittest.main()
