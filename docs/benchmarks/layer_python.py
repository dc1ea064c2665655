"""Measures one decoder layer of Llama in PyTorch, as MeasureLayer does dil's, and prints JSON.

    python layer_python.py transformers HIDDEN INTERMEDIATE HEADS KV_HEADS TOKENS SECONDS THREADS

transformers: LlamaDecoderLayer with SDPA, eager. script: dil's own TorchScript source, run from Python.
"""

import io
import json
import math
import pickle
import statistics
import sys
import time
import types
import zipfile

import torch
from bench import HOME

SOURCES = HOME / "dil-core/src/main/resources/io/dil/core/model"
LEAST, LEAST_UNTIMED = 5, 2


def script(config):
    """Compiles dil's source as dil does: an archive of its text and its constants, without the profiling executor."""
    constants = {
        "training": False, "logit_cap": 0.0, "embed_scale": 1.0, "attention_cap": 0.0, "norm_offset": 0.0,
        "grouped_attention": False, "head_dim": config.head_dim, "attention_scale": 1 / math.sqrt(config.head_dim),
        "norm_eps": config.rms_norm_eps, "activation": "silu",
    }  # fmt: skip
    kinds = {bool: "bool", float: "float", int: "int", str: "str"}
    text = "class Model(Module):\n  __parameters__ = []\n  __buffers__ = []\n"
    text += "".join(f"  {name} : {kinds[type(value)]}\n" for name, value in constants.items())
    text += (SOURCES / "layers.py").read_text() + (SOURCES / "llama/llama.py").read_text()
    module = sys.modules["__torch__"] = types.ModuleType("__torch__")
    module.Model = type("Model", (), {"__module__": "__torch__"})
    model = module.Model()
    vars(model).update(constants)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("m/data.pkl", pickle.dumps(model, 2))
        file.writestr("m/code/__torch__.py", text)
        file.writestr("m/constants.pkl", pickle.dumps((), 2))
        file.writestr("m/version", "10\n")
    archive.seek(0)
    del sys.modules["__torch__"]
    torch._C._set_graph_executor_optimize(False)
    return torch.jit.load(archive)


def timed(work, seconds):
    def repeat(limit, least):
        times, start = [], time.perf_counter()
        while len(times) < least or time.perf_counter() - start < limit:
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        return times

    repeat(seconds / 10, LEAST_UNTIMED)
    began = time.process_time()
    times = repeat(seconds, LEAST)
    cpu = (time.process_time() - began) / len(times)
    return {"median_s": statistics.median(times), "count": len(times), "cpu_s": cpu}


def main():
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaDecoderLayer

    form, seconds, threads = sys.argv[1], float(sys.argv[7]), int(sys.argv[8])
    hidden, intermediate, heads, kv_heads, tokens = map(int, sys.argv[2:7])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    config = LlamaConfig(
        hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=1, num_attention_heads=heads,
        num_key_value_heads=kv_heads, vocab_size=32,
    )  # fmt: skip
    config._attn_implementation = "sdpa"
    layer = LlamaDecoderLayer(config, 0).train()
    x, dy = torch.randn(tokens, hidden) * 0.02, torch.randn(tokens, hidden) * 0.02
    cos, sin = (torch.randn(tokens, config.head_dim) for _ in range(2))
    for parameter in layer.parameters():
        # Both sides add to gradients that are there.
        parameter.grad = torch.zeros_like(parameter)

    if form == "transformers":
        batched = [value[None] for value in (x, cos, sin, dy)]

        def run(x):
            out = layer(x, position_embeddings=(batched[1], batched[2]), attention_mask=None)
            return out[0] if isinstance(out, tuple) else out

        def both():
            leaf = batched[0].detach().requires_grad_(True)
            run(leaf).backward(batched[3])

        def forward():
            with torch.no_grad():
                run(batched[0])

    else:
        program = script(config)
        weights = dict(layer.named_parameters())
        gradients = {name: parameter.grad for name, parameter in weights.items()}
        layout = torch.tensor([[0, tokens, 0, 0]])

        def both():
            leaf = x.detach().requires_grad_(True)
            y = program.layer(leaf, cos, sin, layout, weights)
            program.backward(leaf, y, dy, weights, gradients)

        def forward():
            with torch.no_grad():
                program.layer(x, cos, sin, layout, weights)

    result = {"forward": timed(forward, seconds), "both": timed(both, seconds)}
    result["attention"] = config._attn_implementation
    print(json.dumps(result))


if __name__ == "__main__":
    main()
