"""PyTorch's side of the comparison: times steps on request, as bench_steps does for gapbench.

Reads one request a line from standard input, answers one line each, JSON:

    {"work": "sgd_step", "network": "resnet20", "batch": 128, "threads": 2,
     "format": "channels_last", "precision": "f32", "seconds": 5}

An answer is {"step_seconds": [...]}, or {"error": ...} where PyTorch cannot do it.

A step is what a PyTorch user would write: forward, backward and the update of torch.optim.SGD with
momentum, on a batch that lies ready in memory. The penalty step differentiates lambda |g|^2 through
`create_graph=True`. In bf16 the forward pass and the loss run under torch.autocast("cpu", torch.bfloat16)
and all backward passes behind it, as PyTorch's documentation advises; weights stay f32.
"""

import json
import sys
import time

import torch

import networks

CLASSES, SIDE, LAMBDA = 10, 32, 1e-3
FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


class Training:
    def __init__(self, request):
        self.request = request
        torch.manual_seed(1)
        memory_format = FORMATS[request["format"]]
        self.network = networks.make(request["network"], {}, SIDE, CLASSES)
        self.network.to(memory_format=memory_format).train()
        images = torch.randn(request["batch"], 3, SIDE, SIDE)
        self.images = images.contiguous(memory_format=memory_format)
        self.labels = torch.randint(CLASSES, (request["batch"],))
        self.parameters = list(self.network.parameters())
        self.direction = [torch.randn_like(p) for p in self.parameters]
        self.optimizer = torch.optim.SGD(self.parameters, lr=1e-3, momentum=0.9)
        self.step = getattr(self, request["work"])

    def loss(self):
        bf16 = self.request["precision"] == "bf16"
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            return torch.nn.functional.cross_entropy(self.network(self.images), self.labels)

    def forward(self):
        with torch.no_grad():
            self.loss()

    def sgd_step(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        self.optimizer.step()

    def penalty_step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss()
        gradients = torch.autograd.grad(loss, self.parameters, create_graph=True)
        (loss + LAMBDA * sum(g.square().sum() for g in gradients)).backward()
        self.optimizer.step()

    def gradient(self):
        torch.autograd.grad(self.loss(), self.parameters)

    def hessian_vector(self):
        gradients = torch.autograd.grad(self.loss(), self.parameters, create_graph=True)
        torch.autograd.grad(gradients, self.parameters, grad_outputs=self.direction)


def measure(training, seconds):
    """Steps until `seconds` have gone by, two at least."""
    steps, start = [], time.perf_counter()
    before = start
    while before - start < seconds or len(steps) < 2:
        training.step()
        after = time.perf_counter()
        steps.append(after - before)
        before = after
    return {"step_seconds": steps}


def answer(training, seconds):
    try:
        training.step()
        training.step()
        return measure(training, seconds)
    except RuntimeError as error:
        return {"error": str(error).splitlines()[0]}


def main():
    print(json.dumps({"torch": torch.__version__, "config": torch.__config__.show()}), flush=True)
    training = None
    for line in sys.stdin:
        request = json.loads(line)
        seconds = request.pop("seconds")
        if training is None or training.request != request:
            training = None  # memory of the old one first
            torch.set_num_threads(request["threads"])
            training = Training(request)
        print(json.dumps(answer(training, seconds)), flush=True)


if __name__ == "__main__":
    main()
