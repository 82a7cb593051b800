"""An autograder for Gradescope: it marks each sheet against the variant that the sheet names.

The format is described at https://gradescope-autograders.readthedocs.io.
"""

from __future__ import annotations

from backcalc import __version__
from backcalc.worksheets.questions import Handout

SETUP = f"""\
#!/usr/bin/env bash
# Installs backcalc: from the wheel beside this file where there is one.
set -e
apt-get update
apt-get install -y python3 python3-pip python3-venv
python3 -m venv /opt/backcalc
/opt/backcalc/bin/pip install --find-links /autograder/source 'backcalc=={__version__}'
"""

RUN = """\
#!/usr/bin/env bash
# Marks what somebody handed in. AUTOGRADER is where Gradescope keeps its folders.
root="${AUTOGRADER:-/autograder}"
program="${BACKCALC:-/opt/backcalc/bin/backcalc}"
mkdir -p "$root/results"
"$program" check "$root/source/variants" "$root/submission" --format gradescope \\
  -o "$root/results/results.json" --force
if [ ! -f "$root/results/results.json" ]; then
  echo '{"score": 0, "output": "No sheet could be marked. Please tell your teacher."}' \\
    > "$root/results/results.json"
fi
"""


def files(handout: Handout) -> dict[str, str]:
    """Write the folder whose contents, zipped, are uploaded as an autograder."""
    networks = {
        f"gradescope/variants/{name}/network.yaml": text for name, text in handout.networks.items()
    }
    return {"gradescope/setup.sh": SETUP, "gradescope/run_autograder": RUN, **networks}
