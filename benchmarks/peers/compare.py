"""gapbench against PyTorch: the same steps in turns, and the table of ratios. Start it by `run`.

Every work is first tried with each way to run PyTorch (1 thread and all cores, both memory
formats, f32 and autocast to bf16). gapbench in f32 stands against the fastest way in f32, gapbench
in bf16 against the fastest of all ways. Then these peers and gapbench take turns, and each pair of
turns gives a ratio of the medians of their steps; the table shows the median of the ratios. Turns
during which other processes took more than 5 % of the cores are marked.
"""

import argparse
import contextlib
import importlib.util
import json
import operator
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import machine
import report

HERE = pathlib.Path(__file__).resolve().parent
QUIET = 0.05  # of the cores: what others may take of a measurement

# What a freed tensor's memory becomes. By itself glibc gives large pieces back to the kernel, which
# hands them out again page by page in the next step: on a virtual machine up to two thirds of a
# PyTorch step. The peer keeps memory; what its fastest way does without is measured once beside it.
MEMORY = {"kept": {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)},
          "given back": {}}

# How gapbench's networks are told to compute, one entry a precision: a table each.
PRECISIONS = {"f32": {}, "bf16": {"precision": "bf16"}}
if "avx512_bf16" not in machine.cpu_flags():
    del PRECISIONS["bf16"]

# name, network, work, per precision: (must reach, aim for), ratios of images/s
STEPS = [
    ("ResNet-20 SGD step", "resnet20", "sgd_step", {"f32": (1.9, 2.2), "bf16": (2, 3)}),
    ("ResNet-18 SGD step", "resnet18", "sgd_step", {"f32": (1.6, 1.8), "bf16": (2, 3)}),
    ("ResNet-20 exact gradient-norm penalty step", "resnet20", "penalty_step",
     {"f32": (3.3, 4), "bf16": (4, 7)}),
    ("ResNet-18 exact gradient-norm penalty step", "resnet18", "penalty_step",
     {"f32": (4.4, 5), "bf16": (4, 9)}),
    ("ResNet-20 forward pass and loss", "resnet20", "forward", {"f32": (1, 2), "bf16": (1, 2)}),
    ("ResNet-18 forward pass and loss", "resnet18", "forward", {"f32": (1, 2), "bf16": (1, 2)}),
]


