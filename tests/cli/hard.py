"""What the tests of storms, disks and troubles share: seeds that are told, processes that are struck, and
what must hold of a study afterwards."""
import contextlib
import ctypes
import os
import random
import re
import subprocess
import tempfile
import time

import tap

# The same tests for minutes, with many more rounds.
SCALE = os.environ.get("CCRNN_SCALE") == "1"
OTHERS = os.path.join(os.environ["CCRNN_BUILD_ROOT"], "tests", "cli")
# Beside tap.RESULTS, what one process alone writes to the same bytes.
RESULTS = [*tap.RESULTS, "previous.safetensors"]
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MEMORY = "/dev/shm"
if not SCALE and os.access(MEMORY, os.W_OK):
    tempfile.tempdir = MEMORY  # the waiting for a disk tells nothing new here


def stream():
    """Random numbers whose seed is told; CCRNN_SEED=… repeats them."""
    seed = int(os.environ.get("CCRNN_SEED") or random.SystemRandom().randrange(10**9))
    tap.comment(f"CCRNN_SEED={seed}")
    return random.Random(seed)


def wait_for(what, process=None, seconds=0.002):
    """Until what() is something; it never ends without a test that hangs, or that process which ends."""
    while not (found := what()):
        assert process is None or process.poll() is None, tap.finish(process)
        time.sleep(seconds)
    return found


def trained(result):
    return int(re.match(r"(\d+) runs? trained", result.out)[1])


def holders(out):
    """Names of the entries of all leases."""
    found = []
    for place in tap.glob(out, "*/*/lease"):
        with contextlib.suppress(FileNotFoundError):
            found += [(place.parent, entry) for entry in os.listdir(place)]
    return found


def rests(out):
    """What must not be left: leases, temporary and hidden files."""
    return [str(p.relative_to(out)) for p in out.rglob("*") if p.name.startswith(".") or p.name == "lease"]


def is_clean(out):
    assert not rests(out), rests(out)
    for directory in tap.runs(out).values():
        assert len(list(directory.iterdir())) <= 10, list(directory.iterdir())


def published(out):
    """{run: (inode, bytes)} of the results that are there: none of them may ever change."""
    found = {}
    for path in tap.glob(out, "*/*/run.json"):
        with contextlib.suppress(FileNotFoundError):
            content = path.read_text()
            if '"status": "done"' in content:
                found[str(path)] = (path.stat().st_ino, content)
    return found


def stays(before, out):
    """Nothing of what was published was published again; what is there now."""
    now = published(out)
    for path, content in before.items():
        assert now.get(path) == content, f"{path} was written again: {content} {now.get(path)}"
    return now


_mounts = None


def own_mounts():
    """This process, and what it starts, get a name space of mounts of their own."""
    global _mounts
    if _mounts is None:
        libc, user, group = ctypes.CDLL(None, use_errno=True), os.getuid(), os.getgid()
        done = libc.unshare(CLONE_NEWNS if user == 0 else CLONE_NEWNS | CLONE_NEWUSER) == 0
        if done and user != 0:
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                               ("gid_map", f"0 {group} 1")):
                with open(f"/proc/self/{name}", "w") as file:
                    file.write(text)
        _mounts = done and mount("--make-rprivate", "/")
    if not _mounts:
        raise tap.Skip("no name space of mounts (unshare): full and read-only disks go unchecked")


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True).returncode == 0


def unmount(path):
    subprocess.run(["umount", "-l", str(path)], capture_output=True)
