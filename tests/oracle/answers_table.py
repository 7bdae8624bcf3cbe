#!/usr/bin/env python3
"""Writes answers_table.h: what tests/unit/test_answers.c compares with.

    /usr/bin/python3 tests/oracle/answers_table.py > tests/oracle/answers_table.h

Needs python3-numpy and python3-mpmath: softmax and its logarithm with 60 digits.
"""
import mpmath
import numpy as np

mpmath.mp.dps = 60
WIDEST = 10


def softmax(logits):
    e = [mpmath.exp(mpmath.mpf(float(x))) for x in logits]
    total = mpmath.fsum(e)
    return [x / total for x in e]


def print_case(logits, label):
    """A probability or loss below float's range is printed as 0."""
    p = softmax(logits)
    loss = -mpmath.log(p[label])
    padded = list(logits) + [0.0] * (WIDEST - len(logits))
    print(f"    {{{len(logits)}, {label}, {int(np.argmax(logits))}, {float(loss).hex()}, "
          f"{float(max(p)).hex()},")
    print("     {" + ", ".join(f"{float(x).hex()}f" for x in padded) + "}},")


def main():
    random = np.random.default_rng(1998)
    print("/* Made by tests/oracle/answers_table.py; do not edit. Hexadecimal floats are exact. */")
    print("static const struct answer_case {")
    print("    int classes, label, choice;")
    print("    double nll, certainty;")
    print(f"    float logits[{WIDEST}];")
    print("} answer_table[] = {")
    for classes in (1, 2, 3, 10):
        for size in (0.0, 1e-3, 1.0, 10.0, 100.0, 1e4):
            logits = (size * random.normal(size=classes)).astype(np.float32)
            print_case(logits, int(random.integers(classes)))
            print_case(logits + np.float32(3), int(np.argmax(logits)))
    print("};")


main()
