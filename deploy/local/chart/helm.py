"""Helm for tests: takes requests as lines of JSON, gives an answer as a line of JSON for each.

{"chart": FOLDER, "values": {…}, "release": NAME, "namespace": NAME}  →  {"manifests": {TEMPLATE: TEXT}} or {"refused": TEXT}
{"lint": FOLDER, "values": {…}}  →  {"messages": [{"severity": 0-3, "path": …, "error": …}]}
"""

import json
import sys

from helm_python import chart, errors


def answer(request):
    if "lint" in request:
        return {"messages": chart.lint(request["lint"], request["values"], strict=True)["messages"]}
    try:
        loaded = chart.Chart.load(request["chart"])
        return {
            "manifests": loaded.render(
                request["values"],
                name=request["release"],
                namespace=request["namespace"],
                is_install=True,
            )
        }
    except errors.HelmError as error:
        return {"refused": str(error)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
