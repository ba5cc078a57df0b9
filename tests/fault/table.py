# SPDX-License-Identifier: Apache-2.0
"""Prints what the faults cost, one row each, and forgets it: table.py ROWS_DIRECTORY

Exits 1 where something acknowledged was lost or recorded twice, or where the negative control lost
nothing; 77 where no fault was tried.
"""

import json
import pathlib
import sys

SHAPE = "{:<44} {:>7} {:>13} {:>9} {:>11}"
SKIPPED = 77


def sound(row):
    if row["control"]:
        return row["lost"] > 0
    return row["lost"] == 0 and row["duplicated"] == 0


def main():
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
    if not files:
        print("no fault was tried")
        return SKIPPED
    rows = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    print(SHAPE.format("fault", "rounds", "acknowledged", "lost", "duplicated"))
    for row in sorted(rows, key=lambda each: (each["control"], each["fault"])):
        name = row["fault"] + (" (must lose)" if row["control"] else "")
        print(SHAPE.format(name, row["rounds"], f"{row['acknowledged']:,}", f"{row['lost']:,}",
                           f"{row['duplicated']:,}"))
    for file in files:
        file.unlink()
    return 0 if all(sound(row) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
