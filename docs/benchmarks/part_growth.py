"""Time of a step against batch, length and layers, beside what its operations let expect."""

import statistics

import bench
import flops

BATCHES = (1, 2, 4, 8, 16)
LENGTHS = (64, 128, 256, 512, 1024)
LAYERS = (2, 4, 8, 16)


def run(context):
    model = context.model()
    batch = [(n, [(32, 32, 32)] * n, model) for n in BATCHES]
    # Half of a sequence is prompt.
    length = [(n, [(n // 2, n // 2, n // 2)], model) for n in LENGTHS]
    layers = [(n, [(64, 64, 64)] * 2, context.model(f"llama-{n}-layers", "--layers", n)) for n in LAYERS]
    results, plots, rows = {}, [], []
    for name, label, points in (
        ("batch", "pairs a step (64 tokens a sequence)", batch),
        ("length", "tokens of a sequence (1 pair, half of it prompt)", length),
        ("layers", "layers (2 pairs, 128 tokens a sequence)", layers),
    ):
        seconds, processor = measure(context, points)
        medians = [statistics.median(times) for times in seconds]
        operations = [flops.computed(flops.Model.read(folder), pairs) for _, pairs, folder in points]
        base, slope = line(operations, medians)
        expected = [base + slope * count for count in operations]
        x = [at for at, _, _ in points]
        results[name] = {
            "x": x,
            "seconds": seconds,
            "cpu_seconds": processor,
            "operations": operations,
            "expected": expected,
            "constant_s": base,
            "flops_per_s": 1 / slope,
        }
        for at, median, cpu, count, wanted in zip(x, medians, processor, operations, expected):
            row = [name, at, median, wanted, f"{median / wanted:.2f}", statistics.median(cpu), count / 1e9]
            rows.append([*row, count / median / 1e9])
        series = [
            {"label": "measured", "x": x, "y": medians},
            {"label": f"{base:.2f} s + operations at {1 / slope / 1e9:.0f} GFLOP/s", "x": x, "y": expected, "expected": True},
        ]
        plots.append(
            {"file": f"growth-{name}", "title": f"Time of a step against {name}", "x": label, "y": "s a step", "series": series}
        )
    text = (
        "Step of DPO with the reference in it, fp32; medians. Expected: a constant and a rate, fitted to the points, "
        "times the operations (linear in batch and layers, with a square in length).\n\n"
        + bench.table(["against", "at", "s", "expected, s", "ratio", "processor s", "GFLOP", "GFLOP/s"], rows)
    )
    context.write("growth", {**results, "plots": plots}, text)


def measure(context, points):
    """Returns each point's times and processor times; points of one model take turns in one process."""
    found = {}
    for folder in dict.fromkeys(folder for _, _, folder in points):
        mine = [(at, pairs) for at, pairs, other in points if other == folder]
        words = [",".join(f"{p}:{c}:{r}*1" for p, c, r in pairs) + "/auto/never" for _, pairs in mine]
        result = context.steps(folder, words)
        found |= {at: point for (at, _), point in zip(mine, result["points"])}
    return tuple([found[at][key] for at, _, _ in points] for key in ("seconds", "cpu_seconds"))


def line(x, y):
    """Least squares of y = a + b x, each point weighed by 1 / y so that errors count as shares; a is not below 0."""
    w = [1 / value**2 for value in y]
    total = sum(w)
    mean_x = sum(a * b for a, b in zip(w, x)) / total
    mean_y = sum(a * b for a, b in zip(w, y)) / total
    top = sum(a * (b - mean_x) * (c - mean_y) for a, b, c in zip(w, x, y))
    slope = top / sum(a * (b - mean_x) ** 2 for a, b in zip(w, x))
    base = mean_y - slope * mean_x
    if base < 0:
        base, slope = 0, sum(a * b * c for a, b, c in zip(w, x, y)) / sum(a * b * b for a, b in zip(w, x))
    return base, slope
