"""Makes tiny random checkpoints of every model family, and what transformers computes with them.

    python families.py --out dil-core/src/test/resources/families [--only NAME ...]

writes a folder a configuration: ``config.json`` and ``model.safetensors`` (bfloat16) as
``save_pretrained`` wrote them, and ``reference.json.gz``: summed log-probabilities in float32,
float64 and bfloat16, gradients in float64, greedy continuations. Token ids are random.
"""

import argparse
import importlib
import math
import sys
from pathlib import Path

import torch
import transformers

import hf_reference as hf

VOCAB = 64
SMALL = {
    "vocab_size": VOCAB,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 32,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
GQA = {"num_key_value_heads": 2}
NEOX = {key: value for key, value in SMALL.items() if key != "num_key_value_heads"}
TIED = {"tie_word_embeddings": True}
UNTIED = {"tie_word_embeddings": False}


def rope(kind, **values):
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 10000.0, **values}}


LLAMA3 = rope(
    "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16
)
YARN = rope("yarn", factor=4.0, original_max_position_embeddings=8)
LONGROPE = {
    "original_max_position_embeddings": 16,
    "max_position_embeddings": 64,
    **rope("longrope", short_factor=[1.0, 1.5], long_factor=[2.0, 5.0]),
}
GEMMA = {**SMALL, **GQA, "head_dim": 8, "query_pre_attn_scalar": 6}

# (model type, name, values). Every text below outgrows 32 positions once, and the windows always.
CONFIGURATIONS = [
    ("llama", "plain", {**SMALL, **UNTIED}),
    ("llama", "gqa-tied-biases", {**SMALL, **GQA, **TIED, "attention_bias": True, "mlp_bias": True}),
    ("llama", "head-dim", {**SMALL, **GQA, "head_dim": 6, "hidden_act": "gelu_pytorch_tanh"}),
    ("llama", "linear", {**SMALL, **rope("linear", factor=4.0)}),
    ("llama", "dynamic", {**SMALL, **GQA, **rope("dynamic", factor=2.0)}),
    ("llama", "yarn", {**SMALL, **YARN}),
    ("llama", "yarn-mscale", {**SMALL, "head_dim": 16, **rope(
        "yarn", factor=8.0, original_max_position_embeddings=16, beta_fast=16.0, beta_slow=2.0,
        mscale=0.7, mscale_all_dim=0.4, truncate=False)}),
    ("llama", "llama3", {**SMALL, **GQA, "head_dim": 16, **LLAMA3}),
    ("mistral", "window", {**SMALL, **GQA, "sliding_window": 5}),
    ("mistral", "full-head-dim", {**SMALL, **GQA, "head_dim": 8, "sliding_window": None, **TIED}),
    ("qwen2", "tied", {**SMALL, **GQA, **TIED}),
    ("qwen2", "window", {**SMALL, "num_hidden_layers": 3, "use_sliding_window": True,
                         "sliding_window": 6, "max_window_layers": 1}),
    ("qwen2", "yarn", {**SMALL, **GQA, **YARN}),
    ("qwen3", "head-dim-tied", {**SMALL, **GQA, "head_dim": 6, **TIED}),
    ("qwen3", "biases-layer-types", {**SMALL, "head_dim": 4, "attention_bias": True,
                                     "use_sliding_window": True, "sliding_window": 4,
                                     "layer_types": ["sliding_attention", "full_attention"]}),
    ("gpt_neox", "parallel", {**NEOX, "num_attention_heads": 2, **UNTIED}),
    ("gpt_neox", "sequential-tied", {**NEOX, **TIED, "use_parallel_residual": False,
                                     "hidden_act": "gelu_new", "layer_norm_eps": 1e-3,
                                     "rope_parameters": {"partial_rotary_factor": 0.5}}),
    ("gpt_neox", "whole-unbiased", {**NEOX, "attention_bias": False, "hidden_act": "gelu_fast",
                                    "rope_parameters": {"partial_rotary_factor": 1.0,
                                                        "rope_theta": 500.0}}),
    ("gpt_neox", "linear", {**NEOX, "num_attention_heads": 2, "hidden_act": "relu",
                            "rope_parameters": {"rope_type": "linear", "factor": 2.0,
                                                "partial_rotary_factor": 0.5}}),
    ("phi3", "plain", {**SMALL, **UNTIED}),
    ("phi3", "gqa-window-partial-tied", {**SMALL, **GQA, **TIED, "sliding_window": 7, "head_dim": 4,
                                         "rope_parameters": {"partial_rotary_factor": 0.5}}),
    ("phi3", "longrope", {**SMALL, **GQA, **LONGROPE}),
    ("gemma2", "caps", {**GEMMA, "sliding_window": 6, "attn_logit_softcapping": 3.0,
                        "final_logit_softcapping": 4.0}),
    ("gemma2", "uncapped-untied", {**GEMMA, **UNTIED, "num_key_value_heads": 4, "head_dim": 4,
                                   "sliding_window": 64, "attn_logit_softcapping": None,
                                   "final_logit_softcapping": None, "attention_bias": True}),
    ("gemma3_text", "local-global", {**GEMMA, "num_hidden_layers": 3, "sliding_window": 5,
                                     "sliding_window_pattern": 3}),
    ("gemma3_text", "scaled-untied", {**GEMMA, **UNTIED, "sliding_window": 6,
                                      "layer_types": ["full_attention", "sliding_attention"],
                                      "rope_parameters": {
                                          "full_attention": {"rope_type": "linear", "factor": 8.0,
                                                             "rope_theta": 1e6},
                                          "sliding_attention": {"rope_type": "default",
                                                                "rope_theta": 1e4}}}),
]

