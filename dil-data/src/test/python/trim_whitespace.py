"""Renders templates that differ in their white space with jinja2 as transformers sets it, and writes what came out.

    python trim_whitespace.py ../resources/templates/whitespace.json

Written-out cases, and random ones from a fixed seed: tags with every sign, with every white space between them.
"""

import json
import random
import sys
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

CASES = [
    "{% for m in messages %}{{ m.content }} {% endfor %}",
    "{% for m in messages %}\n  {{ m.content }} {% endfor %}",
    "a {% if true %} b {% endif %} c",
    "a\n  {% if true %}\n  b\n  {% endif %}\nc\n",
    "  {% if true %}x{% endif %}",
    "\t{% if true %}\t\tx{% endif %}",
    "\n\n  {% if true %}  {% if true %}  x{% endif %}{% endif %}\n\n",
    "a {%- if true -%} b {%- endif -%} c",
    "a\n {%+ if true +%}\n b {%+ endif +%}\n c",
    "a\n {%+ if true %}\n b\n {% endif +%}\n c",
    "a {{- 1 -}} b {{ 2 }} c\n{{ 3 }}\n  {{ 4 }}\n",
    "{{ 1 -}}\n  {% if true %}x{% endif %}",
    "{{ 1 }}\n  {% if true %}x{% endif %}",
    "{{ 1 }}  {% if true %}x{% endif %}",
    "a {# c #} b\n  {# c #}\nd {#- c -#} e\n  {#+ c +#}\nf",
    "{# a #}  {# b #}\n{# {{ 1 }} {% if %} #}x",
    "  {#- a #}\n\n  {# b -#}\n x",
    "{##}{#-#}x",
    "a\r\n  {% if true %}\r\n  b\r\n  {% endif %}\r\nc\r\n",
    "a\r  {% if true %}\rb{% endif %}\r",
    "x\n\n", "x\n", "\n", "", "  ", "x\r\n", "{{ 1 }}\n", "{% if true %}\n{% endif %}\n",
    "a\n  {% raw %}\n {{ x }} {% if %}\n  {% endraw %}\nb",
    "a {%- raw -%} {{ x }} {%- endraw -%} b",
    "a {%+ raw %} {{ x }} {%+ endraw +%}\n b",
    "{% raw %}{# not a comment #}{% endraw %}",
    "{% raw -%}\n   {% endraw %}x",
    "{{ '%}' }}{% if '%}' == \"%}\" %} y{% endif %}{{ '}}' }} {{ '\\'}}' }}",
    "{{ {'a': {'b': 1}}.a.b }} {{ [{'a': 1}][0].a }}",
    "{% set x = {'a': {'b': 2}} %}\n {{ x.a.b }}",
    "a\u00a0{%- if true %}b{% endif %}\n\u00a0{% if true %}c{% endif %}\u3000{{- 1 }}",
    "a\n \u2028 {% if true %}b{% endif %}\x0b\x0c{%- if true %}c{% endif %}",
    "{%if true%} x {%endif%} {{1}} {%-if true-%} x {%-endif-%} {{-1-}} ",
    "{% for i in range(3) %}\n  {{ i }}\n  {% if i == 1 %}\n    one\n  {% else %}\n    no\n  {% endif %}\n{% endfor %}\nend\n",
    "{% for i in range(3) -%}\n  {{ i }}\n  {%- if i == 1 -%}\n    one\n  {%- else %}\n    no\n  {% endif -%}\n{%- endfor %}\nend\n",
    "{% set x %} a {% endset %}[{{ x }}]",
    "{% macro f(a) %}\n  <{{ a }}>\n{% endmacro %}\n {{ f(1) }} {{ f(2) }}",
    "{ {% if true %}{{ '{' }}{% endif %} } {{ '#}' }} {# #} %} }} #}",
    "{{# c #}{ 1 }}",
    "{{ 1\n}}\n{%\nif true\n%}\nx{%\nendif\n%}\n",
    "{{ -1 }}{{ 3 -1 }}{{ 3 - 1 }}{{- -1 }}{{ 2 -}} x",
]

SPACES = ["", "", " ", "  ", "\n", "\n\n", " \n", "\n  ", "\t", "\n\t", "\r\n", "\r\n ", " \u00a0", "\n \n "]
TEXTS = ["", "", "a", "b c", "{", "}", "d\n", "  e"]


def random_case(draw):
    """Blocks in blocks, every tag with a sign or none at each end, every gap with some white space."""
    out = ""
    sign = lambda: draw.choice(["", "", "-", "+"])
    gap = lambda: draw.choice(SPACES) + draw.choice(TEXTS) + draw.choice(SPACES)
    for _ in range(draw.randint(2, 6)):
        out += gap()
        kind = draw.choice(["if", "end", "expression", "expression", "comment", "raw", "for"])
        if kind in ("if", "for"):
            out += f"{{%{sign()} {'if true' if kind == 'if' else 'for i in [1, 2]'} {sign()}%}}"
            stack.append(kind)
        elif kind == "end" and stack:
            out += f"{{%{sign()} end{stack.pop()} {sign()}%}}"
        elif kind == "expression":
            out += f"{{{{{sign().replace('+', '')} 'x' {sign().replace('+', '')}}}}}"
        elif kind == "comment":
            out += f"{{#{sign()} c {sign()}#}}"
        elif kind == "raw":
            out += f"{{%{sign()} raw {sign().replace('+', '')}%}}{gap()}{{{{ r }}}}{gap()}{{%{sign()} endraw {sign()}%}}"
    while stack:
        out += gap() + f"{{%{sign()} end{stack.pop()} {sign()}%}}"
    return out + gap()


stack = []
draw = random.Random(20)
CASES += [random_case(draw) for _ in range(400)]

environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": " Yo\n"}]
cases, refused = [], 0
for source in CASES:
    try:
        cases.append([source, environment.from_string(source).render(messages=messages)])
    except jinja2.TemplateSyntaxError:
        refused += 1  # Chance wrote something like "{{{{ 'x' }}", which is no template.
out = {"versions": {"jinja2": jinja2.__version__}, "cases": cases}
Path(sys.argv[1]).write_text(json.dumps(out, ensure_ascii=True, indent=1) + "\n", encoding="utf-8")
print(len(cases), "cases,", refused, "refused")
