"""neleval 3.1.1 as a process: a job a line on stdin, its figures a line on stdout, both JSON.

neleval was written for Python 2.7 to 3.6: `collections.Sequence` and `numpy.int` are put back
here, in a process of their own, so that no other test sees them. Its SciPy path is closed: it
is wrong for spans that coincide (`true_indptr` takes the vocabulary's length).
"""

import collections
import collections.abc
import json
import sys
import warnings

import numpy as np

collections.Sequence = collections.abc.Sequence
np.int = int
sys.modules["scipy"] = None
warnings.simplefilter("ignore")

from neleval.configs import MEASURES  # noqa: E402 - only after the names are back
from neleval.evaluate import Evaluate  # noqa: E402 - only after the names are back
from neleval.significance import _percentile  # noqa: E402


def answer(job):
    if "percentile" in job:
        return _percentile(sorted(job["values"]), job["percentile"])
    if "list" in job:
        return sorted(MEASURES)
    evaluate = Evaluate(
        job["predicted"], job["gold"], measures=job["measures"], group_by=job["group_by"]
    )
    return evaluate()


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line)), default=float), flush=True)