# Lengths of a prompt and of the responses that follow it; the last group passes 32 positions in one
# response and not in the other, so that a rope which looks at the length cannot share the prompt.
SHAPES = [(4, [3, 6]), (11, [1, 9]), (18, [7, 30])]
PROMPTS = [3, 14]
NEW_TOKENS = 20
SAMPLES = 12


class Exact:
    """Stands in for ``torch`` in a modeling file, whose casts to float32 then go to float64."""

    float32 = float = torch.float64

    def __getattr__(self, name):
        return getattr(torch, name)


def exactly(model_type):
    """Returns the modules to patch: transformers casts to float32 whatever the weights' type."""
    name = {"gemma3_text": "gemma3"}.get(model_type, model_type)
    package = "transformers.models"
    return [
        importlib.import_module(f"{package}.{name}.modeling_{name}"),
        importlib.import_module("transformers.modeling_rope_utils"),
    ]


class Float64:
    """Everything that runs inside is in float64, so that it can judge float32."""

    def __init__(self, model_type):
        self.modules = exactly(model_type)

    def __enter__(self):
        self.cast = torch.Tensor.float
        torch.Tensor.float = torch.Tensor.double
        for module in self.modules:
            module.torch = Exact()

    def __exit__(self, *error):
        torch.Tensor.float = self.cast
        for module in self.modules:
            module.torch = torch


def initialise(model, generator):
    """Draws weights, then rounds them to bfloat16, so that the stored values are exact in any type."""
    offset = any(type(m).__name__.startswith("Gemma") for m in model.modules())
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if weight.dim() == 2:
            scale = 1.0 if "embed" in name or "lm_head" in name else 1.5 / math.sqrt(weight.shape[1])
            if offset and "embed_tokens" in name:
                scale = 0.3
            value = scale * noise
        elif name.endswith("bias"):
            value = 0.3 * noise
        else:
            value = 0.2 * noise + (0.0 if offset else 1.0)
        weight.data.copy_(value.bfloat16())


def load(folder, dtype):
    # A model anew for every sequence: dynamic ropes remember the longest one they saw.
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, attn_implementation="eager"
    )
    return model.eval()


def logps(folder, prompt, response, dtype):
    return hf.response_logps(load(folder, dtype), prompt, response).double().sum().item()


