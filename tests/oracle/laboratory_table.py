#!/usr/bin/env python3
"""Writes laboratory_table.h: what tests/unit/test_laboratory.c compares with.

    python3 tests/oracle/laboratory_table.py > tests/oracle/laboratory_table.h

Needs python3-numpy and python3-scipy. Everything comes from numpy.linalg, numpy.corrcoef and
scipy.stats, or is written out from the definition in docs/measures.md.
"""
import numpy
from scipy import stats

SAMPLES, CORTEX, GRANULE, MOMENTS, CUES, TRIALS, UNITS = 40, 7, 9, 5, 3, 8, 6
generator = numpy.random.default_rng(20210123)


def exact(x):
    """Values that a float holds."""
    return numpy.asarray(x, numpy.float32).astype(float)


def array(name, x, kind="double"):
    x = numpy.asarray(x, float).ravel()
    text = ", ".join(value.hex() if numpy.isfinite(value) else "NAN" for value in x)
    print(f"static const {kind} {name}[{len(x)}] = {{{text}}};")


def number(name, value):
    array(name, [value])


def abs_r(x, y):
    """|Pearson r| of columns by scipy, NaN where one is constant."""
    def one(a, b):
        return abs(stats.pearsonr(a, b)[0]) if numpy.ptp(a) > 0 and numpy.ptp(b) > 0 else numpy.nan
    return numpy.array([[one(a, b) for b in y.T] for a in x.T])


def population(name, x):
    covariance = numpy.cov(x.T)
    n = x.shape[1]
    values = numpy.linalg.eigvalsh(covariance)
    alive = x[:, numpy.ptp(x, axis=0) > 0]
    r = numpy.abs(numpy.corrcoef(alive.T))
    heard = x[numpy.any(x != 0, axis=1)]
    concentration = numpy.abs(heard).sum(1) ** 2 / (heard ** 2).sum(1)
    array(name, [n - alive.shape[1], len(x) - len(heard),
                 r[numpy.triu_indices(len(r), 1)].mean(),
                 n / (n - 1) * (values.max() / values.sum() - 1 / n),
                 values.sum() ** 2 / (values ** 2).sum(), values.sum(),
                 (n - concentration.mean()) / (n - 1)])


print("/* Made by tests/oracle/laboratory_table.py; do not edit. Hexadecimal floats are exact. */")
print("#include <math.h>")
sizes = {"SAMPLES": SAMPLES, "CORTEX": CORTEX, "GRANULE": GRANULE, "MOMENTS": MOMENTS, "CUES": CUES,
         "TRIALS": TRIALS, "UNITS": UNITS}
print("enum {", ", ".join(f"{name} = {value}" for name, value in sizes.items()), "};")

# Cortical states; the first five samples are all zeros, unit 3 never changes.
cortex = generator.normal(size=(SAMPLES, CORTEX)) @ generator.normal(size=(CORTEX, CORTEX)) / 3
cortex[:5] = 0
cortex[:, 3] = 0.1
cortex = exact(cortex)
# Granule units: rectified; 2 never fires.
granule = numpy.maximum(0, cortex @ generator.normal(size=(CORTEX, GRANULE)) - 0.3)
granule += 0.2 * numpy.maximum(0, generator.normal(size=granule.shape))
granule[:5] = 0
granule[:, 2] = 0
granule = exact(granule)
array("cortex", cortex, "float")
array("granule", granule, "float")
print("/* constant, silent, pairwise, population correlation, participation, space, sparsity */")
population("cortex_population", cortex)
population("granule_population", granule)

coupling = abs_r(cortex, granule)
later = exact(cortex + 0.3 * generator.normal(size=cortex.shape))
defined = coupling[~numpy.isnan(coupling)]
array("coupling", coupling)
array("coupling_summary", [defined.size, defined.mean(), *numpy.quantile(defined, [.1, .25, .5, .75, .9])])
array("coupling_histogram", numpy.histogram(defined, 10, (0, 1))[0])
array("later", later, "float")
array("coupling_shift", [numpy.nanmean(numpy.abs(abs_r(later, granule) - coupling))])

