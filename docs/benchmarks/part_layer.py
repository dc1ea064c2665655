"""One decoder layer: dil's call from Java beside eager PyTorch and beside the same TorchScript from Python."""

import statistics

import bench

# hidden, intermediate, heads, key heads: SmolLM2-135M's and Llama-3.2-1B's layers.
SIZES = {"SmolLM2-135M": (576, 1536, 9, 3), "Llama-3.2-1B": (2048, 8192, 32, 8)}
TOKENS = (16, 512)
SECONDS = 2
NAMES = {"forward": "forward", "both": "forward and backward"}


def run(context):
    points, rows = [], []
    for name, sizes in SIZES.items():
        for tokens in TOKENS:
            keys = ("hidden", "intermediate", "heads", "kv_heads")
            words = {**dict(zip(keys, sizes)), "tokens": tokens, "seconds": SECONDS}

            def python(form, words=(*sizes, tokens, SECONDS, context.threads)):
                return bench.python_json(context.python, bench.HERE / "layer_python.py", form, *words)

            dil, eager, script = bench.in_turn(
                context.rounds,
                lambda words=words: bench.java(context.java_path, "MeasureLayer", **words),
                lambda python=python: python("transformers"),
                lambda python=python: python("script"),
            )
            points.append({"layer": name, "tokens": tokens, "dil": dil, "transformers": eager, "script": script})
            for key, label in NAMES.items():
                sides = [[run[key]["median_s"] for run in side] for side in (dil, eager, script)]
                cpu = [[run[key]["cpu_s"] for run in side] for side in (dil, eager)]
                ratios = [f"{bench.median_ratio(sides[0], other):.2f}" for other in sides[1:]]
                rows.append(
                    [f"{name}, hidden {sizes[0]}", tokens, label, *(1e3 * statistics.median(side) for side in sides)]
                    + [*ratios, f"{bench.median_ratio(*cpu):.2f}"]
                )
    head = ["layer", "tokens", "work", "dil, ms", "transformers, ms", "script in Python, ms"]
    head += ["dil / transformers", "dil / script", "dil / transformers, processor"]
    text = (
        f"One decoder layer, fp32, {context.threads} threads: medians of the iterations of {SECONDS} s and of "
        f"{context.rounds} processes in turn; ratios of neighbouring processes.\n\n" + bench.table(head, rows)
    )
    context.write("layer", {"points": points}, text)
