"""Tokenises preference pairs as TRL's DPO trainer does and writes a digest of every row's ids.

    DIL_ASSETS=... python tokenize_pairs.py ../resources/parity/tokens.json

TRL gives up the prompt's end where the tokens of prompt and prompt + response part before the prompt is over (it
warns once and moves the boundary); dil keeps the prompt and tokenises the response as a continuation. Such rows are
marked, and for them the digest is that of dil's rule (Boundary.java), written out here over transformers' tokenizer.
Templates that write a generation prompt unasked are another marked case: TRL trains on it, dil takes it off.
"""

import gzip
import hashlib
import json
import os
import sys
from pathlib import Path

import jinja2
import tokenizers
import transformers
import trl
import yaml
from transformers import PreTrainedTokenizerFast
from trl.trainer.dpo_trainer import _tokenize, common_prefix_length

ROWS = 500
ASSETS = Path(os.environ["DIL_ASSETS"])
TEMPLATES = ASSETS / "tokenizers/templates"
MARK = "\n\nAssistant:"


def hh():
    with gzip.open(ASSETS / "prefs/hh_harmless_sample.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            at = row["chosen"].rindex(MARK) + len(MARK)
            if row["rejected"].rindex(MARK) + len(MARK) != at or row["rejected"][:at] != row["chosen"][:at]:
                yield None
                continue
            yield {"prompt": row["chosen"][:at], "chosen": row["chosen"][at:], "rejected": row["rejected"][at:]}


def ultrafeedback():
    for line in (ASSETS / "prefs/ultrafeedback_flat_train.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield {"prompt": [{"role": "user", "content": row["prompt"]}],
               "chosen": [{"role": "assistant", "content": row["chosen"]}],
               "rejected": [{"role": "assistant", "content": row["rejected"]}]}


def tools():
    """Conversations with a tool call, its answer and reasoning, made of UltraFeedback's texts; written beside the ids."""
    tool = {"type": "function", "function": {"name": "look_up", "description": "Looks a word up.", "parameters": {
        "type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}}}
    for i, row in zip(range(100), ultrafeedback()):
        asked = row["prompt"][0]["content"]
        prompt = [{"role": "system", "content": "Use the tool."}] if i % 2 else []
        prompt += [{"role": "user", "content": asked}]
        if i % 3:
            call = {"type": "function", "function": {"name": "look_up", "arguments": json.dumps({"word": asked[:12] + "é", "n": [i, None]})}}
            prompt += [{"role": "assistant", "content": "", "tool_calls": [call]},
                       {"role": "tool", "name": "look_up", "content": asked[-40:]}]
        sides = [[dict(row[k][0], reasoning_content=f"Think of {k}.\n")] if i % 4 else row[k] for k in ("chosen", "rejected")]
        yield {"prompt": prompt, "chosen": sides[0], "rejected": sides[1], **({"tools": [tool]} if i % 5 else {})}


def text(side):
    return side if isinstance(side, str) else side[0]["content"]


def unusable(row):
    one, other = text(row["chosen"]), text(row["rejected"])
    return not one.strip() or not other.strip() or one == other


def load(folder):
    """tokenizer.json as it stands. AutoTokenizer of transformers 5 builds a pipeline of its own where the configuration
    says LlamaTokenizer: it silently deletes characters for which the file has <unk>, and puts no space after a special
    token where the file does. The file is what the models here were trained with."""
    path = ASSETS / folder
    config = {"eos_token": "<|endoftext|>"}
    if (path / "tokenizer_config.json").exists():
        whole = json.loads((path / "tokenizer_config.json").read_text(encoding="utf-8"))
        config = {k: whole[k] for k in ("bos_token", "eos_token", "chat_template") if k in whole}
    return PreTrainedTokenizerFast(tokenizer_file=str(path / "tokenizer.json"), **config)


def plain_ids(tok, string):
    return tok(string, add_special_tokens=False)["input_ids"]


def continuation(tok, prompt, prompt_ids, response):
    """Boundary.java: the joint tokens if the prompt's are their prefix, otherwise the response as text that goes on."""
    joint = plain_ids(tok, prompt + response)
    if joint[:len(prompt_ids)] == prompt_ids and len(joint) > len(prompt_ids):
        return joint[len(prompt_ids):]
    for start in "\n", ".", "0":
        first, both = plain_ids(tok, start), plain_ids(tok, start + response)
        if both[:len(first)] == first and len(both) > len(first):
            return both[len(first):]
    return plain_ids(tok, response)


def trl_ids(tok, row):
    """What trl.DPOTrainer._prepare_dataset does with one row, and whether its boundary is the prompt's end."""
    if isinstance(row["prompt"], str):
        row = {k: v if k == "prompt" or v.endswith(tok.eos_token) else v + tok.eos_token for k, v in row.items()}
        prompt = _tokenize(tok, row["prompt"])["input_ids"]
    else:
        more = {"tools": row["tools"]} if "tools" in row else {}
        prompt = _tokenize(tok, row["prompt"], add_generation_prompt=True, **more)["input_ids"]
    more = {"tools": row["tools"]} if "tools" in row else {}
    chosen = _tokenize(tok, row["prompt"] + row["chosen"], **more)["input_ids"]
    rejected = _tokenize(tok, row["prompt"] + row["rejected"], **more)["input_ids"]
    n = min(common_prefix_length(prompt, chosen), common_prefix_length(prompt, rejected))
    return [prompt[:n], chosen[n:], rejected[n:]], n == len(prompt)


def dil_ids(tok, row, unasked):
    if isinstance(row["prompt"], str):
        body = plain_ids(tok, row["prompt"])
        start = _tokenize(tok, row["prompt"])["input_ids"]
        sides = [continuation(tok, row["prompt"], body, row[k]) + [tok.eos_token_id] for k in ("chosen", "rejected")]
        return [start, *sides]
    more = {"tools": row.get("tools")}
    prompt = tok.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True, **more)
    wholes = [tok.apply_chat_template(row["prompt"] + row[side], tokenize=False, **more).removesuffix(unasked)
              for side in ("chosen", "rejected")]
    if not all(whole.startswith(prompt) for whole in wholes):
        # A template that opens the turn in another way when asked for it: what all begin with, as in TRL, but as text.
        bare = tok.apply_chat_template(row["prompt"], tokenize=False, **more).removesuffix(unasked)
        prompt = os.path.commonprefix([prompt, *wholes])
        assert len(prompt) >= len(bare)
    out = [plain_ids(tok, prompt)]
    for whole in wholes:
        out.append(continuation(tok, prompt, out[0], whole[len(prompt):]))
    return out


def ended(tok, row, ids):
    """A turn that no special token ends, because the template is another model's, gets the EOS."""
    if isinstance(row["prompt"], str):
        return ids
    out = [ids[0]]
    for side, part in zip(("chosen", "rejected"), ids[1:]):
        written = tok.decode(part, skip_special_tokens=False)
        core = text(row[side]).strip()
        tail = written[written.rindex(core) + len(core):] if core in written else written
        special = any(i in tok.all_special_ids or tok.added_tokens_decoder.get(i) is not None and tok.added_tokens_decoder[i].special
                      for i in plain_ids(tok, tail))
        out.append(part if special else part + [tok.eos_token_id])
    return out


def digest(ids):
    return hashlib.sha256("|".join(",".join(map(str, part)) for part in ids).encode()).hexdigest()[:12]


zephyr = yaml.safe_load((TEMPLATES / "zephyr_sft_config_full.yaml").read_text(encoding="utf-8"))["chat_template"]
RUNS = [(name, None, "hh") for name in (
    "models/stories260K-hf", "models/TinyStories-656K-f32", "tokenizers/llama2-hf", "tokenizers/llama3-hf",
    "tokenizers/gpt-neox-20b")]
RUNS += [("tokenizers/llama3-hf", "llama3.jinja", "ultrafeedback"),
         ("tokenizers/llama3-hf", "llama3_1.jinja", "ultrafeedback"),
         ("tokenizers/llama3-hf", "own", "ultrafeedback"),
         ("tokenizers/llama2-hf", "mistral_v1.jinja", "ultrafeedback"),
         ("tokenizers/llama2-hf", "zephyr_sft_config_full.yaml", "ultrafeedback"),
         ("tokenizers/gpt-neox-20b", "zephyr_sft_config_full.yaml", "ultrafeedback"),
         ("tokenizers/llama3-hf", "published/trl_qwen3.jinja", "ultrafeedback"),
         ("tokenizers/llama3-hf", "published/trl_deepseekv3.jinja", "ultrafeedback"),
         ("tokenizers/llama3-hf", "published/trl_qwen3.jinja", "tools"),
         ("tokenizers/llama3-hf", "published/trl_deepseekv3.jinja", "tools")]

results = []
for folder, template, data in RUNS:
    tok = load(folder)
    unasked = ""
    if template == "own":
        unasked = "<|start_header_id|>assistant<|end_header_id|>\n\n"
    elif template:
        tok.chat_template = zephyr if template.endswith(".yaml") else (TEMPLATES / template).read_text(encoding="utf-8")
    rows = []
    counts = {"trl": 0, "boundary": 0, "unasked": 0, "dropped": 0}
    for _, row in zip(range(ROWS), {"hh": hh, "ultrafeedback": ultrafeedback, "tools": tools}[data]()):
        if row is None or unusable(row):
            rows.append("dropped")
            counts["dropped"] += 1
            continue
        try:
            theirs, exact = trl_ids(tok, row)
            ours = dil_ids(tok, row, unasked)
        except (AssertionError, jinja2.exceptions.TemplateError) as e:
            rows.append("dropped")
            counts["dropped"] += 1
            continue
        kind = "unasked" if unasked else "trl" if exact else "boundary"
        if theirs == ours:
            kind = "unasked" if unasked else "trl"
        elif kind == "trl":
            raise AssertionError((folder, template, row))
        counts[kind] += 1
        rows.append(digest(ended(tok, row, ours)))
    results.append({"tokenizer": folder, "template": template, "data": data, "same_as": counts, "rows": rows})
    print(folder, template, counts)

with (Path(sys.argv[1]).parent / "tools.jsonl").open("w", encoding="utf-8") as out:
    for row in tools():
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
versions = {m.__name__: m.__version__ for m in (transformers, tokenizers, trl)}
Path(sys.argv[1]).write_text(json.dumps({"versions": versions, "runs": results}) + "\n", encoding="utf-8")
