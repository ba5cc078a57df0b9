# SPDX-License-Identifier: Apache-2.0
"""Says what the failed tests of a ctest run said last.

failed.py JUNIT_FILE

JUNIT_FILE is from `ctest --output-junit`. Prints nothing when no test failed: the lines stand at
the end of a long run, where a reader who has only its end still learns why it failed.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

LAST_LINES = 30
LINE_CHARACTERS = 400


def report(junit):
    """The text to print: each failed test's name and its last lines, each cut to a length."""
    said = []
    for case in junit.iter("testcase"):
        if case.get("status") != "fail":
            continue
        lines = (case.findtext("system-out") or "").splitlines()
        said.append(f"failed test: {case.get('name')}")
        said += ["  " + line[:LINE_CHARACTERS] for line in lines[-LAST_LINES:]]
    return "".join(line + "\n" for line in said)


def main():
    print(report(ElementTree.parse(pathlib.Path(sys.argv[1])).getroot()), end="")


if __name__ == "__main__":
    main()
