"""An autograder for Gradescope: it marks each sheet against the variant that the sheet names.

The format is described at https://gradescope-autograders.readthedocs.io.
"""

from __future__ import annotations

from backcalc import __version__
from backcalc.errors import texts
from backcalc.worksheets.questions import Handout


def files(handout: Handout) -> dict[str, str]:
    """Write the folder whose contents, zipped, are uploaded as an autograder."""
    networks = {
        f"gradescope/variants/{name}/network.yaml": text for name, text in handout.networks.items()
    }
    own = texts(__package__, "platforms.txt")
    setup = own["gradescope/setup.sh"].replace("VERSION", __version__)
    run = own["gradescope/run_autograder"]
    return {"gradescope/setup.sh": setup, "gradescope/run_autograder": run, **networks}
