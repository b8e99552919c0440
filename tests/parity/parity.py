"""Does gapbench compute what PyTorch computes?

    parity.py PARITY_EXPORT [--all] [--case NAME] [--verbose]

For each case gapbench writes down a network's weights, inputs and its own answers (parity_export),
and PyTorch repeats the questions in double precision: loss, gradient, Hessian-vector product and
the gradient of lambda |g|^2, for every head, with batch statistics and with running ones. Every
answer must agree within TOLERANCE of its own length. Each tensor's part of it must agree within
TENSOR_TOLERANCE of its own length, or ten times what PyTorch loses there in single precision:
behind a normalization whole tensors of an answer cancel to rounding.

A ReLU whose input is near 0 has no derivative to agree on: rounding decides the side, and one unit
among a million changes an answer by 1e-3. So a case takes the first draw of weights and images for
which all inputs of ReLUs and all winners of max pools lie MARGIN (of their layer's root mean
square) away from a kink. PyTorch's double forward pass alone decides that.

Exit code 77: skipped, PyTorch is not there.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(f"parity: skipped: {missing}; Debian: apt-get install python3-torch")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks" / "peers"))
import networks  # noqa: E402

TOLERANCE = 1e-4
TENSOR_TOLERANCE = 1e-3
MARGIN = 5e-6
DRAWS = 60

# name, network, options, side, examples, shift, only with --all
CASES = [
    ("resnet20", "resnet20", {}, 16, 2, 0, False),
    ("resnet20 32x32", "resnet20", {}, 32, 16, 3, True),
    ("resnet20 group norm", "resnet20", {"norm": "group"}, 16, 2, 0, True),
    ("resnet8", "resnet8", {"width": 8}, 16, 4, 0, False),
    ("resnet8 group norm", "resnet8", {"width": 8, "norm": "group", "groups": 2}, 16, 4, 0, False),
    ("resnet8 no norm", "resnet8", {"width": 8, "norm": "none"}, 16, 4, 0, True),
    ("resnet18", "resnet18", {"width": 8}, 16, 4, 0, True),
    ("wide_resnet_16_4", "wide_resnet_16_4", {"width": 4}, 16, 2, 0, True),
    ("vgg11", "vgg11", {"width": 8}, 32, 4, 0, False),
    ("vgg16_bn", "vgg16_bn", {"width": 8}, 32, 4, 0, True),
    ("keskar_c1", "keskar_c1", {"width": 4}, 16, 16, 0, False),
    ("cnn3", "cnn3", {"width": 8, "hidden": 32}, 16, 8, 0, False),
    ("cnn3 batch norm", "cnn3", {"width": 8, "hidden": 32, "norm": "batch"}, 16, 8, 0, False),
    ("lenet5 tanh", "lenet5", {}, 32, 8, 0, True),
    ("lenet5 relu", "lenet5", {"activation": "relu", "pooling": "max"}, 28, 4, 0, True),
    ("mlp", "mlp", {"width": 64}, 8, 8, 0, False),
]


def heads(arrays, width):
    """What each head of parity_export makes of the outputs z."""
    one_hot = torch.nn.functional.one_hot(arrays["labels"].long(), width)
    cross_entropy = torch.nn.functional.cross_entropy
    return {
        "cross_entropy": lambda z: cross_entropy(z, arrays["labels"].long()),
        "sampled_labels": lambda z: cross_entropy(z, arrays["sampled"].long()),
        "average_jacobian": lambda z: z.mean(0).sum(),
        "unit_jacobian": lambda z: z.mean(0) @ arrays["unit"],
        "squared_error": lambda z: (z - one_hot).square().sum(1).mean(),
    }


class Written:
    """What gapbench wrote, as doubles."""

    def __init__(self, folder):
        self.description = json.loads((folder / "description.json").read_text())
        self.arrays = {
            f.name.removesuffix(".f32"): torch.from_numpy(np.fromfile(f, np.float32)).double()
            for f in folder.glob("*.f32")
        }

    def __getitem__(self, name):
        return self.arrays[name]


class Kinks:
    """The smallest distance of a forward pass to a kink, over the layer's root mean square."""

    def __init__(self, network):
        self.distance = np.inf
        for module in network.modules():
            if isinstance(module, torch.nn.ReLU):
                module.register_forward_pre_hook(self.relu)
            if isinstance(module, torch.nn.MaxPool2d):
                module.register_forward_pre_hook(self.max_pool)

    def note(self, distances, x):
        if distances.numel() > 0:
            scale = x.detach().square().mean().sqrt()
            self.distance = min(self.distance, float(distances.min() / scale))

    def relu(self, module, inputs):
        self.note(inputs[0].detach().abs(), inputs[0])

    def max_pool(self, module, inputs):
        side, stride, padding = module.kernel_size, module.stride, module.padding
        x = torch.nn.functional.pad(inputs[0].detach(), 4 * (padding,), value=-np.inf)
        windows = x.unfold(2, side, stride).unfold(3, side, stride).flatten(4)
        best = windows.topk(2).values
        # Where the winner is not above 0, a ReLU before or behind the pool lets nothing through.
        self.note((best[..., 0] - best[..., 1])[best[..., 0] > 0], inputs[0])