class Server:
    """A program that measures on request and waits without working in between."""

    def __init__(self, command, threads=None, memory="given back"):
        environment = {**os.environ, **MEMORY[memory]}
        if threads:
            environment.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)
        self.about = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("peers: a measuring program ended early, see above")
        return json.loads(line)

    def measure(self, **request):
        """Seconds of a step, and what others took meanwhile."""
        watch = machine.Watch(self.process.pid)
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.answer()
        if "error" in answer:
            return {"error": answer["error"], "others": watch.others()}
        steps = answer["step_seconds"]
        turn = {"step_seconds": statistics.median(steps), "steps": len(steps),
                "fastest": min(steps), "slowest": max(steps), "others": watch.others()}
        if "step_flops" in answer:
            turn["step_flops"] = answer["step_flops"]
        return turn

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Comparison:
    def __init__(self, asked):
        self.asked = asked
        self.cores = len(os.sched_getaffinity(0))
        self.ours = Server([str(asked.build / "bin" / "bench_steps")])
        self.micro_batch = asked.micro_batch or self.ours.about["default_micro_batch"]
        self.disturbed = {}  # row: disturbed turns, all turns

    def begin(self, row):
        print(row, flush=True)
        self.disturbed[row] = [0, 0]

    def note(self, what, others):
        """One line a turn, and whether it was disturbed, for the row begun last."""
        counts = list(self.disturbed.values())[-1]
        counts[0] += others > QUIET
        counts[1] += 1
        mark = f"  (others took {100 * others:.0f} % of the cores)" if others > QUIET else ""
        print(f"  {what}{mark}", flush=True)

    def note_speed(self, what, turn):
        if "error" in turn:
            self.note(f"{what}: fails, {turn['error']}", 0)
            return turn
        speed = self.asked.batch / turn["step_seconds"]
        self.note(f"{what}: {speed:.4g} images/s", turn["others"])
        return turn

    def measure_ours(self, what, network, work, options):
        turn = self.ours.measure(work=work, network=network, options=options,
                                 batch=self.asked.batch, micro_batch=self.micro_batch,
                                 threads=self.cores, seconds=self.asked.seconds)
        return self.note_speed(what, turn)

    def peer(self, threads, memory="kept"):
        return Server([sys.executable, "-B", str(HERE / "torch_steps.py")], threads, memory)

    def measure_peer(self, server, what, network, work, way, seconds):
        turn = server.measure(work=work, network=network, batch=self.asked.batch, seconds=seconds,
                              **{key: way[key] for key in ("threads", "format", "precision")})
        return self.note_speed(what, turn)

    def try_variant(self, network, work, way):
        with self.peer(way["threads"], way["memory"]) as server:
            turn = self.measure_peer(server, f"PyTorch, {report.way_text(way)}", network, work, way,
                                     self.asked.seconds / 2)
        return {**way, **turn}

    def variants(self, network, work):
        """All ways, the fastest of f32, the fastest of all, and that one without memory kept."""
        ways = [{"precision": precision, "threads": threads, "format": memory_format,
                 "memory": "kept"}
                for precision in PRECISIONS
                for threads in sorted({1, self.cores})
                for memory_format in ("contiguous", "channels_last")]
        tried = [self.try_variant(network, work, way) for way in ways]
        able = [way for way in tried if "error" not in way]
        by_speed = operator.itemgetter("step_seconds")
        best = {"f32": min((way for way in able if way["precision"] == "f32"), key=by_speed)}
        if "bf16" in PRECISIONS:
            best["bf16"] = min(able, key=by_speed)
        best = {precision: {key: way[key] for key in ways[0]} for precision, way in best.items()}
        tried.append(self.try_variant(network, work, {**best["f32"], "memory": "given back"}))
        return best, tried

    def step_row(self, name, network, work, goals):
        """Peers and gapbench in turns. A way that is the best for both precisions runs once a turn."""
        self.begin(name)
        best, variants = self.variants(network, work)
        peers = {precision: [] for precision in best}
        ours = {precision: [] for precision in PRECISIONS}
        with contextlib.ExitStack() as stack:
            servers = {precision: stack.enter_context(self.peer(way["threads"], way["memory"]))
                       for precision, way in best.items()}
            for turn in range(1, self.asked.rounds + 1):
                print(f" turn {turn} of {self.asked.rounds}", flush=True)
                for precision, options in PRECISIONS.items():
                    if precision != "f32" and best[precision] == best["f32"]:
                        peers[precision].append(peers["f32"][-1])
                    else:
                        peers[precision].append(self.measure_peer(
                            servers[precision], f"PyTorch, best against {precision}", network, work,
                            best[precision], self.asked.seconds))
                    ours[precision].append(self.measure_ours(f"gapbench {precision}", network,
                                                             work, options))
        columns = {
            precision: {"turns": ours[precision], "peer": best[precision],
                        "peer_turns": peers[precision],
                        "must": goals[precision][0], "aim": goals[precision][1],
                        "ratios": [p["step_seconds"] / o["step_seconds"]
                                   for p, o in zip(peers[precision], ours[precision])]}
            for precision in PRECISIONS}
        return {"name": name, "batch": self.asked.batch, "variants": variants, "ours": columns}

    def hessian_vector_cost(self, name):
        """In gradients, behind the gradient that it needs: t(g and H v) / t(g) - 1."""
        self.begin(name)
        ratios, peer = [], []
        way = {"threads": self.cores, "format": "channels_last", "precision": "f32"}
        with self.peer(self.cores) as server:
            for _ in range(self.asked.rounds):
                ours, theirs = [], []
                for work in ("gradient", "hessian_vector"):
                    ours.append(self.measure_ours(f"gapbench {work}", "resnet20", work, {}))
                    theirs.append(self.measure_peer(server, f"PyTorch {work}", "resnet20", work,
                                                    way, self.asked.seconds))
                for turns, into in ((ours, ratios), (theirs, peer)):
                    into.append(turns[1]["step_seconds"] / turns[0]["step_seconds"] - 1)
        return {"name": name, "ratios": ratios, "peer_ratios": peer, "most": 2.2, "aim": 2.0}

    def example_norms_cost(self, name):
        """With group normalization: batch normalization leaves no example a gradient of its own."""
        self.begin(name)
        ratios = []
        for _ in range(self.asked.rounds):
            gradient, norms = (
                self.measure_ours(f"gapbench {work}", "resnet20", work, {"norm": "group"})
                for work in ("gradient", "example_norms"))
            ratios.append(norms["step_seconds"] / gradient["step_seconds"])
        return {"name": name, "ratios": ratios, "most": 1.3, "aim": 1.1}

    def gapbench_run(self, folder, *options):
        command = [str(self.asked.build / "bin" / "gapbench"), "run", str(HERE / "trials.yaml"),
                   "--quiet", "--output", str(folder), *options]
        watch = machine.Watch()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = watch.seconds()
        if done.returncode != 0:
            sys.exit(f"peers: {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        self.note(f"gapbench run {' '.join(options)}: {seconds:.1f} s", watch.others())
        return seconds

    def two_trials(self, name):
        self.begin(name)
        epochs = ["--set", f"budget.epochs={1 if self.asked.quick else 4}", "--threads", "1"]
        ratios = []
        for _ in range(max(1, self.asked.rounds // 2)):
            seconds = []
            for jobs in ("1", "2"):
                with tempfile.TemporaryDirectory() as folder:
                    seconds.append(self.gapbench_run(folder, "-j", jobs, *epochs))
            ratios.append(seconds[0] / seconds[1])
        return {"name": name, "ratios": ratios, "least": 1.9}

    def outside_training(self, name):
        self.begin(name)
        epochs = 2 if self.asked.quick else 30
        with tempfile.TemporaryDirectory() as folder:
            wall = self.gapbench_run(folder, "--set", "seeds=[1]", "--set",
                                     f"budget.epochs={epochs}", "--threads", str(self.cores))
            summary, = pathlib.Path(folder).rglob("summary.json")
            cost = json.loads(summary.read_text())["cost"]
        inside = sum(cost[bucket]["wall_seconds"] for bucket in ("train", "evaluate", "probe"))
        return {"name": name, "ratios": [1 - inside / wall], "most": 0.02, "percent": True,
                "trial_seconds": wall}

    def run(self):
        result = {"machine": machine.describe(), "gapbench": self.ours.about["build"],
                  "peaks": self.ours.about["peaks"],
                  "settings": {"batch": self.asked.batch, "micro_batch": self.micro_batch,
                               "rounds": self.asked.rounds, "seconds": self.asked.seconds},
                  "steps": [], "shares": []}
        for name, network, work, goals in STEPS:
            if self.asked.only in name:
                result["steps"].append(self.step_row(name, network, work, goals))
        result["shares"] += self.shares()
        self.ours.close()
        if not self.disturbed:
            sys.exit(f"peers: no row has \"{self.asked.only}\" in its name")
        result["machine"]["load_average_after"] = os.getloadavg()
        result["disturbed"] = self.disturbed
        return result

    def shares(self):
        rows = [
            ("Exact Hessian-vector product over gradient", self.hessian_vector_cost),
            ("Per-example gradient norms over gradient (ResNet-20, group norm)",
             self.example_norms_cost),
            ("Two trials, one thread each: one after the other over side by side",
             self.two_trials),
            ("Share of a trial's time outside training and evaluating", self.outside_training),
        ]
        for name, measure in rows:
            if self.asked.only in name:
                yield measure(name)


def arguments():
    parser = argparse.ArgumentParser(prog="benchmarks/peers/run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="build folder")
    parser.add_argument("--output", type=pathlib.Path, default="results/performance",
                        help="where peers.md and peers.json go (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--micro-batch", type=int, default=0, help="gapbench's; default: its own")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of turns (default: 5)")
    parser.add_argument("--seconds", type=float, default=10, help="of a turn (default: 10)")
    parser.add_argument("--only", default="", metavar="TEXT", help="rows with this in their name")
    parser.add_argument("--quick", action="store_true",
                        help="two rounds of one second: does it work? Not for publishing")
    parser.add_argument("--loaded", action="store_true",
                        help="measure even while other processes work")
    asked = parser.parse_args()
    if asked.quick:
        asked.rounds, asked.seconds = 2, 1
    return asked


def require_peer():
    """PyTorch with the library that makes it a peer: the reference BLAS is many times slower."""
    if importlib.util.find_spec("torch") is None or "openblas" not in machine.blas():
        sys.exit("peers: needs PyTorch with OpenBLAS: apt-get install --no-install-recommends "
                 "python3-torch libopenblas0-pthread")


def main():
    asked = arguments()
    require_peer()
    others = machine.others_now()
    if others > QUIET and not asked.loaded:
        sys.exit(f"peers: other processes take {100 * others:.0f} % of the cores; wait, or say "
                 "--loaded to measure nevertheless and mark it")
    result = Comparison(asked).run()
    result["others_before"] = others
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / "peers.json").write_text(json.dumps(result, indent=1) + "\n")
    (asked.output / "peers.md").write_text(report.markdown(result, asked.quick))
    print("\n" + report.markdown(result, asked.quick))
    print(f"written: {asked.output}/peers.md, {asked.output}/peers.json")


if __name__ == "__main__":
    main()
