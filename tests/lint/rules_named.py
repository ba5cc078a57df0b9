#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every numbered rule of the measurement has a test whose name says it.

rules_named.py BUILD_DIRECTORY   prints the rules without one; exits 1 when there are any
"""

import re
import subprocess
import sys

RULES = [f"{letter}{number}" for letter, numbers in (
    ("L", range(1, 12)), ("R", range(10)), ("N", range(1, 5)), ("V", range(1, 8)), ("I", (5,)))
         for number in numbers]


def main():
    listed = subprocess.run(["ctest", "--test-dir", sys.argv[1], "-N"], capture_output=True,
                            text=True, check=True).stdout
    names = re.findall(r"Test +#\d+: (\S+)", listed)
    missing = [rule for rule in RULES
               if not any(re.search(rf"{rule}(?!\d)", name) for name in names)]
    for rule in missing:
        print(f"{rule}: no test has it in its name")
    print(f"{len(RULES) - len(missing)} of {len(RULES)} rules are named by {len(names)} tests")
    return 1 if missing or not names else 0


if __name__ == "__main__":
    sys.exit(main())
