"""gapbench's networks in PyTorch, with the same names of tensors.

    make("resnet20", {"width": 16}, side=32, classes=10)

Images are [examples, 3, side, side]; tensors that gapbench flattens are flattened row, column,
channel here too. tests/parity proves that these networks compute what gapbench's do;
benchmarks/peers times them. Defaults and shapes: harness/nn/architectures/.
"""

from collections import OrderedDict

import torch
from torch import nn


class FlattenChannelsLast(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class GlobalAveragePool(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class Norms:
    """Which normalization stands behind the convolutions."""

    def __init__(self, options, default):
        self.kind = options.get("norm", default)
        self.groups = options.get("groups", 8)

    def exists(self):
        return self.kind != "none"

    def make(self, channels):
        if self.kind == "batch":
            return nn.BatchNorm2d(channels)
        return nn.GroupNorm(self.groups, channels)

    def convolution(self, inputs, outputs, kernel, stride=1):
        return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=not self.exists())

    def unit(self, inputs, outputs, kernel, stride=1):
        parts = OrderedDict(conv=self.convolution(inputs, outputs, kernel, stride))
        if self.exists():
            parts["norm"] = self.make(outputs)
        return nn.Sequential(parts)

    def rectified(self, channels):
        """Norm and ReLU in front of a convolution."""
        parts = OrderedDict(norm=self.make(channels)) if self.exists() else OrderedDict()
        parts["relu"] = nn.ReLU()
        return nn.Sequential(parts)


class NormedConvolution(nn.Conv2d):
    """A convolution and the normalization of its outputs."""

    def __init__(self, norms, inputs, outputs, kernel):
        super().__init__(inputs, outputs, kernel, 1, kernel // 2, bias=not norms.exists())
        self.norm = norms.make(outputs) if norms.exists() else nn.Identity()

    def forward(self, x):
        return self.norm(super().forward(x))


class NormedLinear(nn.Linear):
    """A linear layer and the normalization of its outputs."""

    def __init__(self, norms, inputs, outputs):
        super().__init__(inputs, outputs, bias=not norms.exists())
        kinds = {"batch": nn.BatchNorm1d, "none": lambda _: nn.Identity(),
                 "group": lambda units: nn.GroupNorm(norms.groups, units)}
        self.norm = kinds[norms.kind](outputs)

    def forward(self, x):
        return self.norm(super().forward(x))


class BasicBlock(nn.Module):
    def __init__(self, norms, inputs, outputs, stride):
        super().__init__()
        self.add_module("1", norms.unit(inputs, outputs, 3, stride))
        self.relu1 = nn.ReLU()
        self.add_module("2", norms.unit(outputs, outputs, 3))
        same = stride == 1 and inputs == outputs
        self.shortcut = None if same else norms.unit(inputs, outputs, 1, stride)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        main = self._modules["2"](self.relu1(self._modules["1"](x)))
        return self.relu2(main + (x if self.shortcut is None else self.shortcut(x)))


class PreActivationBlock(nn.Module):
    def __init__(self, norms, inputs, outputs, stride):
        super().__init__()
        self.same = stride == 1 and inputs == outputs
        for name, channels, step in (("1", inputs, stride), ("2", outputs, 1)):
            part = norms.rectified(channels)
            part.add_module("conv", norms.convolution(channels, outputs, 3, step))
            self.add_module(name, part)
        if not self.same:
            self.shortcut = nn.Sequential(
                OrderedDict(conv=norms.convolution(inputs, outputs, 1, stride)))

    def forward(self, x):
        first, second = self._modules["1"], self._modules["2"]
        rectified = first[:-1](x)
        main = second(first[-1](rectified))
        return main + (x if self.same else self.shortcut(rectified))


def add_stages(parts, block, norms, inputs, widths, blocks):
    for stage, channels in enumerate(widths, 1):
        made = OrderedDict()
        for i in range(1, blocks + 1):
            stride = 2 if stage > 1 and i == 1 else 1
            made[f"block{i}"] = block(norms, inputs, channels, stride)
            inputs = channels
        parts[f"stage{stage}"] = nn.Sequential(made)
    return inputs


def resnet(stages, blocks, default_width):
    def build(options, side, classes):
        norms = Norms(options, "batch")
        width = options.get("width", default_width)
        parts = OrderedDict(stem=norms.unit(3, width, 3), relu=nn.ReLU())
        widths = [width << stage for stage in range(stages)]
        last = add_stages(parts, BasicBlock, norms, width, widths, blocks)
        parts.update(pool=GlobalAveragePool(), output=nn.Linear(last, classes))
        return nn.Sequential(parts)
    return build


def wide_resnet_16_4(options, side, classes):
    norms = Norms(options, "batch")
    width = options.get("width", 16)
    parts = OrderedDict(stem=nn.Sequential(OrderedDict(conv=norms.convolution(3, width, 3))))
    widths = [4 * width << stage for stage in range(3)]
    channels = add_stages(parts, PreActivationBlock, norms, width, widths, 2)
    parts.update(last=norms.rectified(channels), pool=GlobalAveragePool(),
                 output=nn.Linear(channels, classes))
    return nn.Sequential(parts)


def vgg(channels, hidden, default_norm):
    def build(options, side, classes):
        norms = Norms(options, default_norm)
        width = options.get("width", 64)
        parts, inputs, units = OrderedDict(), 3, 0
        for i, multiple in enumerate(channels):
            if multiple == 0:
                parts[f"pool{i}"] = nn.MaxPool2d(2)
                side //= 2
                continue
            units += 1
            parts[f"unit{units}"] = norms.unit(inputs, multiple * width, 3)
            parts[f"relu{units}"] = nn.ReLU()
            inputs = multiple * width
        parts["flatten"] = FlattenChannelsLast()
        inputs *= side * side
        for i in range(1, hidden + 1):
            parts[f"hidden{i}"] = nn.Linear(inputs, 8 * width)
            parts[f"hidden_relu{i}"] = nn.ReLU()
            inputs = 8 * width
        parts["output"] = nn.Linear(inputs, classes)
        return nn.Sequential(parts)
    return build


def keskar_c1(options, side, classes):
    norms = Norms(options, "batch")
    width = options.get("width", 64)
    parts, inputs = OrderedDict(), 3
    for i in (1, 2):
        parts[f"unit{i}"] = norms.unit(inputs, width, 5)
        parts[f"relu{i}"] = nn.ReLU()
        parts[f"pool{i}"] = nn.MaxPool2d(3, 2, 1)
        inputs, side = width, (side + 1) // 2
    parts["flatten"] = FlattenChannelsLast()
    inputs *= side * side
    for i, units in enumerate((6 * width, 3 * width), 1):
        parts[f"hidden{i}"] = NormedLinear(norms, inputs, units)
        parts[f"hidden_relu{i}"] = nn.ReLU()
        inputs = units
    parts["output"] = nn.Linear(inputs, classes)
    return nn.Sequential(parts)


def cnn3(options, side, classes):
    norms = Norms(options, "none")
    width, hidden = options.get("width", 32), options.get("hidden", 128)
    parts, inputs = OrderedDict(), 3
    for i, outputs in enumerate((width, 2 * width, 2 * width), 1):
        parts[f"conv{i}"] = NormedConvolution(norms, inputs, outputs, 3)
        parts[f"pool{i}"] = nn.MaxPool2d(2)
        parts[f"relu{i}"] = nn.ReLU()
        inputs, side = outputs, side // 2
    parts.update(flatten=FlattenChannelsLast(), hidden=nn.Linear(inputs * side * side, hidden),
                 relu=nn.ReLU(), output=nn.Linear(hidden, classes))
    return nn.Sequential(parts)


def lenet5(options, side, classes):
    activation = nn.ReLU if options.get("activation", "tanh") == "relu" else nn.Tanh
    pool = nn.MaxPool2d if options.get("pooling", "average") == "max" else nn.AvgPool2d
    padding = 2 if side < 32 else 0
    last = ((side + 2 * padding - 4) // 2 - 4) // 2
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, 6, 5, padding=padding), act1=activation(), pool1=pool(2),
        conv2=nn.Conv2d(6, 16, 5), act2=activation(), pool2=pool(2),
        flatten=FlattenChannelsLast(),
        hidden1=nn.Linear(16 * last * last, 120), act3=activation(),
        hidden2=nn.Linear(120, 84), act4=activation(), output=nn.Linear(84, classes)))


