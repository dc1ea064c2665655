"""Writes what transformers' get_scheduler gives, step by step, to ../resources/optim/schedules.json.

    python dil-train/src/test/python/schedules.py

ScheduleTest holds Schedule to it. Written with the versions that the file names.
"""

import json
import pathlib

import torch
import transformers
from transformers import get_scheduler

PEAK = 3e-4
CASES = [
    ("linear", 5, 40, {}),
    ("linear", 0, 1, {}),
    ("cosine", 5, 40, {}),
    ("cosine", 0, 33, {"num_cycles": 1.5}),
    ("cosine_with_restarts", 4, 40, {}),
    ("cosine_with_restarts", 4, 40, {"num_cycles": 3}),
    ("polynomial", 5, 40, {}),
    ("polynomial", 0, 40, {"lr_end": 1e-5, "power": 2.0}),
    ("constant", 5, 12, {}),
    ("constant_with_warmup", 5, 12, {}),
    ("inverse_sqrt", 5, 40, {}),
    ("inverse_sqrt", 0, 40, {}),
    ("inverse_sqrt", 5, 40, {"timescale": 20}),
    ("cosine_with_min_lr", 5, 40, {"min_lr_rate": 0.1}),
    ("cosine_with_min_lr", 0, 40, {"min_lr": 5e-5, "num_cycles": 1.5}),
    ("cosine_warmup_with_min_lr", 5, 40, {"min_lr_rate": 0.1}),
    ("cosine_warmup_with_min_lr", 5, 40, {"min_lr": 2e-5, "warmup_lr_rate": 0.2}),
    ("cosine_warmup_with_min_lr", 1, 20, {"min_lr_rate": 0.1, "warmup_lr_rate": 0.2}),
    ("warmup_stable_decay", 5, 40, {"num_decay_steps": 10}),
    ("warmup_stable_decay", 5, 40, {"num_decay_steps": 8, "decay_type": "linear", "min_lr_ratio": 0.1}),
    ("warmup_stable_decay", 6, 40, {"num_decay_steps": 8, "decay_type": "1-sqrt", "warmup_type": "1-sqrt"}),
    ("warmup_stable_decay", 6, 40, {"num_decay_steps": 8, "num_stable_steps": 20, "warmup_type": "cosine", "min_lr_ratio": 0.2}),
]


def rates(name, warmup, total, kwargs):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    schedule = get_scheduler(name, optimizer, warmup, total, scheduler_specific_kwargs=dict(kwargs))
    values = []
    for _ in range(total):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return values


def main():
    cases = [
        {"type": name, "warmup": warmup, "total": total, "kwargs": kwargs, "rates": rates(name, warmup, total, kwargs)}
        for name, warmup, total, kwargs in CASES
    ]
    written = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "peak": PEAK,
        "cases": cases,
    }
    place = pathlib.Path(__file__).parent.parent / "resources/optim/schedules.json"
    place.write_text(json.dumps(written) + "\n")


main()
