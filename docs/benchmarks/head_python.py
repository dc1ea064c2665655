"""Measures the head alone in PyTorch, as MeasureHead does dil's, and prints JSON.

    python head_python.py naive TOKENS VOCABULARY HIDDEN REPEATS THREADS

naive: whole logits, log_softmax, gather, autograd. trl: the chunked function of TRL's fused head.
"""

import json
import sys
import time
from pathlib import Path

import torch


def status(key):
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) * 1024 for row in rows if row.startswith(key + ":"))


def naive(h, weight, targets):
    return torch.log_softmax(h @ weight.t(), -1).gather(1, targets[:, None]).squeeze(1)


def chunked(h, weight, targets):
    from trl.trainer.utils import _CHUNKED_LOGPROB_CHUNK_SIZE, _ChunkedLogProbFunction

    return _ChunkedLogProbFunction.apply(
        h, weight, None, targets, 1.0, _CHUNKED_LOGPROB_CHUNK_SIZE, None, 1.0, ("log_probs",)
    )[0]


def main():
    form = {"naive": naive, "trl": chunked}[sys.argv[1]]
    tokens, vocabulary, hidden, repeats, threads = map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    weight = torch.randn(vocabulary, hidden).mul_(0.02).requires_grad_(True)

    def inputs(rows):
        return torch.randn(rows, hidden).requires_grad_(True), torch.randint(vocabulary, (rows,))

    def once(h, targets, before=0):
        h.grad = weight.grad = None
        if before:
            Path("/proc/self/clear_refs").write_text("5")
        began = time.perf_counter()
        logps = form(h, weight, targets)
        forward, forward_peak = time.perf_counter() - began, status("VmHWM")
        logps.backward(torch.ones_like(logps))
        return forward, time.perf_counter() - began, forward_peak - before, status("VmHWM") - before

    # A few rows first: code and kernels are in memory before anything is counted.
    once(*inputs(8))
    weight.grad = None
    h, targets = inputs(tokens)
    began = time.process_time()
    forward, both, forward_peak, peak = once(h, targets, status("VmRSS"))
    times = [(forward, both), *(once(h, targets)[:2] for _ in range(repeats - 1))]
    result = {
        "forward_peak_bytes": forward_peak,
        "peak_bytes": peak,
        "forward_s": [forward for forward, _ in times],
        "both_s": [both for _, both in times],
        "cpu_s": (time.process_time() - began) / repeats,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
