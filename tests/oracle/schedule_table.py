#!/usr/bin/env python3
"""Writes schedule_table.h: what tests/unit/test_schedule.c compares with.

    /usr/bin/python3 tests/oracle/schedule_table.py > tests/oracle/schedule_table.h

Needs python3-numpy and python3-torch: the rates are those of torch.optim.lr_scheduler.ReduceLROnPlateau.
"""
import numpy
import torch

EPOCHS = 40
# (learning rate, patience, factor, threshold, minimum)
RULES = [
    (1e-3, 10, 0.1, 1e-4, 0.0),
    (1e-3, 3, 0.5, 1e-4, 0.0),
    (1e-3, 0, 0.7, 0.0, 1e-5),
    (0.1, 2, 0.1, 0.05, 3e-4),
    (1e-3, 1, 0.3, 0.2, 0.0),
    (3e-8, 0, 0.5, 1e-4, 0.0),
    (1e-3, 0, 0.9, 1e-4, 9.5e-4),
]


def sequences(random):
    """Validation errors: noise on a falling curve, a plateau, ties, a rise, one on the threshold."""
    falling = 5 * numpy.exp(-numpy.arange(EPOCHS) / 8)
    yield falling * random.uniform(0.8, 1.2, EPOCHS)
    yield 1 + falling * (numpy.arange(EPOCHS) < 15) + random.uniform(0, 1e-4, EPOCHS)
    yield numpy.repeat(random.uniform(0, 1, EPOCHS // 4), 4)
    yield numpy.linspace(1, 2, EPOCHS)
    yield numpy.cumprod(numpy.full(EPOCHS, 1 - 0.05))


def rates(rule, errors):
    """The learning rate after each epoch."""
    rate, patience, factor, threshold, minimum = rule
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, mode="min", factor=factor, patience=patience, threshold=threshold,
        threshold_mode="rel", min_lr=minimum)
    for error in errors:
        scheduler.step(float(error))
        yield optimizer.param_groups[0]["lr"]


def numbers(values):
    return "{" + ", ".join(float(x).hex() for x in values) + "}"


def main():
    random = numpy.random.default_rng(2017)
    print("/* Made by tests/oracle/schedule_table.py; do not edit. Hexadecimal floats are exact. */")
    print(f"enum {{ SCHEDULE_EPOCHS = {EPOCHS} }};")
    print("static const struct schedule_case {")
    print("    double learning_rate;")
    print("    unsigned patience;")
    print("    double factor, threshold, minimum;")
    print("    double error[SCHEDULE_EPOCHS], rate[SCHEDULE_EPOCHS];")
    print("} schedule_table[] = {")
    for errors in sequences(random):
        for rule in RULES:
            rate, patience, *rest = (float(x).hex() for x in rule)
            print(f"    {{{rate}, {rule[1]}, {', '.join(rest)},")
            print(f"     {numbers(errors)},")
            print(f"     {numbers(rates(rule, errors))}}},")
    print("};")


if __name__ == "__main__":
    main()