class Peer:
    """The same network, weights and data in PyTorch, in a given precision."""

    def __init__(self, case, written, mode, dtype):
        _, name, options, side, self.examples, *_ = case
        self.written, self.dtype = written, dtype
        self.network = networks.make(name, options, side, CLASSES).to(dtype)
        tensors = written.description["tensors"]
        self.parameters = networks.parameters(self.network, [t["name"] for t in tensors])
        with torch.no_grad():
            for tensor, parameter in zip(tensors, self.parameters):
                parameter.copy_(self.part("weights", tensor).reshape(tensor["shape"]))
        self.network.train(mode == "training")
        if mode == "evaluation":
            self.assign_statistics(written.arrays.get("running_statistics"))
        self.kinks = Kinks(self.network)
        images = written["inputs"].to(dtype).reshape(self.examples, side, side, 3)
        self.inputs = images.permute(0, 3, 1, 2).contiguous()

    def part(self, array, tensor):
        return self.written[array].narrow(0, tensor["offset"], tensor["size"])

    def assign_statistics(self, statistics):
        at = 0
        for norm in networks.batch_norms(self.network):
            for running in (norm.running_mean, norm.running_var):
                running.copy_(statistics[at:at + running.numel()])
                at += running.numel()

    def statistics(self):
        """What the last forward pass in training mode measured."""
        for norm in networks.batch_norms(self.network):
            norm.momentum = 1
        self.network(self.inputs)
        measured = [r for norm in networks.batch_norms(self.network)
                    for r in (norm.running_mean, norm.running_var)]
        return torch.cat(measured).double() if measured else torch.empty(0).double()

    def flat(self, gradients):
        """In gapbench's order; a parameter that an answer does not depend on has zeros."""
        whole = [torch.zeros_like(p) if g is None else g
                 for g, p in zip(gradients, self.parameters)]
        return torch.cat([g.reshape(-1) for g in whole])

    def gradient(self, value, **options):
        gradients = torch.autograd.grad(value, self.parameters, allow_unused=True, **options)
        return self.flat(gradients)

    def push(self, z, direction):
        """J v, by differentiating u -> v J^T u."""
        u = torch.zeros_like(z, requires_grad=True)
        pulled = self.gradient(z, grad_outputs=u, create_graph=True)
        moved, = torch.autograd.grad(pulled @ direction, u)
        return moved

    def gauss_newton(self, z, head, direction):
        """J^T (d2s/dz2) J v."""
        leaf = z.detach().requires_grad_()
        slope, = torch.autograd.grad(head(leaf), leaf, create_graph=True)
        if not slope.requires_grad:  # linear in z
            return torch.zeros_like(direction)
        curved, = torch.autograd.grad(slope, leaf, grad_outputs=self.push(z, direction))
        return self.gradient(z, grad_outputs=curved, retain_graph=True)

    def example_norms(self, z, head):
        """|d s_i / d w|^2 of every example, the head being the mean of s_i."""
        leaf = z.detach().requires_grad_()
        slope, = torch.autograd.grad(head(leaf), leaf)
        ones = torch.eye(len(z), dtype=z.dtype)
        return torch.stack([
            self.gradient(z, grad_outputs=len(z) * one[:, None] * slope, retain_graph=True)
            .square().sum() for one in ones])

    def answers(self):
        """Everything gapbench answered, by the names of its arrays."""
        weight = self.written.description["lambda"]
        arrays = {name: a.to(self.dtype) for name, a in self.written.arrays.items()}
        z = self.network(self.inputs)
        out = {"outputs": z.detach().reshape(-1)}
        for name, head in heads(arrays, CLASSES).items():
            value = head(z)
            g = self.gradient(value, create_graph=True)
            out[f"{name}.value"] = value.detach().reshape(1)
            out[f"{name}.gradient"] = g.detach()
            out[f"{name}.hessian_vector"] = self.gradient(g @ arrays["direction"],
                                                          retain_graph=True)
            out[f"{name}.penalty_gradient"] = self.gradient(weight * g.square().sum(),
                                                            retain_graph=True)
            out[f"{name}.gauss_newton_vector"] = self.gauss_newton(z, head, arrays["direction"])
            if not networks.batch_norms(self.network):
                out[f"{name}.example_norms"] = self.example_norms(z, head)
        u = arrays["cotangent"].reshape(z.shape)
        out["vector_jacobian"] = self.gradient(z, grad_outputs=u, retain_graph=True)
        out["jacobian_vector"] = self.push(z, arrays["direction"]).reshape(-1)
        if self.network.training:
            out["statistics"] = self.statistics()
        return {name: a.double() for name, a in out.items()}


