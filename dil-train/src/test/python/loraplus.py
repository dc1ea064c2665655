"""Takes 20 steps of AdamW with PEFT's LoRA+ and writes A and B to ../resources/optim/loraplus.json.

    python dil-train/src/test/python/loraplus.py

The model is one linear with an adapter, the optimiser that of peft.optimizers.create_loraplus_optimizer; gradients are
random. OptimizersTest holds AdamW with factors to it. Written with the versions that the file names.
"""

import json
import pathlib

import peft
import torch
from peft.optimizers import create_loraplus_optimizer

STEPS, RATE, RATIO, DECAY = 20, 1e-2, 16.0, 0.1


def main():
    torch.manual_seed(3)
    base = torch.nn.Sequential(torch.nn.Linear(7, 6))
    model = peft.get_peft_model(base, peft.LoraConfig(r=5, target_modules=["0"]))
    named = {name.replace(".default", ""): p for name, p in model.named_parameters() if p.requires_grad}
    start = {name: p.detach().flatten().tolist() for name, p in named.items()}
    optimizer = create_loraplus_optimizer(
        model, torch.optim.AdamW, lr=RATE, loraplus_lr_ratio=RATIO, loraplus_weight_decay=DECAY
    )
    gradients = []
    for _ in range(STEPS):
        gradients.append({})
        for name, p in named.items():
            p.grad = torch.randn_like(p)
            gradients[-1][name] = p.grad.flatten().tolist()
        optimizer.step()
    written = {
        "versions": {"torch": torch.__version__, "peft": peft.__version__},
        "rate": RATE,
        "ratio": RATIO,
        "weight_decay": DECAY,
        "shapes": {name: list(p.shape) for name, p in named.items()},
        "start": start,
        "gradients": gradients,
        "end": {name: p.detach().flatten().tolist() for name, p in named.items()},
    }
    place = pathlib.Path(__file__).parent.parent / "resources/optim/loraplus.json"
    place.write_text(json.dumps(written) + "\n")


main()
