"""Opens an Inspect log with the real inspect_ai, and prints as JSON what Inspect sees in it.

Usage: python checkInspectLog.py LOG. Used by inspectLog.test.ts; any warning is printed, not hidden.
"""

import json
import logging
import math
import sys
import warnings

from inspect_ai.log import (
    EvalLog,
    read_eval_log,
    read_eval_log_sample_summaries,
    recompute_metrics,
)

heard: list[str] = []


class Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        heard.append(record.getMessage())


def plain(value: object) -> object:
    """NaN as the word "unscored", since JSON has no NaN."""
    return "unscored" if isinstance(value, float) and math.isnan(value) else value


def results_of(log: EvalLog) -> dict[str, object]:
    assert log.results is not None
    return {
        score.name: {
            "scored": score.scored_samples,
            "unscored": score.unscored_samples,
            "metrics": {name: plain(metric.value) for name, metric in score.metrics.items()},
        }
        for score in log.results.scores
    }


def main(path: str) -> None:
    logging.getLogger().addHandler(Listener(logging.WARNING))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        header = read_eval_log(path, header_only=True)
        log = read_eval_log(path)
        summaries = read_eval_log_sample_summaries(path)
        stated = results_of(log)
        recompute_metrics(log)
    assert log.samples is not None
    report = {
        "warnings": heard + [str(warning.message) for warning in caught],
        "version": log.version,
        "status": header.status,
        "task": log.eval.task,
        "model": log.eval.model,
        "summaries": len(summaries),
        "total": log.results.total_samples if log.results else None,
        "samples": [
            {
                "id": sample.id,
                "epoch": sample.epoch,
                "completion": sample.output.completion,
                "roles": [message.role for message in sample.messages],
                "target": sample.target,
                "error": sample.error.message if sample.error else None,
                "scores": {name: plain(score.value) for name, score in (sample.scores or {}).items()},
                "explanations": {name: score.explanation for name, score in (sample.scores or {}).items()},
            }
            for sample in log.samples
        ],
        "stated": stated,
        "recomputed": results_of(log),
    }
    print(json.dumps(report))


main(sys.argv[1])
