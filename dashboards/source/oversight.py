# SPDX-License-Identifier: Apache-2.0
"""Writes ../grafana/oversight.json, the dashboard of an oversight officer.

oversight.py           writes the file
oversight.py --check   exits 1 when the file is not what would be written
"""

import json
import pathlib
import sys

import operation
import verdicts
from panels import VERMILION, annotation, dashboard, datasource_variable, label_variable

TARGET = pathlib.Path(__file__).resolve().parent.parent / "grafana" / "oversight.json"

DESCRIPTION = ("Do people really decide when an AI suggests? Verdicts, and what they rest on, per "
               "organisation, AI system and unit. Undetermined is not a finding of compliance.")


def build():
    variables = [
        datasource_variable(),
        label_variable("job", "Job", "vigie_build_info"),
        label_variable("instance", "Daemon", 'vigie_build_info{job=~"$job"}'),
        label_variable("organisation", "Organisation",
                       'vigie_scope_verdict{job=~"$job",scope="organisation"}'),
        label_variable("system", "AI system",
                       'vigie_scope_verdict{job=~"$job",scope="system",'
                       'organisation=~"$organisation"}'),
        label_variable("unit", "Unit",
                       'vigie_scope_verdict{job=~"$job",scope="unit",'
                       'organisation=~"$organisation"}'),
    ]
    annotations = [
        annotation("Alerts", 'ALERTS{alertname=~"Vigie.*",alertstate="firing"}', VERMILION,
                   "{{alertname}}", "{{organisation}} {{system}} {{unit}} {{source}}"),
    ]
    return dashboard("vigie-oversight", "Vigie: human oversight of AI", DESCRIPTION,
                     ["vigie", "oversight"], variables, annotations,
                     verdicts.rows() + operation.rows())


def main():
    text = json.dumps(build(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(f"{TARGET} is not what {pathlib.Path(__file__).name} writes; run it", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
