# SPDX-License-Identifier: Apache-2.0
"""What the account of failed tests promises."""

import unittest
import xml.etree.ElementTree as ElementTree

import failed

JUNIT = ElementTree.fromstring("""<testsuite>
  <testcase name="A.Passes" status="run"><system-out>fine</system-out></testcase>
  <testcase name="B.Fails" status="fail"><failure message=""/><system-out>first
last</system-out></testcase>
  <testcase name="C.SaysNothing" status="fail"><failure message=""/></testcase>
  <testcase name="D.Skips" status="notrun"><system-out>skipped</system-out></testcase>
</testsuite>""")


class Failed(unittest.TestCase):
    """Who has only the end of a run learns which test failed, and why."""

    def test_every_failed_test_is_named_with_what_it_said_last(self):
        self.assertEqual(failed.report(JUNIT), "failed test: B.Fails\n  first\n  last\n"
                                               "failed test: C.SaysNothing\n")

    def test_only_the_last_lines_are_told_and_long_ones_are_cut(self):
        output = "\n".join(["x" * 1000] * (failed.LAST_LINES + 1))
        junit = ElementTree.fromstring(f"""<testsuite><testcase name="A" status="fail">
            <system-out>{output}</system-out></testcase></testsuite>""")
        lines = failed.report(junit).splitlines()
        self.assertEqual(len(lines), 1 + failed.LAST_LINES)
        self.assertEqual(len(lines[-1]), 2 + failed.LINE_CHARACTERS)

    def test_a_run_without_failures_says_nothing(self):
        self.assertEqual(failed.report(ElementTree.fromstring("<testsuite/>")), "")


if __name__ == "__main__":
    unittest.main()