def low_logps(folder, prompt, response):
    """Returns the sum of bfloat16 logits' log-probabilities, reduced in float32 and in bfloat16."""
    ids = torch.tensor([prompt + response])
    logits = load(folder, torch.bfloat16)(ids, use_cache=False).logits[0, len(prompt) - 1 : -1]
    index = ids[0, len(prompt) :, None]
    wide = torch.log_softmax(logits.float(), -1).gather(1, index).sum().item()
    narrow = torch.log_softmax(logits, -1).gather(1, index).sum().item()
    return wide, narrow


def entries(gradient):
    flat = gradient.flatten()
    step = max(1, flat.numel() // SAMPLES)
    index = list(range(0, flat.numel(), step))
    # The largest entries too: most of an embedding's are 0.
    index += torch.topk(flat.abs(), min(4, flat.numel())).indices.tolist()
    index = sorted(set(index))
    return {"at": index, "values": [flat[i].item() for i in index]}


def gradients(folder, model_type, groups):
    """Returns the gradient of the weighted sum of all sequences' log-probabilities, in float64."""
    total = None
    with Float64(model_type):
        for group in groups:
            for response in group["responses"]:
                model = load(folder, torch.float64)
                value = hf.response_logps(model, group["prompt"], response["ids"]).sum()
                response["logp_float64"] = value.item()
                (response["weight"] * value).backward()
                one = {name: weight.grad for name, weight in model.named_parameters()}
                total = one if total is None else {n: total[n] + g for n, g in one.items()}
    return {
        # In memory transformers calls every output projection lm_head.
        (name.replace("lm_head", "embed_out") if model_type == "gpt_neox" else name): {
            "norm": gradient.norm().item(),
            **entries(gradient),
        }
        for name, gradient in total.items()
    }


def greedy(folder, prompt):
    """Continues a prompt, and returns how far ahead of the second the chosen token was at least."""
    out = load(folder, torch.float32).generate(
        torch.tensor([prompt]),
        max_new_tokens=NEW_TOKENS,
        min_new_tokens=NEW_TOKENS,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
        bos_token_id=None,
        output_scores=True,
        return_dict_in_generate=True,
    )
    best = torch.cat(out.scores).topk(2).values
    return {
        "prompt": prompt,
        "generated": out.sequences[0, len(prompt) :].tolist(),
        "gap": (best[:, 0] - best[:, 1]).min().item(),
    }


def draw(generator, count):
    return torch.randint(3, VOCAB, (count,), generator=generator).tolist()


def make(out, model_type, name, values):
    folder = Path(out) / f"{model_type}-{name}"
    generator = torch.Generator().manual_seed(CONFIGURATIONS.index((model_type, name, values)) + 1)
    config = transformers.AutoConfig.for_model(model_type, **values)
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    initialise(model, generator)
    model.generation_config = transformers.GenerationConfig()
    model.bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)

    groups = []
    for prompt, responses in SHAPES:
        groups.append(
            {
                "prompt": draw(generator, prompt),
                "responses": [{"ids": draw(generator, n)} for n in responses],
            }
        )
    for group in groups:
        for response in group["responses"]:
            response["weight"] = round(torch.randn(1, generator=generator).item(), 2)
            with torch.no_grad():
                arguments = folder, group["prompt"], response["ids"]
                response["logp"] = logps(*arguments, torch.float32)
                response["logp_bfloat16"], response["logp_bfloat16_reduced"] = low_logps(*arguments)
    reference = {
        "versions": hf.versions(),
        "groups": groups,
        "gradients": gradients(folder, model_type, groups),
        "greedy": [greedy(folder, draw(generator, n)) for n in PROMPTS],
    }
    errors = [abs(r["logp"] - r["logp_float64"]) for g in groups for r in g["responses"]]
    gap = min(g["gap"] for g in reference["greedy"])
    print(f"{folder.name}: float32 is off by {max(errors):.1e} nats, greedy by a gap of {gap:.1e}")
    hf.write(folder / "reference.json.gz", reference)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", nargs="*", help="folders to make; all of them if absent")
    args = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for model_type, name, values in CONFIGURATIONS:
        if not args.only or f"{model_type}-{name}" in args.only:
            make(args.out, model_type, name, values)


if __name__ == "__main__":
    sys.exit(main())
