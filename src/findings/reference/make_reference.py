"""Writes reference.json: what scipy and statsmodels say about the cases that the tests of this folder use.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt && VENV/bin/python make_reference.py
"""

import json
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint

LEVEL = 0.95
# Below it the spread of the prompts that hold the rarer outcome is not used: see estimate.ts.
FEW_PROMPTS = 5


def cluster_error(design, values, clusters, few_sample_factor=1.0):
    """Standard error of the last coefficient; statsmodels' factor is G/(G-1) * (N-1)/(N-K)."""
    fit = sm.OLS(values, design).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": True, "df_correction": True}
    )
    return float(fit.params[-1]), float(fit.bse[-1]) * few_sample_factor


def t_interval(value, error, df):
    return [float(end) for end in stats.t.interval(LEVEL, df, loc=value, scale=error)]


def hall_interval(value, error, errors):
    """Hall 1992, with t in place of z; scipy gives the skewness of what each prompt adds to the error."""
    skew = stats.skew(errors) / np.sqrt(len(errors))
    ends = stats.t.interval(LEVEL, len(errors) - 1)
    if abs(skew) < 1e-6:
        return t_interval(value, error, len(errors) - 1)
    low, high = (value - error * 3 / skew * (np.cbrt(1 + skew * (t - skew / 6)) - 1) for t in (ends[1], ends[0]))
    return [float(low), float(high)]


def cluster_sums(values, clusters):
    return np.array([values[clusters == name].sum() for name in sorted(set(clusters.tolist()))])


def mean_case(values, clusters):
    value, error = cluster_error(np.ones(len(values)), values, clusters)
    low, high = hall_interval(value, error, cluster_sums(values - value, clusters))
    return {"value": value, "error": error, "low": low, "high": high}


def effective_answers(rate, values, clusters):
    names = sorted(set(clusters.tolist()))
    sums = [values[clusters == name].sum() for name in names]
    sizes = [(clusters == name).sum() for name in names]
    _, error = cluster_error(np.ones(len(values)), values, clusters)
    flat = error < 1e-12
    effective = len(names) if flat else min(len(values), rate * (1 - rate) / error**2)
    holding = min(sum(s > 0 for s in sums), sum(s < n for s, n in zip(sums, sizes)))
    if holding < FEW_PROMPTS:
        effective = min(effective, len(names))
    # Wilson depends on the quantile and the number only through their ratio: t instead of z is a smaller number.
    ratio = stats.norm.ppf(0.5 + LEVEL / 2) / stats.t.ppf(0.5 + LEVEL / 2, len(names) - 1)
    return float(effective * ratio**2)


def rate_interval(rate, values, clusters):
    number = effective_answers(rate, values, clusters)
    low, high = proportion_confint(rate * number, number, alpha=1 - LEVEL, method="wilson")
    return [float(low), float(high)]


def rate_case(values, clusters):
    rate = float(values.mean())
    low, high = rate_interval(rate, values, clusters)
    return {"value": rate, "low": low, "high": high}


def pair_case(a, b, clusters):
    """Two models on the same prompts, an answer of each in every place."""
    n = len(a)
    values = np.concatenate([b, a])
    design = np.column_stack([np.ones(2 * n), np.repeat([0.0, 1.0], n)])
    both = np.concatenate([clusters, clusters])
    factor = np.sqrt((2 * n - 2) / (2 * n - 1))
    value, error = cluster_error(design, values, both, factor)
    errors = cluster_sums((a - a.mean()) - (b - b.mean()), clusters)
    low, high = hall_interval(value, error, errors)
    return {"value": value, "low": low, "high": high}


def paired_t(a, b):
    result = stats.ttest_rel(a, b)
    interval = result.confidence_interval(LEVEL)
    return {"value": float((a - b).mean()), "low": float(interval.low), "high": float(interval.high)}


def newcombe(a, b, clusters):
    """Newcombe 1998, method 10, from the clustered Wilson intervals."""
    rate_a, rate_b = float(a.mean()), float(b.mean())
    (low_a, high_a), (low_b, high_b) = rate_interval(rate_a, a, clusters), rate_interval(rate_b, b, clusters)
    names = sorted(set(clusters.tolist()))
    error_a = np.array([(a[clusters == name] - rate_a).sum() for name in names])
    error_b = np.array([(b[clusters == name] - rate_b).sum() for name in names])
    scale = np.sqrt((error_a @ error_a) * (error_b @ error_b))
    r = float(error_a @ error_b / scale) if scale > 0 else 0.0
    below_a, above_a, below_b, above_b = rate_a - low_a, high_a - rate_a, rate_b - low_b, high_b - rate_b
    below = np.sqrt(below_a**2 - 2 * r * below_a * above_b + above_b**2)
    above = np.sqrt(above_a**2 - 2 * r * above_a * below_b + below_b**2)
    value = rate_a - rate_b
    return {"value": value, "low": float(value - below), "high": float(value + above)}


SCALES = {
    "correlation": (np.arctanh, np.tanh),
    "agreement": (lambda value: np.log(1 - value), lambda z: 1 - np.exp(z)),
}


