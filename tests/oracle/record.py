#!/usr/bin/python3
"""Record the cases of cases.py beside this file, or check files against this program.

    record.py                  record every case
    record.py --check FILE...  replay files (ccrnn-oracle-1, ccrnn-golden-1, both -caption-1)
"""

import argparse
import pathlib
import sys

import numpy
import torch

import cases
import compare
import config as configuration
import loop
import tensorfile

DIRECTORY = pathlib.Path(__file__).resolve().parent
WORST_SHARE_OF_TOLERANCE = 0.25
WORST_SKIPPED = 0.01
CLOSEST_TO_KINK = 2e-5
SEEDS_TRIED = 200


def given_part(tensors):
    return {name: array for name, array in tensors.items() if compare.is_given(name)}


def check(paths):
    """Replay files in both precisions; returns the number that fail."""
    failed = 0
    for path in paths:
        metadata, tensors = tensorfile.read(path)
        config = configuration.parse(metadata)
        marks, bad = [], False
        for dtype in (torch.float32, torch.float64):
            found, _ = loop.replay(config, given_part(tensors), dtype)
            problems, worst, share = compare.compare(config, tensors, found)
            marks.append(f"{worst:8.3f}")
            bad = bad or bool(problems)
            for problem in problems[:10]:
                print(f"  {dtype}: {problem}")
        failed += bad
        print(f"{' '.join(marks)}  {100 * share:6.3f} %  {pathlib.Path(path).name}")
    print(f"{len(paths) - failed} passed, {failed} failed")
    print("columns: largest error / tolerance in float32 and in float64, elements skipped")
    return failed


def record(name, metadata):
    """Find the first seed whose case is well conditioned, and write its file."""
    config = configuration.parse(metadata)
    for seed in range(SEEDS_TRIED):
        given = cases.draw(name, config, seed)
        found, kink = loop.replay(config, given, torch.float64)
        stored = {n: a.astype(numpy.float32) for n, a in found.items()}
        single, _ = loop.replay(config, given, torch.float32)
        problems, worst, share = compare.compare(config, {**given, **stored}, single)
        if not problems and worst < WORST_SHARE_OF_TOLERANCE and share < WORST_SKIPPED:
            if kink > CLOSEST_TO_KINK:
                break
    else:
        raise RuntimeError(f"{name}: no well-conditioned case in {SEEDS_TRIED} seeds")
    path = DIRECTORY / f"{name}.safetensors"
    tensorfile.write(path, metadata, {**given, **stored})
    norms = [float(a[0]) for n, a in stored.items() if n.endswith("grad_norm")]
    span = f"  norm {min(norms):7.3f}…{max(norms):7.3f}" if norms else ""
    print(
        f"{name:34} seed {seed:3}  error/tolerance {worst:5.3f}  skipped {100 * share:5.3f} %"
        f"{span}  {path.stat().st_size:6} bytes"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", nargs="+", metavar="FILE", help="replay these files")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.check:
        sys.exit(1 if check(arguments.check) else 0)
    for name, metadata in cases.table().items():
        record(name, metadata)


if __name__ == "__main__":
    main()
