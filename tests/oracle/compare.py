"""The pass rule of a case (see README.md): our tensors against the stored ones."""

import re

import numpy

RELATIVE, PARAMETER = 1e-5, 1e-5
TINY_GRADIENT, SKIPPED_SHARE = 1e-7, 0.03
CEREBELLAR = "rnn.backward_interface."


def is_given(name):
    """Does a case start from this tensor?"""
    return bool(re.match(r"(init|mask)/|step\d+/(input|target|features|captions)$", name))


def _divides(config):
    """Does the step divide a gradient by its own size? Then one of rounding errors means nothing."""
    return config["optimizer"] != "sgd" and config["weight_decay"] == 0


def clipped_gradients(config, tensors):
    """The gradients of a case after clipping, {name: array}."""
    parts = {}
    for name, value in tensors.items():
        if "grad/" in name:
            parts.setdefault(name.split("grad/")[0], {})[name] = value.astype(numpy.float64)
    clipped = {}
    for gradients in parts.values():
        groups = [list(gradients)]
        if config["clip"] == "separate":
            groups = [[n for n in gradients if (CEREBELLAR in n) == c] for c in (False, True)]
        for group in groups:
            norm = sum(float((gradients[n] ** 2).sum()) for n in group) ** 0.5
            factor = min(1.0, config["clip_norm"] / (norm + 1e-6))
            factor = 1.0 if config["clip"] == "none" else factor
            clipped.update({n: gradients[n] * factor for n in group})
    return clipped


def _tiny(clipped, name, until):
    """Elements of a parameter whose clipped gradient was tiny, not 0, in a step up to `until`."""
    skip = False
    for key, value in clipped.items():
        step = int(re.match(r"step(\d+)/", key).group(1))
        if step <= until and key.endswith(f"grad/{name}"):
            skip = skip | ((value != 0) & (abs(value) < TINY_GRADIENT))
    return skip


def _tolerance(name, wanted):
    if "/param/" in name:
        return PARAMETER
    return RELATIVE * (numpy.abs(wanted).max() if wanted.size else 0.0)


def _masked_problems(stored, found):
    """Connections that do not exist must be 0, and have no gradient, for ever."""
    for mask in (name for name in stored if name.startswith("mask/")):
        parameter = mask[len("mask/") :]
        for name, value in found.items():
            if name.endswith("/" + parameter) and (value[stored[mask] == 0] != 0).any():
                yield f"{name}: not 0 where the mask is 0"


def compare(config, stored, found):
    """Return (problems, worst, share): messages, the largest error in units of its tolerance,
    and the share of elements skipped. `stored` and `found` are {name: array}."""
    clipped = clipped_gradients(config, stored) if _divides(config) else {}
    problems, worst, skipped, total = list(_masked_problems(stored, found)), 0.0, 0, 0
    expected = {name for name in stored if not is_given(name)}
    problems += [f"{name}: missing in the file" for name in sorted(set(found) - expected)]
    problems += [f"{name}: not expected" for name in sorted(expected - set(found))]
    for name in sorted(expected & set(found)):
        wanted = stored[name].astype(numpy.float64)
        ours = found[name].astype(numpy.float64)
        if wanted.shape != ours.shape or not numpy.isfinite([wanted, ours]).all():
            problems.append(f"{name}: another shape, or not finite")
            continue
        error = numpy.abs(ours - wanted)
        total += wanted.size
        if "/param/" in name:
            step, parameter = re.match(r"step(\d+)/param/(.*)", name).groups()
            skip = _tiny(clipped, parameter, int(step)) & numpy.ones(wanted.shape, bool)
            skipped += int(skip.sum())
            error = error[~skip]
        tolerance = _tolerance(name, wanted)
        largest = error.max() if error.size else 0.0
        if tolerance > 0:
            worst = max(worst, largest / tolerance)
        if not largest <= tolerance:
            problems.append(f"{name}: error {largest:.3g}, tolerance {tolerance:.3g}")
    share = skipped / max(total, 1)
    if share > SKIPPED_SHARE:
        problems.append(f"{100 * share:.1f} % of the elements skipped, at most 3 % allowed")
    return problems, worst, share