def jackknife_case(statistic, clusters, scale):
    """Leaves out each prompt in turn, by brute force."""
    to, back = SCALES[scale]
    names = sorted(set(clusters.tolist()))
    value = float(statistic(np.ones(len(clusters), bool)))
    left_out = to(np.array([statistic(clusters != name) for name in names]))
    error = np.sqrt((len(names) - 1) ** 2 / len(names) * left_out.var(ddof=1))
    ends = back(np.array(t_interval(to(value), error, len(names) - 1)))
    return {"value": value, "low": float(ends.min()), "high": float(ends.max())}


def rank_cases(random):
    cases = []
    for prompts, step in ((6, 1), (8, 10), (40, 20)):
        x, clusters = samples(random, prompts, 0, scores=True)
        y = np.clip(np.round((x + random.normal(0, 20, len(x))) / step) * step, 0, 100)
        case = {"x": x.tolist(), "y": y.tolist(), "clusters": clusters.tolist()}
        case["spearman"] = jackknife_case(lambda keep: stats.spearmanr(x[keep], y[keep]).statistic, clusters, "correlation")
        case["kendall"] = jackknife_case(lambda keep: stats.kendalltau(x[keep], y[keep]).statistic, clusters, "correlation")
        cases.append(case)
    return cases


def agreement_cases(random):
    cases = []
    for prompts, judges, step in ((4, 2, 25), (8, 3, 20), (40, 2, 5)):
        truth, clusters = samples(random, prompts, 0, scores=True)
        noise = random.normal(0, 12, (judges, len(truth)))
        ratings = np.clip(np.round((truth + noise) / step) * step, 0, 100)
        if judges > 2:
            ratings[random.random(ratings.shape) < 0.15] = np.nan
        case = {
            "ratings": [[None if np.isnan(v) else float(v) for v in column] for column in ratings.T],
            "clusters": clusters.tolist(),
        }
        for metric in ("nominal", "ordinal", "interval"):
            alpha = lambda keep: krippendorff.alpha(reliability_data=ratings[:, keep], level_of_measurement=metric)
            case[metric] = jackknife_case(alpha, clusters, "agreement")
        if judges == 2:
            # All steps of the scale are labels, so that scikit-learn's distance in labels is one in scores.
            labels = np.arange(0, 101, step)
            for weights in (None, "linear", "quadratic"):
                kappa = lambda keep: cohen_kappa_score(*ratings[:, keep], labels=labels, weights=weights)
                case[weights or "none"] = jackknife_case(kappa, clusters, "agreement")
            spread = ratings.var(axis=0, ddof=1)
            middle = mean_case(spread, clusters)
            case["spread"] = {name: float(np.sqrt(max(0, middle[name]))) for name in ("value", "low", "high")}
        cases.append(case)
    return cases


def corrected_case(judged, clusters, checked):
    """Rogan and Gladen 1978 with the interval of Lang and Reiczigel 2014; `checked`: judged, truth, prompt."""
    z = stats.norm.ppf(0.5 + LEVEL / 2)
    given, truth, prompts = checked
    parts = [(judged, clusters, z**2), (given[truth == 1], prompts[truth == 1], 2), (1 - given[truth == 0], prompts[truth == 0], 2)]
    rate, sensitivity, specificity = (float(values.mean()) for values, _, _ in parts)
    numbers = [effective_answers(float(values.mean()), values, names) for values, names, _ in parts]
    drawn = [(n * values.mean() + more / 2) / (n + more) for n, (values, _, more) in zip(numbers, parts)]
    variances = [p * (1 - p) / (n + more) for p, n, (_, _, more) in zip(drawn, numbers, parts)]
    p, se, sp = drawn
    estimate = (p + sp - 1) / (se + sp - 1)
    error = np.sqrt(variances[0] + estimate**2 * variances[1] + (1 - estimate) ** 2 * variances[2]) / (se + sp - 1)
    shift = 2 * z**2 * (estimate * variances[1] - (1 - estimate) * variances[2])
    ends = np.clip([estimate + shift - z * error, estimate + shift + z * error], 0, 1)
    value = np.clip((rate + specificity - 1) / (sensitivity + specificity - 1), 0, 1)
    return {"value": float(value), "low": float(ends[0]), "high": float(ends[1])}


def corrected_cases(random):
    cases = []
    for prompts, rate in ((12, 0.5), (40, 0.3), (200, 0.8)):
        truth, clusters = samples(random, prompts, rate, scores=False)
        judged = np.where(random.random(len(truth)) < 0.12, 1 - truth, truth)
        checked = random.random(len(truth)) < 0.4
        case = {"judged": judged.tolist(), "clusters": clusters.tolist(), "truth": [float(t) if c else None for t, c in zip(truth, checked)]}
        cases.append({**case, **corrected_case(judged, clusters, (judged[checked], truth[checked], clusters[checked]))})
    return cases


