"""What the measurements ran on, and who else was at work meanwhile."""

import os
import pathlib
import platform
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


def value_of(file, key):
    for line in pathlib.Path(file).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def package(name):
    asked = subprocess.run(["dpkg-query", "-W", "-f=${Version}", name],
                           capture_output=True, text=True)
    return asked.stdout or "not installed"


def blas():
    """The library behind libblas.so.3, which PyTorch uses."""
    try:
        asked = subprocess.run(["update-alternatives", "--query", "libblas.so.3-x86_64-linux-gnu"],
                               capture_output=True, text=True)
    except FileNotFoundError:
        return "unknown"
    for line in asked.stdout.splitlines():
        if line.startswith("Value:"):
            return line.split("/")[-2]
    return "unknown"


def cpu_flags():
    return value_of("/proc/cpuinfo", "flags").split()


def describe():
    flags = cpu_flags()
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
    return {
        "cpu": value_of("/proc/cpuinfo", "model name"),
        "family_model": f"{value_of('/proc/cpuinfo', 'cpu family')}/"
                        f"{value_of('/proc/cpuinfo', 'model')}",
        "cores": len(os.sched_getaffinity(0)),
        "isa": [flag for flag in wanted if flag in flags],
        "memory": value_of("/proc/meminfo", "MemTotal"),
        "kernel": f"{platform.system()} {platform.release()}",
        "python3-torch": package("python3-torch"),
        "blas": f"{blas()} {package('libopenblas0-pthread')}",
        "libdnnl": package("libdnnl2"),
        "load_average": os.getloadavg(),
    }


def ticks():
    """Of all processes: at work, and taken by other guests of the host."""
    user, nice, system, _, _, irq, softirq, steal = map(
        int, pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return user + nice + system + irq + softirq, steal


def ticks_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))  # with those of its finished children


class Watch:
    """Share of this machine's cores that others took while a process was measured."""

    def __init__(self, pid=None):
        self.pid = pid
        self.start = time.monotonic()
        self.before = self.read()

    def read(self):
        busy, steal = ticks()
        return busy - ticks_of(os.getpid()) - (ticks_of(self.pid) if self.pid else 0), steal

    def seconds(self):
        return time.monotonic() - self.start

    def others(self):
        room = self.seconds() * TICKS * os.cpu_count()
        busy, steal = (now - then for now, then in zip(self.read(), self.before))
        return min(1.0, max(0.0, (busy + steal) / room))


def others_now(seconds=2):
    watch = Watch()
    time.sleep(seconds)
    return watch.others()
