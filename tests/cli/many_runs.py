"""For tests of studies of many runs: at work, left behind, held by processes of other machines."""
import contextlib
import json
import os
import re
import time

import tap

ARMS = {"cRNN": {"cerebellum": "none"}, "ccRNN": {"granule_units": 8}}
LONG = {"epochs": 100000, "checkpoint_every": 5}
BOOT = "01234567-89ab-cdef-0123-456789abcdef"


def foreign(run, age, host="node-17", pid=4711, beat=15000, token=1):
    """A process elsewhere holds the run and touched its lease `age` seconds ago."""
    entry = run / "lease" / (f"host={host},boot={BOOT},ns=7,pid={pid},start=3,beat={beat},"
                             f"token={token:016x}")
    entry.mkdir(parents=True)
    touch(entry, age)
    return entry


def touch(entry, age):
    now = time.time() - age
    os.utime(entry, (now, now))


def change(run, **keys):
    """Let run.json say something else."""
    (run / "run.json").write_text(json.dumps({**tap.record(run), **keys}))


def made(here, *arguments, seeds="1,2", arms=None, **base):
    """A study that has been run; its directory."""
    study = tap.write_study(here, arms=ARMS if arms is None else arms, seeds=seeds, **base)
    tap.ccrnn("run", "-q", study, "--out", here / "out", *arguments)
    return here / "out"


def row(result, name):
    """The numbers of a row of the table, by its column."""
    head = next(line for line in result.out.splitlines() if line.startswith("  ")).split()
    line = next(line for line in result.out.splitlines() if line.startswith(name + " "))
    return dict(zip(head, re.split(r"\s{2,}", line[len(name):].strip())))


@contextlib.contextmanager
def at_work(here, *arguments, seeds="1", arms=None, **base):
    """A study at work, two runs of it with checkpoints: the process and the directory. Killed at the end."""
    study = tap.write_study(here, arms=ARMS if arms is None else arms, seeds=seeds, **{**LONG, **base})
    process = tap.start("run", "-q", study, "--out", here / "out", "-j2", *arguments)
    try:
        while process.poll() is None and len(list(tap.glob(here / "out", "*/*/previous.safetensors"))) < 2:
            time.sleep(0.01)
        yield process, here / "out"
    finally:
        process.kill()
        process.communicate()


def status(out, *arguments):
    result = tap.ccrnn("status", out, *arguments).expect(0)
    assert result.err == "", result
    return result


def look(out, *arguments):
    """What --json says, and {"arm/seed": run}."""
    told = json.loads(status(out, "--json", *arguments).out)
    return told, {f"{run['arm']}/{run['seed']}": run for run in told["runs"]}


def states(out, *arguments):
    return {name: run["state"] for name, run in look(out, *arguments)[1].items()}
