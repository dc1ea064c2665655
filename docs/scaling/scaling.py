"""Time and bytes of a step of DPO on 4 to 1024 cards, by formulas: python docs/scaling/scaling.py

Nothing here was measured on a card. Each constant has its source beside it; the second part holds the same formulas
against published runs of others. Needs nothing but Python.
"""

from dataclasses import dataclass

# What `dil plan` assumes: half of an A100's 312 TFLOP/s in bf16.
FLOPS = 156e12
MEMORY = 80 * 2**30 * 0.95
BATCH = 128  # examples a step: pairs, of 2 x 2048 tokens
TOKENS = 2 * 2048  # of an example
PASS = 16384  # tokens of a pass, the most

# alpha-beta: seconds to begin a hop, bytes a second in and out of a card.
# NVLink of an A100: 300 GB/s a direction; InfiniBand HDR: 25 GB/s a card (8 adapters a machine). 80 % of both is what
# large messages get. The latencies are assumptions of the usual size.
NODE = 8
NVLINK = (3e-6, 0.8 * 300e9)
FABRIC = (6e-6, 0.8 * 25e9)


@dataclass
class Model:
    name: str
    weights: float
    layers: int
    tensors: int  # of a layer


MODELS = [
    Model("Pythia-2.8B", 2.8e9, 32, 12),
    Model("Mistral-7B", 7.2e9, 32, 9),
    Model("Llama-2-13B", 13.0e9, 40, 9),
    Model("Llama-3-70B", 70.6e9, 80, 9),
]


def ring(size, n, calls):
    """Seconds of an all-gather or reduce-scatter of `size` bytes over n cards, in `calls` calls.

    A ring through all cards of a machine and then to the next: (n-1)/n of the bytes into each card, n-1 hops a call.
    Each of a machine's 8 rings leaves it by an adapter of its own, so that a machine's 8 adapters carry the bytes once.
    """
    if n <= NODE:
        return calls * (n - 1) * NVLINK[0] + size * (n - 1) / n / NVLINK[1]
    alpha = (n - n // NODE) * NVLINK[0] + n // NODE * FABRIC[0]
    beta = min(NVLINK[1], NODE * FABRIC[1])
    return calls * alpha + size * (n - 1) / n / beta


def step(model, n, stage, batch=BATCH, coalesced=False):
    """Bytes into a card, seconds of computing and seconds of moving in one step."""
    own = batch * TOKENS / n
    rounds = max(1, -(-own // PASS))
    # Forward 2, backward 4, computed again 2, the reference's forward 2 operations a weight and token.
    compute = 10 * model.weights * own / FLOPS
    size = 2 * model.weights
    calls = model.layers * (1 if coalesced else model.tensors)
    once = ring(size, n, calls)
    if stage == 2:
        moves = rounds + 1  # gradients each round, weights once
    else:
        moves = rounds * 4  # weights forward, again backward, the reference's; gradients
    return moves * size * (n - 1) / n, compute, moves * once


def memory(model, n, stage):
    """Bytes of weights, masters, moments, gradients and reference on a card; activations apart."""
    parts = 16 / n
    return model.weights * ((4 if stage == 2 else 4 / n) + parts)


def row(model, n, stage, batch):
    size, compute, move = step(model, n, stage, batch)
    _, _, fewer = step(model, n, stage, batch, coalesced=True)
    fits = "yes" if memory(model, n, stage) + 9 * 2**30 < MEMORY else "no"
    return (
        f"| {model.name} | {n} | {stage} | {fits} | {size / 1e9:.1f} | {compute:.2f} | {move:.2f} | {fewer:.2f}"
        f" | {compute / (compute + move):.0%} | {compute / (compute + fewer):.0%} |"
    )


def table(batch_of):
    print("| model | cards | ZeRO | fits | GB into a card | compute s | move s | one call a layer | used | used, one call a layer |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for model in MODELS:
        for n in (4, 32, 256, 1024):
            for stage in (2, 3):
                if batch_of(n) >= n:
                    print(row(model, n, stage, batch_of(n)))


# Zhao et al. 2023 (PyTorch FSDP, arXiv 2304.11277), section 5.4: 175B on 128 to 512 A100, 2048 tokens, 2 Tb/s a
# machine: more than 173 and 186 TFLOP/s a card with 1 and 2 sequences a card, the same from 128 to 512 cards.
FSDP = [(175e9, 128, 1, 173), (175e9, 512, 2, 186)]


def rate(weights, n, sequences, peak, bandwidth):
    """TFLOP/s a card of ZeRO-3 that hides moving under computing: 8 operations a weight and token, 6 bytes a weight."""
    operations = 8 * weights * 2048 * sequences
    move = 6 * weights * (n - 1) / n / bandwidth
    return operations / max(operations / peak, move) / 1e12


def peers():
    print("| weights | cards | sequences a card | published TFLOP/s | formula, 0.8 x 250 GB/s a machine | off by |")
    print("|---|---|---|---|---|---|")
    for weights, n, sequences, found in FSDP:
        made = rate(weights, n, sequences, 0.6 * 312e12, 0.8 * 250e9)
        print(f"| {weights / 1e9:.0f}B | {n} | {sequences} | {found} | {made:.0f} | {made / found - 1:+.0%} |")


print(f"## {BATCH} pairs a step\n")
table(lambda n: BATCH)
print("\n## 4 pairs a card\n")
table(lambda n: 4 * n)
print("\n## Peers\n")
peers()
