"""What the command-line tests share: TAP, a temporary directory a test, and calls of $CCRNN.

A test script registers functions with @tap.test("what holds") and ends with tap.main(). A function gets
an empty directory of its own (a Path); an exception fails the test, tap.Skip(reason) skips it.
"""
import contextlib
import hashlib
import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

CCRNN = os.environ["CCRNN"]
ROOT = Path(os.environ["CCRNN_SOURCE_ROOT"])
SANITIZER_EXIT = 86  # as scripts/check sets it
BINARY = Path(CCRNN).read_bytes()
SANITIZED = b"__asan_init" in BINARY or b"__tsan_init" in BINARY

# A network and a data set that train in a few milliseconds.
TINY = {"epochs": 3, "train_size": 100, "validation_size": 50, "test_size": 50, "hidden": 8}
ARMS = {
    "cRNN": {"cerebellum": "none"},
    "ccRNN": {"cerebellum": "learning", "granule_units": 8},
    "ccGRU": {"cell": "gru", "granule_units": 8, "mossy_fibres": 3},
}
# What must not depend on time, threads or interruptions.
RESULTS = ["config.yaml", "metrics.csv", "drawings.csv", "last.safetensors", "best.safetensors"]


class Skip(Exception):
    """Raised with the reason, and with what goes unchecked."""


tests = []


def test(name):
    def register(function):
        tests.append((name, function))
        return function

    return register


def comment(text):
    for line in str(text).splitlines():
        print("# " + line, flush=True)


def run_one(number, name, function):
    here = Path(tempfile.mkdtemp(prefix="ccrnn-test-"))
    try:
        function(here)
    except Skip as skip:
        print(f"ok {number} - {name} # SKIP {skip}", flush=True)
        return True
    except Exception:
        print(f"not ok {number} - {name}", flush=True)
        comment(traceback.format_exc())
        return False
    finally:
        shutil.rmtree(here, ignore_errors=True)
    print(f"ok {number} - {name}", flush=True)
    return True


kept = []  # directories that outlive their test


def kept_directory():
    """An empty directory for what several tests read; it goes when the last has ended."""
    kept.append(Path(tempfile.mkdtemp(prefix="ccrnn-test-")))
    return kept[-1]


def main():
    """Run what is registered; with arguments, only the tests of these numbers."""
    chosen = [int(word) for word in sys.argv[1:]] or range(1, len(tests) + 1)
    print(f"1..{len(chosen)}", flush=True)
    try:
        good = [run_one(n, *tests[k - 1]) for n, k in enumerate(chosen, 1)]
    finally:
        for directory in kept:
            shutil.rmtree(directory, ignore_errors=True)
    sys.exit(0 if all(good) else 1)


class Result:
    """How a call ended."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    def __str__(self):
        call = " ".join(map(str, self.arguments))
        return f"ccrnn {call}\nexit {self.code}\nstdout: {self.out}\nstderr: {self.err}"

    def expect(self, code):
        assert self.code == code, f"expected exit code {code}\n{self}"
        return self

    def says(self, *fragments):
        """All of these are on stderr."""
        for fragment in fragments:
            assert fragment in self.err, f"expected {fragment!r} on stderr\n{self}"
        return self

    def prints(self, *fragments):
        """All of these are on stdout."""
        for fragment in fragments:
            assert fragment in self.out, f"expected {fragment!r} on stdout\n{self}"
        return self

    def one_message(self):
        """Exactly one line on stderr starts with the program's name."""
        lines = [line for line in self.err.splitlines() if line.startswith("ccrnn")]
        assert len(lines) == 1, f"expected one message\n{self}"
        return self


def address_limit(most):
    """For preexec: no more than this much address space (bytes)."""
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most))


def environment(**changes):
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    env.pop("LOCPATH", None)
    env.pop("COLUMNS", None)
    return {**env, **changes}


