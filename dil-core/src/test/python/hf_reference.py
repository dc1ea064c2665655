"""What the parity scripts share: tokenisation by our rule, scoring by transformers, versions.

The tokenizer is the one that ``tokenizer.json`` describes, run by the tokenizers library itself.
transformers 5 rebuilds Llama tokenizers from vocabulary and merges alone and then drops unknown
characters where the file says ``<unk>``, so ``AutoTokenizer`` is not what a reader of the file gets.
"""

import gzip
import json
import platform
from pathlib import Path

import numpy
import tokenizers
import torch
import transformers
from transformers import AutoModelForCausalLM
from transformers.models.llama import modeling_llama

MODELS = ("stories260K-hf", "TinyStories-656K-f32")
MARKER = "\n\nAssistant:"


def versions():
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "numpy": numpy.__version__,
    }


def config(folder):
    return json.loads((Path(folder) / "config.json").read_text())


def tokenizer(folder):
    return tokenizers.Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))


def load(folder, dtype=torch.float32):
    """Loads a checkpoint; at float64 every operation is in float64, so that it can judge float32."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa")
    if dtype == torch.float64:
        _make_exact(model)
    return model.eval()


def _make_exact(model):
    # transformers computes norms and rotary angles in float32 whatever the dtype of the weights.
    def norm(module):
        def forward(x):
            variance = x.pow(2).mean(-1, keepdim=True)
            return module.weight * (x * torch.rsqrt(variance + module.variance_epsilon))

        return forward

    def rotary(module):
        width = module.inv_freq.numel() * 2
        theta = module.config.rope_parameters["rope_theta"]
        inverse = theta ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)

        def forward(x, position_ids):
            angles = position_ids.double()[..., None] * inverse
            angles = torch.cat((angles, angles), dim=-1)
            return angles.cos(), angles.sin()

        return forward

    for module in model.modules():
        if isinstance(module, modeling_llama.LlamaRMSNorm):
            module.forward = norm(module)
        if isinstance(module, modeling_llama.LlamaRotaryEmbedding):
            module.forward = rotary(module)


def response_logps(model, prompt, response):
    """Returns the log-probability of every response token, given what stands before it."""
    ids = torch.tensor([prompt + response])
    logits = model(ids, use_cache=False).logits[0, len(prompt) - 1 : -1]
    logps = torch.log_softmax(logits, dim=-1)
    return logps.gather(1, ids[0, len(prompt) :, None]).squeeze(1)


def split(text):
    """Splits an HH dialogue after its last assistant marker."""
    at = text.rfind(MARKER)
    return (None, None) if at < 0 else (text[: at + len(MARKER)], text[at + len(MARKER) :])


def response_ids(tok, prompt, prompt_text, text, eos):
    whole = tok.encode(prompt_text + text).ids
    if whole[: len(prompt)] == prompt:
        ids = whole[len(prompt) :]
    else:
        # A merge ran over the boundary: the response is tokenised by itself.
        ids = tok.encode(text, add_special_tokens=False).ids
    return ids + [eos]


def pairs(assets, folder, count, max_length=512, max_prompt_length=256):
    """Yields the first usable HH pairs as row number (from 1), prompt, chosen and rejected ids."""
    tok, bos, eos = tokenizer(folder), config(folder)["bos_token_id"], config(folder)["eos_token_id"]
    found = 0
    with gzip.open(Path(assets) / "prefs/hh_harmless_sample.jsonl.gz", "rt", encoding="utf-8") as f:
        for row, line in enumerate(f, 1):
            value = json.loads(line)
            prompt_text, chosen_text = split(value["chosen"])
            rejected_prompt, rejected_text = split(value["rejected"])
            if prompt_text is None or prompt_text != rejected_prompt:
                continue
            if not chosen_text.strip() or not rejected_text.strip():
                continue
            prompt = tok.encode(prompt_text).ids
            chosen = response_ids(tok, prompt, prompt_text, chosen_text, eos)
            rejected = response_ids(tok, prompt, prompt_text, rejected_text, eos)
            assert prompt[0] == bos
            if len(prompt) > max_prompt_length:
                prompt = [bos] + prompt[-(max_prompt_length - 1) :]
            room = max_length - len(prompt)
            chosen, rejected = chosen[:room], rejected[:room]
            if chosen == rejected:
                continue
            yield row, prompt, chosen, rejected
            found += 1
            if found == count:
                return


def write(path, value):
    """Writes compact JSON, gzipped when the name says so, the same bytes for the same value."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = (json.dumps(value, separators=(",", ":")) + "\n").encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)
    print(f"{path}: {path.stat().st_size} bytes")