def mlp(options, side, classes):
    width, depth = options.get("width", 256), options.get("depth", 2)
    activation = nn.Tanh if options.get("activation", "relu") == "tanh" else nn.ReLU
    parts, inputs = OrderedDict(flatten=FlattenChannelsLast()), 3 * side * side
    for i in range(1, depth + 1):
        parts[f"hidden{i}"] = nn.Linear(inputs, width)
        parts[f"act{i}"] = activation()
        inputs = width
    parts["output"] = nn.Linear(inputs, classes)
    return nn.Sequential(parts)


BUILDERS = {
    "mlp": mlp, "lenet5": lenet5, "cnn3": cnn3, "keskar_c1": keskar_c1,
    "resnet8": resnet(3, 1, 16), "resnet20": resnet(3, 3, 16), "resnet18": resnet(4, 2, 64),
    "wide_resnet_16_4": wide_resnet_16_4,
    "vgg11": vgg((1, 0, 2, 0, 4, 4, 0, 8, 8, 0, 8, 8, 0), 2, "none"),
    "vgg16_bn": vgg((1, 1, 0, 2, 2, 0, 4, 4, 4, 0, 8, 8, 8, 0, 8, 8, 8, 0), 0, "batch"),
}


def make(name, options, side, classes):
    return BUILDERS[name](options, side, classes)


def parameters(network, names):
    """The parameters that gapbench calls by these names, in this order."""
    by_name = dict(network.named_parameters())
    ending = {"scale": "weight", "shift": "bias"}
    wanted = []
    for name in names:
        owner, _, last = name.rpartition(".")
        wanted.append(by_name.pop(f"{owner}.{ending.get(last, last)}"))
    if by_name:
        raise KeyError(f"PyTorch's network has more parameters: {', '.join(by_name)}")
    return wanted


def batch_norms(network):
    return [m for m in network.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
