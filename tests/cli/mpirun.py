"""Calls of $CCRNN_MPI by mpirun, for the tests that use some."""
import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import tap

PROGRAM = os.environ["CCRNN_MPI"]
# Other tests run beside ours: nobody may hold a processor for himself, or wait on one.
MPIRUN = ["mpirun", "--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"]
SETTINGS = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
if tap.SANITIZED:  # whole stacks, so that a leak of MPI's own is known by its library's name
    SETTINGS["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":fast_unwind_on_malloc=0"


def costly_test(name):
    """A test that the sanitizers go without: many processes, and nothing that others do not show them."""
    return (lambda function: function) if tap.SANITIZED else tap.test(name)


def scale_test(name):
    """A test that takes minutes (CCRNN_SCALE=1)."""
    return tap.test(name) if "CCRNN_SCALE" in os.environ else (lambda function: function)


def start(ranks, *arguments, cwd=None, program=PROGRAM):
    """Start so many ranks in the background."""
    command = [*MPIRUN, "-n", str(ranks), program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, env=tap.environment(**SETTINGS), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    """Wait for what start() started. What mpirun itself says after a failure is left out of err."""
    result = tap.finish(process)
    ours = result.err.split("-" * 74)
    result.err = "".join(part for part in ours if "Primary job" not in part and "mpirun detected" not in part)
    return result


def ccrnn_mpi(ranks, *arguments, **how):
    """Call it; no rank may leave a sanitizer's report."""
    return finish(start(ranks, *arguments, **how))


def pids(process):
    """The processes of the ranks, in the order of their start."""
    with contextlib.suppress(FileNotFoundError):  # mpirun is gone
        return sorted(map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()))
    return []


def halfway(out):
    """Runs that were at work when all ranks were gone, and have a checkpoint to go on from."""
    return [path for path in tap.glob(out, "*/*/last.safetensors")
            if tap.record(path.parent)["status"] in ("running", "interrupted")]


def disturb(begin, out, condition, act):
    """Start a study in `out`, wait for a condition, do something to its ranks; how it ended. One that leaves no run
    halfway, because the machine had other things to do than this test, is begun anew."""
    for _ in range(20):
        process = begin()
        while process.poll() is None and not condition():
            time.sleep(0.005)
        with contextlib.suppress(ProcessLookupError, IndexError):  # a rank that is gone
            act(process)
        result = finish(process)
        if halfway(out):
            return result
        shutil.rmtree(out)
    raise AssertionError(f"the command always ends before it can be disturbed\n{result}")


def new_files(paths, before):
    """How many of these files are not among those of {(path, inode)}."""
    found = set()
    for path in paths:
        with contextlib.suppress(FileNotFoundError):  # replaced since it was listed
            found.add((path, path.stat().st_ino))
    return len(found - before)


def kill(process, rank):
    """Kill one rank, without any warning."""
    os.kill(pids(process)[rank], signal.SIGKILL)