# Feedback: the first two predictions are zeros, and of the targets the third, the second, and unit 4.
predicted, target = generator.normal(size=(2, SAMPLES, CORTEX))
predicted = exact(predicted + target)
target = exact(target)
predicted[:2] = 0
target[:, 4] = 0
target[1:3] = 0
with numpy.errstate(invalid="ignore"):
    rows = (predicted * target).sum(1) / numpy.linalg.norm(predicted, axis=1) / numpy.linalg.norm(target, axis=1)
    columns = (predicted * target).sum(0) / numpy.linalg.norm(predicted, axis=0) / numpy.linalg.norm(target, axis=0)
array("predicted", predicted, "float")
array("target", target, "float")
there = numpy.any(target != 0, axis=1)
array("similarity", [numpy.nan_to_num(rows)[there].mean(), (~there).sum(), numpy.isnan(rows[there]).sum()])
array("unit_cosine", columns)
array("unit_pearson", [numpy.nan if numpy.ptp(t) == 0 else stats.pearsonr(p, t)[0]
                       for p, t in zip(predicted.T, target.T)])

# Trajectories; trial 7 has no cue.
state = exact(generator.normal(size=(MOMENTS, TRIALS, UNITS)) * [3, 2, 1, .5, .2, .1])
cue = numpy.array([0, 1, 2, 2, 1, 0, 0, -1])
mean = numpy.stack([state[:, cue == k].mean(1) for k in range(CUES)], 1)
points = mean.reshape(-1, UNITS)
values, vectors = numpy.linalg.eigh(numpy.cov(points.T))
values, vectors = values[::-1], vectors.T[::-1]
vectors = vectors * numpy.sign(vectors[range(UNITS), numpy.abs(vectors).argmax(1)])[:, None]


def distances(p):
    return [numpy.mean([numpy.linalg.norm(a - b) for i, a in enumerate(at) for b in at[i + 1:]]) for at in p]


array("state", state, "float")
print("static const int32_t cue[TRIALS] = {" + ", ".join(map(str, cue)) + "};")
array("cue_mean", mean)
array("cue_distance", distances(mean))
array("variance", values)
array("components", vectors[:3])
scores = (points - points.mean(0)) @ vectors[:3].T
array("scores", scores)
array("score_distance", distances(scores.reshape(MOMENTS, CUES, 3)[:, :, :2]))

# Eigenvalues: one of full rank, one with equal and zero eigenvalues.
basis = numpy.linalg.qr(generator.normal(size=(8, 8)))[0]
full = generator.normal(size=(8, 8))
full = full + full.T
equal = (basis * [5, 5, 2, 1, 1, 0, 0, -3]) @ basis.T
equal = (equal + equal.T) / 2
for name, matrix in [("full", full), ("equal", equal)]:
    array(name + "_matrix", matrix)
    array(name + "_values", numpy.linalg.eigvalsh(matrix)[::-1])

# Weights: a masked tensor with zeros.
weights = exact(generator.normal(size=60) + 0.5)
weights[::7] = 0
mask = (generator.random(60) < 0.6).astype(float)
there = weights[mask == 1]
array("weights", weights, "float")
array("mask", mask, "float")


def weight_row(w):
    return [w.size, w.mean(), w.std(ddof=1), numpy.sqrt((w ** 2).mean()), numpy.abs(w).max(),
            numpy.linalg.norm(w), (w == 0).mean()]


array("weights_all", weight_row(weights))
array("weights_present", weight_row(there))

# Two learning curves.
epoch = numpy.array([1, 2, 3, 5, 8, 13.0])
first = numpy.array([9, 4, 5.5, 3, 2, 1.0])
second = numpy.array([10, 9, 8, 7, 6, 5.5])
array("epoch", epoch)
array("curve", first)
array("other_curve", second)
array("curve_area", [numpy.sum(numpy.diff(epoch) * (first[1:] + first[:-1]) / 2)])
array("normalised", [first.mean() / second.mean()])
