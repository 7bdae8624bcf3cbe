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
