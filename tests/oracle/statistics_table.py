#!/usr/bin/env python3
"""Writes statistics_table.h: what tests/unit/test_statistics.c compares with.

    python3 tests/oracle/statistics_table.py > tests/oracle/statistics_table.h

Needs python3-scipy and python3-mpmath. Student's t comes from mpmath with 60 digits and is checked
here against scipy; the paired tests come from scipy.stats.
"""
import sys

import mpmath
import numpy
from scipy import stats

mpmath.mp.dps = 60
VALUES_OF_T = [0, 1e-8, 1e-3, 0.1, 0.5, 0.9, 1, 1.3, 1.7, 1.8, 2, 2.5, 3.3, 5, 8.3, 12, 37]
VALUES_OF_T += [200, 1e4]
PAIRED = [(3, 1, 0.5), (4, 0, 1), (5, 3, 1e-3), (8, -0.2, 1), (8, 1e6, 1), (8, 1e-9, 1e-9)]


def two_sided(t, df):
    """P(|T| >= |t|) with 60 digits."""
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    return mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, df / (df + t * t), regularized=True)


def lower(t, df):
    p = two_sided(t, df) / 2
    return p if t <= 0 else 1 - p


def agree(name, ours, theirs, tolerance=1e-9):
    if abs(float(ours) - theirs) > tolerance * abs(theirs):
        sys.exit(f"{name}: mpmath {float(ours)!r}, scipy {theirs!r}")


def quantile(p, df):
    """scipy's value is the first guess: it is only good for about nine digits."""
    guess = mpmath.mpf(float(stats.t.ppf(p, df)))
    t = mpmath.findroot(lambda x: mpmath.log(lower(x, df) / mpmath.mpf(p)), guess, tol=1e-40)
    agree(f"quantile({p}, {df})", t, stats.t.ppf(p, df), 1e-7)
    return float(t)


def critical(df):
    return quantile(0.975, df)


def row(*values):
    print("    {" + ", ".join(float(v).hex() for v in values) + "},")


print("/* Made by tests/oracle/statistics_table.py; do not edit. Hexadecimal floats are exact. */")
print("/* t, df, P(T <= t), P(|T| >= |t|) */")
print("static const double t_table[][4] = {")
for df in [1, 2, 3, 4, 5, 7.5, 9, 10, 19, 29, 30, 60, 99, 118, 119, 120, 121, 300, 999, 1000, 1e5]:
    for t in VALUES_OF_T:
        for signed in ([t] if t == 0 else [t, -t]):
            both, below = two_sided(signed, df), lower(signed, df)
            if both < mpmath.mpf("1e-290"):
                continue
            agree(f"cdf({signed}, {df})", below, stats.t.cdf(signed, df), 1e-8)
            row(signed, df, below, both)
print("};\n")

print("/* p, df, the t with P(T <= t) = p */")
print("static const double quantile_table[][3] = {")
for df in [1, 2, 3, 9, 10, 29, 100, 119, 120, 1000]:
    for p in [1e-12, 1e-6, 1e-3, 0.025, 0.25, 0.3, 0.4999, 0.500001, 0.75, 0.975, 0.995, 0.999999]:
        row(p, df, quantile(p, df))
print("};\n")

print("/* Paired samples of 8, and over their first n: mean, SD, SEM, 95 % interval of a; then of the")
print(" * differences a - b: mean, 95 % interval, t, p, Cohen's d_z. */")
print("struct paired_case {")
print("    double a[8], b[8];")
print("    double n, mean, sd, sem, low, high, difference, difference_low, difference_high, t, p, dz;")
print("};")
print("static const struct paired_case paired_table[] = {")
generator = numpy.random.default_rng(20230104)
for n, shift, scale in PAIRED:
    b = generator.normal(size=8) * scale
    a = b * 0.7 + shift + generator.normal(size=8) * scale
    x, y = a[:n], b[:n]
    sem = stats.sem(x)
    low, high = x.mean() - critical(n - 1) * sem, x.mean() + critical(n - 1) * sem
    d = x - y
    half = critical(n - 1) * stats.sem(d)
    d_low, d_high = d.mean() - half, d.mean() + half
    test = stats.ttest_rel(x, y)
    values = [n, x.mean(), x.std(ddof=1), sem, low, high, d.mean(), d_low, d_high]
    values += [test.statistic, test.pvalue, d.mean() / d.std(ddof=1)]
    print("    {{" + ", ".join(float(v).hex() for v in a) + "},")
    print("     {" + ", ".join(float(v).hex() for v in b) + "},")
    print("     " + ", ".join(float(v).hex() for v in values) + "},")
print("};")


def hexes(values):
    return ", ".join(float(v).hex() for v in values)


print("\n/* x, df, P(chi2 >= x) */")
print("static const double chi2_table[][3] = {")
for df in [1, 2, 3, 4, 6, 9, 30, 200]:
    for x in [1e-6, 0.1, 1, 2.5, 5, 9, 14, 40, 250, 700]:
        upper = mpmath.gammainc(mpmath.mpf(df) / 2, mpmath.mpf(x) / 2, mpmath.inf, regularized=True)
        agree(f"chi2({x}, {df})", upper, stats.chi2.sf(x, df), 1e-8)
        row(x, df, upper)