CLASSES = 10


def distance(ours, theirs, scale=0):
    length = max(float(theirs.norm()), scale)
    return float((ours - theirs).norm()) / length if length > 0 else float(ours.norm())


def export(program, case, mode, draw, folder):
    _, name, options, side, examples, shift, _ = case
    request = {"network": name, "options": options, "side": side, "classes": CLASSES,
               "examples": examples, "mode": mode, "draw": draw, "shift": shift}
    subprocess.run([program, str(folder), json.dumps(request)], check=True)
    return Written(folder)


def first_clear_draw(program, case, mode, folder):
    for draw in range(1, DRAWS + 1):
        written = export(program, case, mode, draw, folder)
        peer = Peer(case, written, mode, torch.float64)
        with torch.no_grad():
            peer.network(peer.inputs)
        if peer.kinks.distance > MARGIN:
            return draw, written, peer
    raise RuntimeError(f"{case[0]} {mode}: no draw of {DRAWS} is clear of kinks")


def worst_tensor(written, ours, theirs, single):
    """The largest error of a tensor over what it may be, and the tensor's name."""
    tensors = written.description["tensors"]
    if len(ours) != sum(t["size"] for t in tensors):
        return 0, ""
    worst = (0, "")
    for tensor in tensors:
        at = slice(tensor["offset"], tensor["offset"] + tensor["size"])
        allowed = max(TENSOR_TOLERANCE * float(theirs[at].norm()),
                      10 * float((single[at] - theirs[at]).norm()))
        error = float((ours[at] - theirs[at]).norm())
        if error > 0:
            worst = max(worst, (error / allowed if allowed > 0 else np.inf, tensor["name"]))
    return worst


def compare(program, case, mode, verbose):
    """Prints one line; true where everything agrees."""
    with tempfile.TemporaryDirectory() as folder:
        draw, written, peer = first_clear_draw(program, case, mode, pathlib.Path(folder))
    theirs = peer.answers()
    single = Peer(case, written, mode, torch.float32).answers()
    values = {f"{name}.value": torch.tensor([value]).double()
              for name, value in written.description["values"].items()}
    ours = {**written.arrays, **values}
    worst, rounding, lines, wrong = {}, 0, [], 0
    for name, right in theirs.items():
        # A mean of outputs may be near 0 by chance: values are held against the outputs' size.
        scale = theirs["outputs"].abs().mean() if name.endswith(".value") else 0
        error = distance(ours[name], right, scale)
        part, tensor = worst_tensor(written, ours[name], right, single[name])
        own = distance(single[name], right, scale)
        kind = name.rpartition(".")[2]
        worst[kind] = max(worst.get(kind, 0), error)
        rounding = max(rounding, own)
        agrees = error <= TOLERANCE and part <= 1
        if verbose or not agrees:
            lines.append(f"    {'' if agrees else 'differs: '}{name} {error:.1e}, PyTorch in f32 "
                         f"{own:.1e}; {part:.1e} of what is allowed in {tensor or 'no tensor'}")
        wrong += not agrees
    print(f"{'differs' if wrong else 'ok'}: {case[0]}, {mode} (draw {draw}, kinks "
          f"{peer.kinks.distance:.0e} away): "
          + ", ".join(f"{kind} {error:.0e}" for kind, error in worst.items())
          + f"; PyTorch's own f32 {rounding:.0e}")
    print("\n".join(lines), end="\n" if lines else "", flush=True)
    return wrong == 0


def modes(case):
    """Without batch normalization the two are the same."""
    _, name, options, side, *_ = case
    normalized = networks.batch_norms(networks.make(name, options, side, CLASSES))
    return ("training", "evaluation") if normalized else ("training",)


def main():
    arguments = argparse.ArgumentParser(description=__doc__,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program", help="parity_export")
    arguments.add_argument("--all", action="store_true", help="the slow cases too")
    arguments.add_argument("--case", help="this case alone")
    arguments.add_argument("--verbose", action="store_true", help="every answer")
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    cases = [c for c in CASES
             if (c[0] == asked.case if asked.case else asked.all or not c[6])]
    if not cases:
        sys.exit(f"parity: no case \"{asked.case}\", there are: "
                 + ", ".join(c[0] for c in CASES))
    agree = [compare(asked.program, case, mode, asked.verbose)
             for case in cases for mode in modes(case)]
    sys.exit(0 if all(agree) else 1)


if __name__ == "__main__":
    main()
