"""A Slurm of one node for a test: munge, slurmctld and slurmd of our own, with all their files in one folder.

Every process it starts, and every one they start, has this folder's slurm.conf in its environment; that is
how the last of them are found at the end.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import tap

DAEMONS = ["munged", "slurmctld", "slurmd"]
TOOLS = ["sbatch", "scontrol", "scancel", "squeue", "sinfo"]

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={here}/munge/socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={here}/state
SlurmdSpoolDir={here}/spool
SlurmctldPidFile={here}/slurmctld.pid
SlurmdPidFile={here}/slurmd.pid
SlurmctldLogFile={here}/slurmctld.log
SlurmdLogFile={here}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=20
MinJobAge=600
ReturnToService=2
JobRequeue=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=100 State=UNKNOWN
PartitionName=work Nodes={host} Default=YES MaxTime=INFINITE PriorityTier=1
PartitionName=urgent Nodes={host} MaxTime=INFINITE PriorityTier=10
"""


def require():
    """Skip where no Slurm can be started."""
    missing = [name for name in DAEMONS + TOOLS if find(name) is None]
    if missing:
        raise tap.Skip(f"no {', '.join(missing)}: that Slurm runs the script goes unchecked")
    if os.geteuid() != 0:
        raise tap.Skip("not root, which slurmd and munged want: that Slurm runs the script goes unchecked")


def find(name):
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Cluster:
    """`with Cluster(folder, cpus) as cluster:` On a failure inside, the daemons' logs are printed."""

    def __init__(self, here, cpus):
        self.here, self.cpus = here, cpus
        self.processes = []
        self.environment = tap.environment(SLURM_CONF=str(here / "slurm.conf"))
        for name in list(self.environment):
            if re.match(r"(SLURM|SBATCH|SQUEUE|SCANCEL|SINFO)_", name) and name != "SLURM_CONF":
                del self.environment[name]

    def __enter__(self):
        require()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
        try:
            self.configure()
            self.start("munged", "--foreground", "--force", f"--key-file={self.here}/munge/key",
                       f"--socket={self.here}/munge/socket", f"--pid-file={self.here}/munge/pid",
                       f"--log-file={self.here}/munge.log", f"--seed-file={self.here}/munge/seed")
            self.wait("munged opens its socket", (self.here / "munge" / "socket").exists)
            self.start("slurmctld", "-D", "-c")
            self.start("slurmd", "-D")
            self.wait("the node is idle", lambda: set(self.ask("sinfo", "-ho", "%T").split()) == {"idle"})
        except BaseException:
            self.print_logs()
            self.stop()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.print_logs()
        self.stop()

    def configure(self):
        for name in ("munge", "state", "spool"):
            (self.here / name).mkdir(mode=0o700, parents=True)
        key = self.here / "munge" / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        control_port, node_port = free_ports(2)
        (self.here / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], here=self.here, cpus=self.cpus,
            control_port=control_port, node_port=node_port))

    def start(self, name, *arguments):
        with open(self.here / f"{name}.out", "wb") as output:
            self.processes.append(subprocess.Popen(
                [find(name), *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, cwd=self.here))

    def ask(self, name, *arguments):
        """What a tool of Slurm prints; "" if it fails."""
        done = subprocess.run([find(name), *map(str, arguments)], env=self.environment,
                              capture_output=True, text=True, cwd=self.here)
        return done.stdout if done.returncode == 0 else ""

    def wait(self, what, holds):
        """Until it holds; a daemon that ends meanwhile is a failure."""
        while not holds():
            for process in self.processes:
                assert process.poll() is None, f"{process.args[0]} has ended, waiting until {what}"
            time.sleep(0.1)

    # --- jobs ---

    def submit(self, script, *arguments):
        number = self.ask("sbatch", "--parsable", *arguments, script).strip()
        assert number.isdigit(), f"sbatch does not take {script}"
        return number

    def state(self, task):
        """{"JobState": "RUNNING", "Restarts": "0", "ExitCode": "0:0", …}"""
        shown = self.ask("scontrol", "show", "job", task)
        return dict(re.findall(r"(?:^|\s)(JobState|Reason|Restarts|ExitCode)=(\S+)", shown))

    def wait_for_state(self, task, *states):
        self.wait(f"{task} is {states}", lambda: self.state(task).get("JobState") in states)

    def wait_for_end(self, *tasks):
        ended = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"}
        for task in tasks:
            self.wait_for_state(task, *ended)

    # --- the end ---

    def print_logs(self):
        for path in sorted(tap.glob(self.here, "*.out")) + sorted(tap.glob(self.here, "*.log")):
            lines = path.read_text(errors="replace").splitlines()
            tap.comment(f"--- {path.name}, {len(lines)} lines ---")
            tap.comment("\n".join(lines[-60:]))

    def left(self):
        """Processes of this cluster that are alive."""
        mark = f"SLURM_CONF={self.here}/slurm.conf".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                pass # it ended meanwhile
        return found

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        while processes := self.left():
            for number in processes:
                try:
                    os.kill(number, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
