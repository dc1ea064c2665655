"""Takes 50 steps with the reference implementations and writes the weights to ../resources/optim/optimizers.json.

    python dil-train/src/test/python/optimizers.py

SGD is torch's, Adafactor transformers', Lion bitsandbytes' on the CPU. A matrix with weight decay and a vector without,
as transformers' Trainer groups them; gradients are random numbers of growing and shrinking size. OptimizersTest holds
Sgd, Adafactor and Lion to it. Written with the versions that the file names.
"""

import json
import pathlib

import bitsandbytes
import torch
import transformers
from transformers.optimization import Adafactor

STEPS = 50
KEPT = [1, 2, 10, 50]
RATE = 1e-2


def lion(params, **kwargs):
    return bitsandbytes.optim.Lion32bit(params, **kwargs)


CASES = [
    ("sgd", {}, 0.0, lambda p: torch.optim.SGD(p, lr=RATE)),
    ("sgd", {"momentum": 0.9}, 0.1, lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9)),
    ("sgd", {"momentum": 0.9, "nesterov": True}, 0.1, lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True)),
    ("adafactor", {}, 0.0, lambda p: Adafactor(p, lr=RATE, scale_parameter=False, relative_step=False)),
    ("adafactor", {"scale_parameter": True, "clip_threshold": 0.5}, 0.1,
     lambda p: Adafactor(p, lr=RATE, scale_parameter=True, relative_step=False, clip_threshold=0.5)),
    ("adafactor", {"beta1": 0.9, "decay_rate": -0.5, "eps1": 1e-10, "eps2": 1e-2, "scale_parameter": True}, 0.1,
     lambda p: Adafactor(p, lr=RATE, relative_step=False, beta1=0.9, decay_rate=-0.5, eps=(1e-10, 1e-2), scale_parameter=True)),
    ("lion_32bit", {}, 0.0, lambda p: lion(p, lr=RATE, betas=(0.9, 0.999))),
    ("lion_32bit", {}, 0.1, lambda p: lion(p, lr=RATE, betas=(0.9, 0.999))),
]


def main():
    torch.manual_seed(20)
    start = [torch.randn(6, 5), torch.randn(7)]
    slopes = []
    for t in range(STEPS):
        size = 10 ** (((t * 7) % 11) / 5 - 1)
        slopes.append([torch.randn(6, 5) * size, torch.randn(7) * size])
    cases = []
    for name, arguments, decay, make in CASES:
        params = [torch.nn.Parameter(x.clone()) for x in start]
        optimizer = make([{"params": [params[0]], "weight_decay": decay}, {"params": [params[1]], "weight_decay": 0.0}])
        kept = {}
        for t in range(STEPS):
            for parameter, slope in zip(params, slopes[t]):
                parameter.grad = slope.clone()
            # The rate falls, as a schedule makes it.
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 - t / STEPS)
            optimizer.step()
            if t + 1 in KEPT:
                kept[str(t + 1)] = [p.detach().flatten().tolist() for p in params]
        cases.append({"optim": name, "arguments": arguments, "weight_decay": decay, "weights": kept})
    written = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "bitsandbytes": bitsandbytes.__version__},
        "rate": RATE,
        "steps": STEPS,
        "shapes": [[6, 5], [7]],
        "start": [x.flatten().tolist() for x in start],
        "gradients": [[x.flatten().tolist() for x in step] for step in slopes],
        "cases": cases,
    }
    place = pathlib.Path(__file__).parent.parent / "resources/optim/optimizers.json"
    place.write_text(json.dumps(written) + "\n")


main()
