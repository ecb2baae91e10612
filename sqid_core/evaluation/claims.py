"""What numbers may claim beyond the queries that they are of: nothing, where rankings chose the pairs that were judged.

Labels that were given because rankings contradict the published ones move towards these rankings, whoever judges: under
them a mean still is what it is, and an interval, a p or a verdict would speak of queries whose labels nobody asked for
(docs/decisions/0039). `Dataset.labels_chosen` says so of a data set; tables and numbers go through here.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ..types import Floats

# The columns of any table that say how sure another one is.
_CLAIM = re.compile(r"(.+ )?(low|high|p|p Holm|detectable)")


def without_claims(table: pd.DataFrame, chosen: bool) -> pd.DataFrame:
    """The same table and, where the labels are chosen, nan for ends of intervals, p and detectable differences."""
    claims = [name for name in table if _CLAIM.fullmatch(str(name))] if chosen else []
    return table.assign(**{str(name): np.nan for name in claims}) if claims else table


def unclaimed(values: Floats, chosen: bool) -> Floats:
    """The same ends or p values; nan where the labels are chosen."""
    return np.full_like(values, np.nan) if chosen else values
