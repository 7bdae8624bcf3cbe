#!/usr/bin/env python3
"""Writes movement_table.h: what tests/unit/test_movement.c compares with.

    /usr/bin/python3 tests/oracle/movement_table.py > tests/oracle/movement_table.h

Needs python3-numpy. Works with complex numbers and numpy's FFT, unlike the C code. The two
smoothness measures are first checked against the values published with them.
"""
import sys

import numpy as np

NAMES = ["error", "roughness", "end_point_error", "overshoot", "undershoot", "path_length_ratio",
         "curvature", "direction_error", "sparc", "log_dimensionless_jerk"]
DIGITS = {  # templates of online digit drawing: x, y of the corners
    0: ([0, 0, 0, .5, 1, 1, 1, .5, 0], [1, .5, 0, 0, 0, .5, 1, 1, 1]),
    1: ([.25, .5, .5, .5], [.75, 1, .5, 0]),
    3: ([0, .5, 1, 1, .5, 1, 1, .5, 0], [1, 1, 1, .5, .5, .5, 0, 0, 0]),
    5: ([0, .5, 1, .5, 0, 0, .5, 1, 1, .5, 0], [1, 1, 1, 1, 1, .5, .5, .5, 0, 0, 0]),
    9: ([0, 0, .5, 1, 1, .5, 0, .5, 1, 1, 1], [1, .5, .5, .5, 1, 1, 1, 1, 1, .5, 0]),
}


def spectral_arc_length(speed, rate, mirrored=False):
    """`mirrored`: with frequencies above rate / 2, as the published program has it."""
    points = 2 ** (int(np.ceil(np.log2(len(speed)))) + 4)
    amplitude = np.abs(np.fft.fft(speed, points))
    amplitude = amplitude / amplitude.max()
    frequency = np.arange(points) * rate / points
    keep = frequency <= (10 if mirrored else min(10, rate / 2))
    frequency, amplitude = frequency[keep], amplitude[keep]
    loud = np.flatnonzero(amplitude >= 0.05)
    frequency = frequency[loud[0]:loud[-1] + 1]
    amplitude = amplitude[loud[0]:loud[-1] + 1]
    if len(frequency) < 2:
        return np.nan
    along = np.diff(frequency) / (frequency[-1] - frequency[0])
    return -np.hypot(along, np.diff(amplitude)).sum()


def sparc(speed, rate):
    if len(speed) < 3 or not speed.any():
        return np.nan
    value = spectral_arc_length(speed, rate)
    if rate >= 20 and value != spectral_arc_length(speed, rate, mirrored=True):
        sys.exit("SPARC differs from the published formula")
    return value


def log_dimensionless_jerk(speed, rate):
    if len(speed) < 3:
        return np.nan
    jerk = np.diff(speed, 2) * rate ** 2
    if not jerk.any():
        return np.nan
    duration = len(speed) / rate
    return -np.log(duration ** 3 / np.abs(speed).max() ** 2 * (jerk ** 2).sum() / rate)


def turn(a, b):
    """Angle between complex numbers, 0 … π."""
    return np.abs(np.angle(b / a))


def moving(step):
    size = np.abs(step)
    return (size >= 0.05 * size.max()) & (size > 0) if len(size) else np.zeros(0, bool)


