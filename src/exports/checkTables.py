"""Reads the rows of a run with pandas and Hugging Face datasets, and prints as JSON what each of them sees.

Usage: python checkTables.py ROWS.jsonl ROWS.parquet. Used by tables.test.ts.
"""

import json
import math
import sys
import tempfile
from collections.abc import Iterable

import datasets
import pandas


def plain(value: object) -> object:
    """Missing values as null, times in milliseconds."""
    if value is None or value is pandas.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if hasattr(value, "timestamp"):
        return round(value.timestamp() * 1000)
    return value


def seen(records: Iterable[dict[str, object]]) -> dict[str, object]:
    """How many rows there are, and those that the test knows; the others are there for the size."""
    rows = [{name: plain(value) for name, value in record.items()} for record in records]
    return {"count": len(rows), "rows": [row for row in rows if row["sample"] < 100]}


def main(lines: str, parquet: str) -> None:
    datasets.disable_progress_bars()
    frame = pandas.read_parquet(parquet)
    read = {
        "pandas jsonl": seen(pandas.read_json(lines, lines=True, dtype=False, precise_float=True).to_dict("records")),
        "pandas parquet": seen(frame.to_dict("records")),
    }
    with tempfile.TemporaryDirectory() as cache:
        for kind, path in (("json", lines), ("parquet", parquet)):
            loaded = datasets.load_dataset(kind, data_files=path, split="train", cache_dir=cache)
            read[f"datasets {kind}"] = seen(loaded)
    print(json.dumps({"read": read, "types": {name: str(kind) for name, kind in frame.dtypes.items()}}))


main(sys.argv[1], sys.argv[2])
