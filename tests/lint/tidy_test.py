# SPDX-License-Identifier: Apache-2.0
"""Each rule of tidy finds what it is for and leaves its look-alikes alone."""

import pathlib
import subprocess
import tempfile
import unittest

import tidy

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HASH = "# SPDX-License-Identifier: Apache-2.0\n"
UNDONE = "TO" + "DO"

# (rule, path, text that breaks it, text that keeps it)
CASES = [
    ("LINE_100", "server/a.cc", SPDX + "x" * 101, SPDX + "x" * 100),
    ("SPDX_FIRST", "server/a.cc", "#pragma once\n", SPDX),
    ("SPDX_FIRST", "tests/a.sh", "#!/bin/bash\necho\n", "#!/bin/bash\n" + HASH),
    ("SPDX_FIRST", "config/a.yaml", "a: 1\n", HASH + "a: 1\n"),
    ("NO_SLEEP_IN_TESTS", "tests/a_test.cc", SPDX + "absl::SleepFor(absl::Seconds(1));",
     SPDX + "// No sleep(1) here.\nqueue.WaitUntilEmpty();"),
    ("NO_SLEEP_IN_TESTS", "tests/a.sh", HASH + "make && sleep 1", HASH + "make"),
    ("NO_SLEEP_IN_TESTS", "tests/a.py", HASH + "time.sleep(1)", HASH + "wait_until(ready)"),
    ("NO_CLOCK_OUTSIDE_BASE", "server/engine/a.cc", SPDX + "auto t = absl::Now();",
     SPDX + "auto t = clock.NowMs();  // Not absl::Now."),
    ("NO_CLOCK_OUTSIDE_BASE", "server/rpc/a.cc", SPDX + "std::chrono::system_clock::now()",
     SPDX + "system_clock::now()  // tidy:allow NO_CLOCK_OUTSIDE_BASE because gRPC wants it"),
    ("FILE_500_LINES", "server/a.cc", SPDX + "\n" * 500, SPDX + "\n" * 499),
    ("BANNED_NAME", "server/a.h", SPDX + "class ScopeManager {", SPDX + "class Scopes {"),
    ("BANNED_NAME", "server/a.h", SPDX + "struct IOHandler final", SPDX + "int handler_count;"),
    ("NO_GLOB", "a/CMakeLists.txt", HASH + "file(GLOB sources *.cc)", HASH + "# No GLOB here."),
    ("PURE_ROOMS", "server/stats/a.cc", SPDX + "#include <fstream>", SPDX + "#include <cmath>"),
    ("PURE_ROOMS", "server/decision/a.h", SPDX + '#include "base/clock.h"',
     SPDX + '#include "base/limits.h"'),
    ("TODO_HAS_ISSUE", "server/a.cc", SPDX + f"// {UNDONE} later",
     SPDX + f"// {UNDONE}(#12): audits."),
    ("TODO_HAS_ISSUE", "deploy/a.sh", HASH + f"# {UNDONE}(me) later", HASH + "mktemp -t a.XXXXXX"),
]


def rules_found(path, text):
    return [name for _, name, _ in tidy.findings(path, text)]


class TidyTest(unittest.TestCase):

    def test_each_rule_finds_what_it_is_for(self):
        for name, path, bad, _ in CASES:
            with self.subTest(rule=name, path=path):
                self.assertIn(name, rules_found(path, bad))

    def test_each_rule_leaves_its_look_alikes_alone(self):
        for name, path, _, good in CASES:
            with self.subTest(rule=name, path=path):
                self.assertEqual(rules_found(path, good), [])

    def test_every_rule_has_a_case(self):
        self.assertEqual({name for name, _, _, _ in tidy.RULES}, {case[0] for case in CASES})

    def test_rules_on_places_hold_in_those_places_only(self):
        self.assertEqual(rules_found("client/a.cc", SPDX + "absl::Now()"), [])
        self.assertEqual(rules_found("server/base/clock.cc", SPDX + "absl::Now()"), [])
        self.assertEqual(rules_found("server/store/a.cc", SPDX + "#include <fstream>"), [])

    def test_an_allowance_without_a_reason_or_for_another_rule_does_not_count(self):
        line = SPDX + "absl::Now()  // tidy:allow "
        self.assertIn("NO_CLOCK_OUTSIDE_BASE",
                      rules_found("server/a.cc", line + "NO_CLOCK_OUTSIDE_BASE"))
        self.assertIn("NO_CLOCK_OUTSIDE_BASE",
                      rules_found("server/a.cc", line + "LINE_100 because of that"))

    def test_badly_formatted_code_is_found_and_well_formatted_code_is_not(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            (root / ".clang-format").write_text("BasedOnStyle: Google\n")
            (root / "bad.cc").write_text("int  main( ) {return 0 ;}\n")
            (root / "good.cc").write_text("int main() { return 0; }\n")
            self.assertEqual(tidy.format_findings(root, ["bad.cc", "good.cc"]),
                             ["bad.cc:1: FORMAT: run clang-format -i bad.cc"])

    def test_files_are_found_with_and_without_version_control(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            (root / "server").mkdir()
            (root / "build").mkdir()
            (root / "server" / "a.cc").touch()
            (root / "build" / "b.cc").touch()
            self.assertEqual(tidy.tree_files(root), ["server/a.cc"])
            (root / ".gitignore").write_text("/build/\n")
            subprocess.run(["git", "init", "-q"], cwd=root, check=True)
            self.assertEqual(tidy.tree_files(root), [".gitignore", "server/a.cc"])


if __name__ == "__main__":
    unittest.main()