def direction_error(y, target):
    step = np.diff(target)
    starts = np.flatnonzero(moving(step))
    if not len(starts):
        return np.nan
    a = starts[0]
    quarter = -(-(len(y) - 1) // 4)
    stroke = step[a:a + quarter]
    straight = np.array([s == 0 or turn(step[a], s) <= np.pi / 8 for s in stroke])
    b = a + (len(stroke) if straight.all() else int(np.argmin(straight)))
    return turn(target[b] - target[a], y[b] - y[a]) if y[b] != y[a] else np.nan


def measures(y, target):
    """y, target: complex."""
    T = len(y)
    step, aim = np.diff(y), np.diff(target)
    path, aimed = np.abs(step).sum(), np.abs(aim).sum()
    value = dict.fromkeys(NAMES, np.nan)
    value["error"] = (np.abs(y - target) ** 2).mean()
    value["end_point_error"] = np.abs(y[-1] - target[-1])
    if T >= 3:
        value["roughness"] = (np.abs(np.diff(y, 2)) - np.abs(np.diff(target, 2))).mean()
    across = target[-1] - target[0]
    if np.abs(across) > 1e-5 * aimed:
        beyond = ((y[-1] - target[-1]) * np.conj(across / np.abs(across))).real
        value["overshoot"], value["undershoot"] = max(beyond, 0), max(-beyond, 0)
    if aimed > 0:
        value["path_length_ratio"] = path / aimed
    moves = step[moving(step)]
    if len(moves) >= 2:
        value["curvature"] = turn(moves[:-1], moves[1:]).sum()
    value["direction_error"] = direction_error(y, target)
    speed = np.abs(step) * (T - 1)
    value["sparc"] = sparc(speed, T - 1)
    value["log_dimensionless_jerk"] = log_dimensionless_jerk(speed, T - 1)
    return [value[name] for name in NAMES]


def single(z):
    """Rounded to float32, as the tasks and networks have it."""
    return z.real.astype(np.float32).astype(float) + 1j * z.imag.astype(np.float32).astype(float)


def line(T, degrees, length=10.0):
    return np.linspace(0, 1, T) * length * np.exp(1j * np.radians(90 - degrees))


def digit(k, T=28):
    corner = np.array(DIGITS[k][0]) + 1j * np.array(DIGITS[k][1])
    pairs = len(corner) - 1
    steps = np.full(pairs, T // pairs)
    rest = T % pairs
    if rest:
        steps[:rest - 1] += 1
    else:
        steps[-1] -= 1
    parts = [np.linspace(corner[i], corner[i + 1], n, endpoint=False) for i, n in enumerate(steps)]
    drawn = np.concatenate(parts + [corner[-1:]])
    assert len(drawn) == T
    return drawn


def reach(T, end):
    """Minimum jerk."""
    s = np.linspace(0, 1, T)
    return end * (10 * s ** 3 - 15 * s ** 4 + 6 * s ** 5)


def cases():
    """name, drawing, target"""
    random = np.random.default_rng(20211020)

    def noise(T, size):
        return size * (random.normal(size=T) + 1j * random.normal(size=T))

    def waiting(path, before, T):
        return np.concatenate([np.full(before, path[0]), path])[:T]

    yield "line of ten steps", line(10, 60) + noise(10, 0.3), line(10, 60)
    yield "line of 28 steps, too short", 0.9 * line(28, 324) + noise(28, 0.1), line(28, 324)
    yield "smooth reach, too far", reach(28, 11 - 0.5j), line(28, 90)
    yield "smooth reach, many steps", reach(101, 3 + 4j) + noise(101, 1e-3), reach(101, 3 + 4j)
    yield "wrong way", line(10, 240) + noise(10, 0.1), line(10, 60)
    yield "still target", noise(10, 0.05), np.zeros(10, complex)
    yield "nothing drawn", np.full(10, 1 + 1j), line(10, 120)
    yield "one jump", np.where(np.arange(10) < 4, 0, 5 + 1j), line(10, 90)
    for k in DIGITS:
        yield f"digit {k}", digit(k) + noise(28, 0.05), digit(k)
    wait = waiting(line(20, 36), 8, 28)
    yield "target that waits", wait + noise(28, 0.02), wait
    stops = np.repeat(reach(7, 8 + 2j) + noise(7, 0.3), 4)
    yield "drawing that stops", stops, line(28, 72)
    trembles = stops + noise(28, 1e-4)
    yield "drawing that trembles where it stops", trembles, line(28, 72)
    circle = 3 * np.exp(2j * np.pi * np.linspace(0, 1, 28))
    yield "circle", circle + noise(28, 0.1), circle
    for T in range(1, 7):
        yield f"{T} steps", line(T, 30) + noise(T, 0.5), line(T, 30)


def number(x):
    return "NAN" if np.isnan(x) else float(x).hex()


def block(text, per_line=4, indent="    "):
    rows = [", ".join(text[i:i + per_line]) for i in range(0, len(text), per_line)]
    return (",\n" + indent).join(rows)


def gaussian(n):
    t = -1 + np.arange(n) * (2 / n)
    return np.exp(-5 * t ** 2)


def check_published():
    v = gaussian(200)
    found = f"{sparc(v, 100):.5f}", f"{log_dimensionless_jerk(v, 100):.5f}"
    if found != ("-1.41403", "-5.81636"):
        sys.exit(f"published: -1.41403, -5.81636; found: {found}")


def main():
    check_published()
    print("/* Made by tests/oracle/movement_table.py; do not edit.",
          "Hexadecimal floats are exact. */")
    rows = []
    for i, (name, y, target) in enumerate(cases()):
        y, target = single(np.asarray(y, complex)), single(np.asarray(target, complex))
        for what, path in ("drawn", y), ("target", target):
            xy = [f"{v.hex()}f" for z in path for v in (float(z.real), float(z.imag))]
            print(f"static const float {what}_{i}[] = {{\n    {block(xy)}}};")
        values = block([number(v) for v in measures(y, target)], 4, "      ")
        rows.append(f'    {{"{name}", {len(y)}, drawn_{i}, target_{i},\n     {{{values}}}}},')
    print("/* x, y of every step; values in the order " + ", ".join(NAMES) + ". */")
    print("static const struct movement_case {")
    print("    const char *name;\n    int steps;\n    const float *drawn, *target;")
    print(f"    double value[{len(NAMES)}];\n}} movement_table[] = {{")
    print("\n".join(rows) + "\n};\n")
    print("/* exp(-5 t^2), t = -1 + 2 i / n, i < n: n, rate, SPARC, log dimensionless jerk */")
    print("static const double gaussian_table[][4] = {")
    for n, rate in [(200, 100), (200, 27), (200, 19.5), (200, 5), (128, 64), (129, 64.5), (3, 100),
                    (3, 3), (5, 9), (2000, 1000), (27, 27), (9, 9)]:
        row = n, rate, sparc(gaussian(n), rate), log_dimensionless_jerk(gaussian(n), rate)
        print("    {" + ", ".join(number(v) for v in row) + "},")
    print("};")


main()
