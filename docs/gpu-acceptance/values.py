"""Log-probabilities and the gradient of a small Llama in plain torch, fp32: values.py MODEL GROUPS DEVICE OUT.

Needs torch alone, of any version. GROUPS is a list of [prompt, response] in ids. OUT gets the responses' log-probabilities
and the norm of the gradient of their sum with alternating signs.
"""

import json
import math
import struct
import sys
from pathlib import Path

import torch

model, groups, device, out = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), sys.argv[3], Path(sys.argv[4])
config = json.loads((model / "config.json").read_text())
torch.backends.cuda.matmul.allow_tf32 = False


def weights():
    raw = (model / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    for name, entry in json.loads(raw[8 : 8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + at for at in entry["data_offsets"])
            numbers = torch.frombuffer(bytearray(raw[begin:end]), dtype=torch.float32)
            yield name, numbers.reshape(entry["shape"]).to(device).requires_grad_(True)


w = dict(weights())
heads, kv = config["num_attention_heads"], config["num_key_value_heads"]
width = config["hidden_size"] // heads


def norm(x, name):
    return w[name] * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + config["rms_norm_eps"])


def turned(x):
    at = torch.arange(x.shape[0], device=device, dtype=torch.float64)
    angle = torch.outer(at, config["rope_theta"] ** (-2 * torch.arange(width // 2, device=device, dtype=torch.float64) / width))
    cos, sin = angle.cos().float()[:, None], angle.sin().float()[:, None]
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def score(prompt, response):
    ids = torch.tensor(prompt + response, device=device)
    n = len(ids)
    x = w["model.embed_tokens.weight"][ids]
    mask = torch.full((n, n), -math.inf, device=device).triu(1)
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        h = norm(x, p + "input_layernorm.weight")
        q, k, v = (
            (h @ w[p + f"self_attn.{one}_proj.weight"].T).view(n, -1, width) for one in "qkv"
        )
        k, v = (one.repeat_interleave(heads // kv, 1) for one in (turned(k), v))
        seen = (torch.einsum("nhd,mhd->hnm", turned(q), k) / math.sqrt(width) + mask).softmax(-1)
        x = x + torch.einsum("hnm,mhd->nhd", seen, v).reshape(n, -1) @ w[p + "self_attn.o_proj.weight"].T
        h = norm(x, p + "post_attention_layernorm.weight")
        gate = torch.nn.functional.silu(h @ w[p + "mlp.gate_proj.weight"].T)
        x = x + (gate * (h @ w[p + "mlp.up_proj.weight"].T)) @ w[p + "mlp.down_proj.weight"].T
    rows = norm(x, "model.norm.weight")[len(prompt) - 1 : -1] @ w["lm_head.weight"].T
    return rows.log_softmax(-1).gather(1, ids[len(prompt) :, None]).sum()


scores = [score(prompt, response) for prompt, response in groups]
sum(one * (1 if i % 2 == 0 else -1) for i, one in enumerate(scores)).backward()
squares = sum(one.grad.double().pow(2).sum() for one in w.values())
out.write_text(
    json.dumps(
        {
            "torch": torch.__version__,
            "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
            "scores": [one.item() for one in scores],
            "gradient_norm": squares.sqrt().item(),
        }
    )
)
