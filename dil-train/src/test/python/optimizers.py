"""Takes 50 steps with the reference implementations and writes the weights to ../resources/optim/optimizers.json.

    python dil-train/src/test/python/optimizers.py

SGD is torch's, Adafactor transformers', Lion bitsandbytes' on the CPU. Muon is its authors' formula
(https://kellerjordan.github.io/posts/muon/) on the matrix and torch's AdamW on the vector; torch 2.7 has none. A matrix with weight decay and a vector without,
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


class Muon(torch.optim.Optimizer):
    """The published formula; the vector, and matrices that are no hidden ones, are torch's AdamW's."""

    def __init__(self, groups, momentum=0.95, nesterov=True, rounds=5, match_rms_adamw=False):
        super().__init__(groups, {"lr": RATE})
        self.matrix = groups[0]["params"][0]
        self.buffer = torch.zeros_like(self.matrix)
        self.numbers = momentum, nesterov, rounds, match_rms_adamw
        self.rest = torch.optim.AdamW(groups[1]["params"], lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)

    @torch.no_grad()
    def step(self):
        momentum, nesterov, rounds, match = self.numbers
        first, second = self.param_groups
        g, m, p = self.matrix.grad, self.buffer, self.matrix
        m.lerp_(g, 1 - momentum)
        x = (g.lerp(m, momentum) if nesterov else m).to(torch.bfloat16)
        rows, columns = x.shape
        x = x.T if rows > columns else x
        x = x / (x.norm() + 1e-7)
        for _ in range(rounds):
            a = x @ x.T
            x = 3.4445 * x + (-4.7750 * a + (2.0315 * a) @ a) @ x
        x = x.T if rows > columns else x
        scale = 0.2 * max(rows, columns) ** 0.5 if match else max(1, rows / columns) ** 0.5
        p.mul_(1 - first["lr"] * first["weight_decay"])
        p.add_(x * scale, alpha=-first["lr"])
        self.rest.param_groups[0]["lr"] = second["lr"]
        self.rest.step()


CASES = [
    ("sgd", {}, 0.0, lambda p: torch.optim.SGD(p, lr=RATE)),
    ("sgd", {"momentum": 0.9}, 0.1, lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9)),
    ("sgd", {"momentum": 0.9, "nesterov": True}, 0.1, lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True)),
    ("adafactor", {}, 0.0, lambda p: Adafactor(p, lr=RATE, scale_parameter=False, relative_step=False)),
    ("adafactor", {"scale_parameter": True, "clip_threshold": 0.5}, 0.1,
     lambda p: Adafactor(p, lr=RATE, scale_parameter=True, relative_step=False, clip_threshold=0.5)),
    ("adafactor", {"beta1": 0.9, "decay_rate": -0.5, "eps1": 1e-10, "eps2": 1e-2, "scale_parameter": True}, 0.1,
     lambda p: Adafactor(p, lr=RATE, relative_step=False, beta1=0.9, decay_rate=-0.5, eps=(1e-10, 1e-2), scale_parameter=True)),
    ("adafactor", {"relative_step": True, "scale_parameter": True}, 0.1,
     lambda p: Adafactor(p, lr=None, relative_step=True, scale_parameter=True)),
    ("adafactor", {"relative_step": True, "warmup_init": True}, 0.0,
     lambda p: Adafactor(p, lr=None, relative_step=True, warmup_init=True, scale_parameter=False)),
    ("lion_32bit", {}, 0.0, lambda p: lion(p, lr=RATE, betas=(0.9, 0.999))),
    ("lion_32bit", {}, 0.1, lambda p: lion(p, lr=RATE, betas=(0.9, 0.999))),
    ("muon", {}, 0.0, Muon),
    ("muon", {"momentum": 0.9, "nesterov": False, "ns_steps": 3}, 0.1, lambda p: Muon(p, 0.9, False, 3)),
    ("muon", {"match_rms_adamw": True}, 0.1, lambda p: Muon(p, match_rms_adamw=True)),
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
