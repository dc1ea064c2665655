"""Renders chat templates with transformers and writes what came out.

Two files: one for the templates in this script, committed whole; one for the published templates beside the
project, of which only a hash of each rendering is committed.

    DIL_ASSETS=... python render_templates.py ../resources/templates

Needs transformers, jinja2, pyyaml; the versions are written into the files.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import jinja2
import transformers
import yaml
from transformers.utils.chat_template_utils import render_jinja_template

OWN = {
    "chatml": "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
              "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "blocks": "{% for message in messages %}\n  {% if message['role'] == 'user' %}\n<|user|>\n{{ message['content'] }}\n"
              "  {% elif message['role'] == 'assistant' %}\n<|assistant|>\n{{ message['content'] + eos_token }}\n"
              "  {% else %}\n{{- bos_token }}{{ message['content'] | trim }}\n  {% endif %}\n"
              "  {% if loop.last and add_generation_prompt %}\n<|assistant|>\n  {% endif %}\n{% endfor %}\n",
    "python": "{%- if messages[0].role == 'system' -%}{%- set system = messages[0].content.strip() + '\\n\\n' -%}"
              "{%- set rest = messages[1:] -%}{%- else -%}{%- set system = '' -%}{%- set rest = messages -%}{%- endif -%}"
              "{%- for message in rest -%}{%- if (message.role == 'user') != (loop.index0 % 2 == 0) -%}"
              "{{ raise_exception('roles must alternate, got ' ~ message.role) }}{%- endif -%}"
              "{%- if message.role == 'user' -%}[INST] {{ (system if loop.first else '') + message.content.strip() }} [/INST]"
              "{%- else -%} {{ message.content.split('</think>')[-1].lstrip('\\n') }}{{ eos_token }}{%- endif -%}{%- endfor -%}",
    "names": "{%- set ns = namespace(n=0, seen=[]) -%}{%- for m in messages -%}{%- set ns.n = ns.n + 1 -%}"
             "{%- set ns.seen = ns.seen + [m.role] -%}{{ ns.n }}:{{ m | tojson }};{%- endfor -%}"
             "{{ ns.seen | join(',') }}|{{ {'a': [1, 2.5, true, none]} | tojson }}|{{ messages | length }}|"
             "{{ messages[-1]['content'][:3] }}|{{ 'x' in messages[0]['content'] }}|{{ messages[0].tool_calls is defined }}|"
             "{% if messages[0].content is string and not tools %}s{% endif %}|{{ messages | map(attribute='role') | list | first }}",
    "loops": "{%- for m in messages if m.role != 'system' -%}{%- if loop.index > 2 %}{% break %}{% endif -%}"
             "{%- generation %}{{ m.content | upper }}{% endgeneration -%}{{ '' if loop.last else '/' }}{%- endfor -%}"
             "{%- macro wrap(x, y='!') -%}<{{ x }}{{ y }}>{%- endmacro -%}{{ wrap(messages[0].role) }}{{ wrap('a', y='b') }}"
             "{% raw %}{{ raw }}{% endraw %}{# comment #}{{ 7 // 2 }}{{ 7 % 4 }}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}",
}
U = lambda c: {"role": "user", "content": c}
A = lambda c: {"role": "assistant", "content": c}
S = lambda c: {"role": "system", "content": c}
TALKS = [
    [U("Hi")],
    [U(" Hi \n"), A("Yo")],
    [S("Be {{ brief }}\u00a0"), U("{% if x %} \"q\" 's"), A("ok\n\n")],
    [U("<b>&amp;</b> ü€𝄞 \\n \\u0041"), A("\n\n1. a\n2. b\n"), U("\tmore\t"), A("<think>no</think>\n\nyes")],
    [S("s"), U("u"), A("a"), U("u2"), A("a2")],
    [U("a"), U("b")],
    [A("first")],
]


def render(source, talk, prompt):
    try:
        out, _ = render_jinja_template([talk], chat_template=source, add_generation_prompt=prompt,
                                       bos_token="<s>", eos_token="</s>")
        return out[0]
    except jinja2.exceptions.TemplateError as e:
        return f"raised: {e}"


def cases(templates):
    for name, source in templates.items():
        for i, talk in enumerate(TALKS):
            for prompt in False, True:
                yield {"template": name, "talk": i, "generation_prompt": prompt, "out": render(source, talk, prompt)}


versions = {"transformers": transformers.__version__, "jinja2": jinja2.__version__}
folder = Path(sys.argv[1])
own = {"versions": versions, "templates": OWN, "talks": TALKS, "cases": list(cases(OWN))}
(folder / "own.json").write_text(json.dumps(own, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

assets = Path(os.environ["DIL_ASSETS"]) / "tokenizers"
published = {f.name: f.read_text(encoding="utf-8") for f in sorted(assets.glob("templates/*.jinja"))}
published["zephyr_sft_config_full.yaml"] = yaml.safe_load(
    (assets / "templates/zephyr_sft_config_full.yaml").read_text(encoding="utf-8"))["chat_template"]
published["llama3-hf"] = json.loads((assets / "llama3-hf/tokenizer_config.json").read_text(encoding="utf-8"))["chat_template"]
hashed = [dict(case, out=hashlib.sha256(case["out"].encode()).hexdigest()) for case in cases(published)]
out = {"versions": versions, "talks": TALKS, "cases": hashed}
(folder / "published.json").write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