def ccrnn(*arguments, cwd=None, env=None, before=None, stdout=subprocess.PIPE):
    """Call the program; it must end by itself and without a sanitizer's report."""
    done = subprocess.run([CCRNN, *map(str, arguments)], cwd=cwd, env=env or environment(),
                          stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                          preexec_fn=before)
    out = (done.stdout or b"").decode("utf-8", "replace")
    result = Result(arguments, done.returncode, out, done.stderr.decode("utf-8", "replace"))
    assert done.returncode >= 0, f"killed by {signal.Signals(-done.returncode).name}\n{result}"
    assert done.returncode != SANITIZER_EXIT, f"a sanitizer complains\n{result}"
    return result


def start(*arguments, cwd=None, env=None, before=None, program=CCRNN):
    """Start the program in the background."""
    return subprocess.Popen([program, *map(str, arguments)], cwd=cwd, env=env or environment(),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, preexec_fn=before)


def finish(process):
    """Wait for what start() started."""
    out, err = process.communicate()
    assert process.returncode != SANITIZER_EXIT, f"a sanitizer complains\n{err}"
    return Result(process.args[1:], process.returncode, out, err)


def mapping(options):
    return "{" + ", ".join(f"{key}: {value}" for key, value in options.items()) + "}"


def write_study(here, arms=None, seeds="1,2", name="study.yaml", **base):
    """A study file of tiny runs; `base` overrides TINY."""
    lines = [f"seeds: [{seeds}]", f"base: {mapping({**TINY, **base})}", "arms:"]
    arms = ARMS if arms is None else arms
    lines += [f"  {arm}: {mapping(options)}" for arm, options in arms.items()]
    path = here / name
    path.write_text("\n".join(lines) + "\n")
    return path


def glob(directory, pattern):
    """What is there of a pattern; while processes are at work, directories vanish under one who looks."""
    while True:
        with contextlib.suppress(FileNotFoundError):
            return iter(list(Path(directory).glob(pattern)))


def runs(directory):
    """Every run of a study: {"arm/seed": directory}, arms without their hash."""
    found = {}
    for config in sorted(glob(directory, "*/*/config.yaml")):
        run = config.parent
        found[f"{run.parent.name.rsplit('-', 1)[0]}/{run.name}"] = run
    return found


def only_run(directory):
    (run,) = runs(directory).values()
    return run


def record(run):
    return json.loads((run / "run.json").read_text())


def contents(directory):
    """{path: hash} of every file below."""
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(Path(directory).rglob("*")) if path.is_file()}


def run_contents(directory):
    """The same without the notes of attempts that failed: what the runs of a study are."""
    return {name: digest for name, digest in contents(directory).items() if not name.startswith("failed-attempts/")}


def identities(directory):
    """{path: (inode, time of change, hash)} of every file below."""
    hashes = contents(directory)
    stats = {name: (Path(directory) / name).stat() for name in hashes}
    return {name: (stats[name].st_ino, stats[name].st_mtime_ns, hashes[name]) for name in hashes}


def same_results(one, other, names=RESULTS):
    """Both studies have the same runs with the same bytes."""
    left, right = runs(one), runs(other)
    assert left.keys() == right.keys() and left, f"{sorted(left)} and {sorted(right)}"
    for key in left:
        assert left[key].parent.name == right[key].parent.name, f"{key}: other hash"
        for name in names:
            a, b = (left[key] / name).read_bytes(), (right[key] / name).read_bytes()
            assert a == b, f"{key}/{name} differs: {left[key]} {right[key]}"


def read_tensors(path):
    """(metadata, {name: (type, shape, bytes)}) of a .safetensors file."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = data[8 + length:]
    return metadata, {name: (entry["dtype"], entry["shape"], body[slice(*entry["data_offsets"])])
                      for name, entry in header.items()}


def write_tensors(path, metadata, tensors):
    """Write such a file, without a checksum."""
    header, body = {"__metadata__": metadata}, b""
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)
