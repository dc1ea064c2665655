"""Makes tiny checkpoints as other tools leave them behind, and what transformers reads from each.

    python loading.py --out dil-core/src/test/resources/loading

writes a folder a case, ``config.json`` and ``model.safetensors`` (bfloat16) with what is odd about it,
and ``reference.json``: the log-probability of a text under each in float32, as
``AutoModelForCausalLM.from_pretrained`` loads it, and the tensors that it reports as unexpected.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

import hf_reference as hf

SMALL = {
    "vocab_size": 32,
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 32,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
IDS = [5, 9, 11, 20, 3, 7, 8, 31, 12]
FILE = "model.safetensors"
ACTIVATIONS = [
    "gelu", "gelu_10", "gelu_accurate", "gelu_fast", "gelu_new", "gelu_python", "gelu_python_tanh",
    "gelu_pytorch_tanh", "hardswish", "leaky_relu", "linear", "mish", "quick_gelu", "relu", "relu2",
    "relu6", "sigmoid", "silu", "swish", "tanh",
]


def base(folder, model_type, **values):
    torch.manual_seed(3)
    config = transformers.AutoConfig.for_model(model_type, **{**SMALL, **values})
    model = transformers.AutoModelForCausalLM.from_config(config)
    for weight in model.parameters():
        offset = 1.0 if weight.dim() == 1 else 0.0
        weight.data.copy_((0.7 * torch.randn(weight.shape) + offset).bfloat16())
    model.generation_config = transformers.GenerationConfig()
    model.bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def configure(folder, **values):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}, indent=2) + "\n")


def rename(folder, change):
    tensors = load_file(folder / FILE)
    save_file(
        {change(name): t for name, t in tensors.items() if change(name)},
        folder / FILE,
        {"format": "pt"},
    )


def add(folder, **tensors):
    save_file({**load_file(folder / FILE), **tensors}, folder / FILE, {"format": "pt"})


def tied_other_head(folder):
    base(folder, "llama", tie_word_embeddings=False)
    configure(folder, tie_word_embeddings=True)


def tied_equal_head(folder):
    base(folder, "llama", tie_word_embeddings=True)
    tensors = load_file(folder / FILE)
    add(folder, **{"lm_head.weight": tensors["model.embed_tokens.weight"].clone()})


def tied_only_head(folder):
    base(folder, "llama", tie_word_embeddings=True)
    rename(folder, lambda name: name.replace("model.embed_tokens", "lm_head"))


def stale_index(folder):
    base(folder, "llama")
    tensors = load_file(folder / FILE)
    shard = "model-00001-of-00001.safetensors"
    save_file({name: 0 * t + 0.5 for name, t in tensors.items()}, folder / shard, {"format": "pt"})
    index = {"metadata": {}, "weight_map": {name: shard for name in sorted(tensors)}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def no_prefix(folder):
    base(folder, "llama", tie_word_embeddings=False)
    rename(folder, lambda name: name.removeprefix("model."))


def no_prefix_tied(folder):
    base(folder, "qwen3", tie_word_embeddings=True, head_dim=4, num_key_value_heads=1)
    rename(folder, lambda name: name.removeprefix("model."))


def no_prefix_neox(folder):
    base(folder, "gpt_neox", num_attention_heads=1)
    rename(folder, lambda name: name.removeprefix("gpt_neox."))


def some_without_prefix(folder):
    base(folder, "llama")
    rename(folder, lambda name: name.removeprefix("model.") if "layers.1" in name else name)


def unread(folder):
    base(folder, "llama")
    add(folder, **{
        "model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(2),
        "model.layers.0.mlp.extra.weight": torch.ones(3),
        "v_head.weight": torch.ones(2, 2),
    })


def partial_factor(model_type, **values):
    def make(folder):
        base(folder, model_type, **values)
        configure(folder, partial_rotary_factor=0.5)
    return make


def beside(**values):
    def make(folder):
        base(folder, "llama")
        configure(folder, **values)
    return make


def activation(name):
    return lambda folder: base(folder, "llama", hidden_act=name)


LINEAR = {"rope_type": "linear", "factor": 4.0}
CASES = {
    "tied-other-head": tied_other_head,
    "tied-equal-head": tied_equal_head,
    "tied-only-head": tied_only_head,
    "stale-index": stale_index,
    "no-prefix": no_prefix,
    "no-prefix-tied": no_prefix_tied,
    "no-prefix-neox": no_prefix_neox,
    "some-without-prefix": some_without_prefix,
    "unread": unread,
    "partial-llama": partial_factor("llama"),
    "partial-qwen3": partial_factor("qwen3", head_dim=4, num_key_value_heads=1),
    "partial-gemma2": partial_factor("gemma2", head_dim=4, num_key_value_heads=2),
    "scaling-beside-parameters": beside(
        rope_scaling=LINEAR, rope_parameters={"rope_type": "default", "rope_theta": 50.0}),
    "scaling-and-theta-beside": beside(
        rope_scaling=LINEAR, rope_theta=30.0,
        rope_parameters={"rope_type": "default", "rope_theta": 50.0}),
    "scaling-with-theta-beside": beside(
        rope_scaling={**LINEAR, "rope_theta": 20.0}, rope_theta=30.0,
        rope_parameters={"rope_type": "default", "rope_theta": 50.0}),
    "scaling-beside-nothing": beside(rope_scaling=LINEAR, rope_parameters=None, rope_theta=30.0),
    "empty-scaling-beside-parameters": beside(
        rope_scaling={}, rope_parameters={**LINEAR, "rope_theta": 50.0}, rope_theta=30.0),
    **{f"act-{name.replace('_', '-')}": activation(name) for name in ACTIVATIONS},
}


def read(folder):
    model, info = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    ids = torch.tensor([IDS])
    with torch.no_grad():
        logps = torch.log_softmax(model.eval()(ids).logits.double(), -1)[0, :-1]
    return {
        "logp": logps.gather(1, ids[0, 1:, None]).sum().item(),
        "unexpected": sorted(info["unexpected_keys"]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    out = Path(parser.parse_args().out)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    shutil.rmtree(out, ignore_errors=True)
    answers = {}
    for name, make in CASES.items():
        make(out / name)
        answers[name] = read(out / name)
        print(f"{name}: {answers[name]['logp']:.6f}")
    (out / "reference.json").write_text(
        json.dumps({"versions": hf.versions(), "ids": IDS, "cases": answers}, indent=1) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