print("};\n")

print("/* f, df1, df2, P(F >= f) */")
print("static const double f_table[][4] = {")
for df1, df2 in [(1, 1), (1, 18), (2, 27), (3, 8), (6, 14), (9, 90), (40, 400)]:
    for f in [1e-6, 0.1, 0.9, 1, 1.7, 3, 8, 40, 900]:
        x = mpmath.mpf(df2) / (df2 + mpmath.mpf(df1) * mpmath.mpf(f))
        upper = mpmath.betainc(mpmath.mpf(df2) / 2, mpmath.mpf(df1) / 2, 0, x, regularized=True)
        agree(f"F({f}, {df1}, {df2})", upper, stats.f.sf(f, df1, df2), 1e-8)
        row(f, df1, df2, upper)
print("};\n")


def signed_rank(d):
    """Sum of positive ranks and two-sided p: all signs counted where there are ties (scipy's exact p
    takes no account of them), else scipy's."""
    d = numpy.array(d)[numpy.array(d) != 0]
    rank = stats.rankdata(abs(d))
    plus = rank[d > 0].sum()
    if len(d) > 50 or len(numpy.unique(rank)) == len(d):
        return plus, stats.wilcoxon(d).pvalue
    sums = numpy.zeros(1)
    for r in rank:
        sums = numpy.concatenate([sums, sums + r])
    tails = [(sums <= plus).mean(), (sums >= plus).mean()]
    return plus, min(1.0, 2 * min(tails))


print("/* Differences, their number; sum of positive ranks and p of Wilcoxon's test. */")
print("struct wilcoxon_case {\n    double difference[64];\n    double n, plus, p;\n};")
print("static const struct wilcoxon_case wilcoxon_table[] = {")
wilcoxon = [generator.normal(size=n) + shift for n, shift in
            [(3, 1), (5, 0), (10, 0.8), (10, -2), (25, 0.3), (50, 0.3), (51, 0.3), (64, -0.1)]]
wilcoxon += [[0, 1, -2, 3, 0, 4, 5.5], [1, 1, 1, -1, 2, 2, -3, 4], [1] * 12, [1, -1, 1, -1, 1, -1],
             numpy.round(generator.normal(size=60) + 0.4, 1), [0, 0, 0, 0]]
for d in wilcoxon:
    plus, p = signed_rank(d) if numpy.count_nonzero(d) >= 3 else (0, numpy.nan)
    print("    {{" + hexes(d) + f"}}, {len(d)}, {float(plus).hex()}, "
          + ("NAN" if p != p else float(p).hex()) + "},")
print("};\n")

print("/* Subjects, levels and values in rows; chi2 and p of Friedman, F and p of a one-way analysis. */")
print("struct compare_case {\n    double value[48];\n    double subjects, levels, chi2, p, f, p_anova;\n};")
print("static const struct compare_case compare_table[] = {")
for n, k, shift, digits in [(3, 3, 0, 9), (5, 4, 1, 9), (8, 6, 0.5, 9), (6, 4, 0.5, 0), (10, 3, 2, 1)]:
    table = numpy.round(generator.normal(size=(n, k)) + shift * numpy.arange(k), digits)
    one, all_levels = stats.friedmanchisquare(*table.T), stats.f_oneway(*table.T)
    print("    {{" + hexes(table.flat) + f"}}, {n}, {k}, " + hexes([*one, *all_levels]) + "},")
print("};\n")


def interval(means, value):
    """Percentile and BCa interval (scipy.stats.bootstrap's own formulas) of given resampled means."""
    from scipy.stats import _resampling
    low, high = numpy.percentile(means, [2.5, 97.5])
    alpha = _resampling._bca_interval((value,), numpy.mean, -1, 0.025, means, None)[:2]
    return [low, high, *numpy.percentile(means, 100 * numpy.array(alpha).ravel())]


print("/* Values, and resampled means of them; percentile and BCa interval. */")
print("struct bootstrap_case {\n    double value[8], mean[40], n, low, high, bca_low, bca_high;\n};")
print("static const struct bootstrap_case bootstrap_table[] = {")
for n in [3, 5, 8]:
    value = generator.exponential(size=n) - 0.3
    means = generator.choice(value, size=(40, n)).mean(axis=-1)
    print("    {{" + hexes(value) + "},\n     {" + hexes(means) + f"}}, {n}, "
          + hexes(interval(means, value)) + "},")
print("};\n")

print("/* p of several tests, and after Holm's correction by its definition. */")
print("static const double holm_table[][2][6] = {")
for p in [[0.01, 0.04, 0.03, 0.005, 0.9, 0.02], [0.5, 0.4, 0.3, 0.2, 0.1, 0.6],
          [1e-9, 1e-9, 0.05, 0.05, 1, 1]]:
    held = [min(1, max((len(p) - j) * q for j, q in enumerate(sorted(p)) if q <= one)) for one in p]
    print("    {{" + hexes(p) + "}, {" + hexes(held) + "}},")
print("};")