def welch_case(random, prompts_a, prompts_b):
    a, clusters_a = samples(random, prompts_a, 0, scores=True)
    b, clusters_b = samples(random, prompts_b, 0, scores=True)
    (mean_a, error_a), (mean_b, error_b) = (cluster_error(np.ones(len(v)), v, c) for v, c in ((a, clusters_a), (b, clusters_b)))
    variance = error_a**2 + error_b**2
    df = variance**2 / (error_a**4 / (prompts_a - 1) + error_b**4 / (prompts_b - 1))
    low, high = t_interval(mean_a - mean_b, np.sqrt(variance), np.floor(df))
    sides = {"a": a.tolist(), "clustersA": clusters_a.tolist(), "b": b.tolist(), "clustersB": clusters_b.tolist()}
    return {**sides, "value": mean_a - mean_b, "low": low, "high": high}


def power_cases():
    """Prompts that a paired t test needs, by statsmodels' noncentral t."""
    effects = (0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 1.2, 2.0)
    solve = lambda effect: TTestPower().solve_power(effect_size=effect, alpha=1 - LEVEL, power=0.8)
    return [{"effect": effect, "prompts": float(solve(effect))} for effect in effects]


def anova_case(random):
    """Balanced: a one-way analysis of variance splits the scatter of differences into its parts."""
    prompts, answers = 30, 4
    a = random.normal(50, 10, (prompts, 1)) + random.normal(0, 12, (prompts, answers))
    b = random.normal(45, 10, (prompts, 1)) + random.normal(0, 8, (prompts, answers))
    frame = lambda values: pd.DataFrame({"value": values.ravel(), "prompt": np.repeat(np.arange(prompts), answers)})
    within = sum(float(sm.stats.anova_lm(smf.ols("value ~ C(prompt)", frame(v)).fit()).loc["Residual", "mean_sq"]) for v in (a, b))
    total = float(np.var(a.mean(axis=1) - b.mean(axis=1), ddof=1))
    return {"a": a.tolist(), "b": b.tolist(), "within": within, "total": total, "between": total - within / answers}


def samples(random, prompts, rate, scores):
    """Prompts with 1 to 6 answers, alike within a prompt."""
    clusters = np.repeat(np.arange(prompts), random.integers(1, 7, prompts))
    if scores:
        values = np.clip(np.round(random.normal(55, 20, prompts)[clusters] + random.normal(0, 15, len(clusters))), 0, 100)
    else:
        values = (random.random(len(clusters)) < random.beta(rate * 2, (1 - rate) * 2, prompts)[clusters]).astype(float)
    return values, clusters


def main():
    random = np.random.default_rng(20261124)
    means, rates, pairs, rate_pairs = [], [], [], []
    for prompts in (2, 3, 8, 40, 200):
        values, clusters = samples(random, prompts, 0, scores=True)
        means.append({"values": values.tolist(), "clusters": clusters.tolist(), **mean_case(values, clusters)})
        other = np.clip(values + random.integers(-20, 21, len(values)), 0, 100)
        pairs.append({"a": values.tolist(), "b": other.tolist(), "clusters": clusters.tolist(), **pair_case(values, other, clusters)})
        for rate in (0.0, 0.02, 0.3, 0.5, 0.9, 1.0):
            values, clusters = samples(random, prompts, min(max(rate, 0.01), 0.99), scores=False)
            if rate in (0.0, 1.0):
                values[:] = rate
            rates.append({"values": values.tolist(), "clusters": clusters.tolist(), **rate_case(values, clusters)})
            other = np.where(random.random(len(values)) < 0.3, 1 - values, values)
            rate_pairs.append({"a": values.tolist(), "b": other.tolist(), "clusters": clusters.tolist(), **newcombe(values, other, clusters)})
    # Differences without skew: each has its mirror image about their mean.
    half = random.normal(0, 10, 6)
    balanced_b = random.normal(45, 10, 12)
    balanced_a = balanced_b + 5 + np.concatenate([half, -half])
    reference = {
        "studentCritical": [
            {"level": level, "df": df, "value": float(stats.t.ppf(0.5 + level / 2, df))}
            for level in (0.5, 0.8, 0.95, 0.99, 0.999)
            for df in (1, 2, 3, 4, 5, 9, 10, 39, 59, 199, 200, 1999)
        ],
        "wilson": [
            {"count": k, "n": n, "interval": [float(end) for end in proportion_confint(k, n, method="wilson")]}
            for k, n in ((0, 5), (5, 5), (1, 10), (0, 40), (170, 240), (3, 800))
        ],
        "normalCritical": float(stats.norm.ppf(0.975)),
        "means": means,
        "rates": rates,
        "pairs": pairs,
        "ratePairs": rate_pairs,
        "ranks": rank_cases(random),
        "agreements": agreement_cases(random),
        "corrected": corrected_cases(random),
        "welch": [welch_case(random, a, b) for a, b in ((2, 3), (8, 5), (20, 15))],
        "power": power_cases(),
        "anova": anova_case(random),
        "pairedT": {"a": balanced_a.tolist(), "b": balanced_b.tolist(), **paired_t(balanced_a, balanced_b)},
    }
    text = json.dumps(reference, separators=(",", ":"), allow_nan=False).replace('{"', '\n{"')
    Path(__file__).with_name("reference.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
