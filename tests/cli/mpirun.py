"""Calls of $CCRNN_MPI by mpirun, for the tests that use some."""
import os
import signal
import subprocess
import time

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
    """The processes of the ranks, once all have started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return [int(word) for word in found.stdout.split()]


def wait_for(process, condition):
    """Until a condition holds; the command must still be running then."""
    while not condition():
        assert process.poll() is None, f"ended too early\n{finish(process)}"
        time.sleep(0.005)


def kill(process, rank):
    """Kill one rank, without any warning."""
    os.kill(sorted(pids(process))[rank], signal.SIGKILL)
