"""Writes random templates and what jinja2 makes of them, in the environment that transformers sets up.

    python random_templates.py CASES.jsonl.gz [COUNT] [SEED]

A line is {"template", "out"} or {"template", "error": the exception's name}; the first line holds the versions and the
messages. RandomTemplatesTest reads such a file: the committed one, and any that the system property
dil.template.cases names.

The grammar covers expressions to depth 6 (operators, indices, slices, attributes, calls, filters, tests, literals) and
the statements. An expression is mostly of a type that fits where it stands, and sometimes of any type.
"""

import gzip
import json
import random
import signal
import sys

import jinja2
import transformers
from transformers.utils.chat_template_utils import render_jinja_template

MESSAGES = [
    {"role": "system", "content": "Sys Tem"},
    {"role": "user", "content": "héllo 🎉 a,b  c\nsecond line "},
    {"role": "assistant", "content": "false", "tool_calls": [
        {"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": [2.5, None, True]}}}]},
    {"role": "tool", "name": "add", "content": "3.5"},
    {"role": "user", "content": ""},
]
KWARGS = {"flag": True, "off": False, "nothing": None, "n": 3, "x": 2.5, "empty": [], "word": "a-b c",
          "d": {"b": 1, "a": [1, 2, {"k": "v"}], "items": 3, "name": "Z"}}


class Grammar:
    def __init__(self, rng):
        self.rng = rng
        self.scope = []

    def one(self, *choices):
        return self.rng.choice(choices)

    def any(self, depth):
        return self.one(self.int, self.int, self.float, self.str, self.str, self.list, self.dict, self.bool, self.odd)(depth)

    def wrong(self):
        return self.rng.random() < 0.04

    def of(self, kind, depth):
        if self.wrong():
            return self.any(depth)
        return getattr(self, kind)(depth)

    def name(self, *defaults):
        if self.scope and self.rng.random() < 0.3:
            return self.rng.choice(self.scope)
        return self.rng.choice(defaults)

    def paren(self, text):
        return f"({text})" if self.rng.random() < 0.6 else text

    def odd(self, depth):
        return self.one("none", "undefd", "nothing", "messages[9]", "d.missing", "loop.index", "namespace(a=1)", "range(3)",
                        "messages|map(attribute='role')", "x is defined", "d.items()", "d.keys()", "(1,)", "()", "undefd.x",
                        "messages[0].nope")

    def int(self, depth):
        r = self.rng
        if depth <= 0:
            return self.one(str(r.randint(0, 12)), "n", "0", "1", "2", "-1", "0x1f", "1_000", "007"[2:], "true", "10**20")
        c = r.randrange(15)
        if c < 4:
            return self.paren(f"{self.of('int', depth-1)} {self.one('+','-','*','//','%')} {self.of('int', depth-1)}")
        if c == 4:
            return f"{self.of('str', depth-1)}|length" if r.random() < .5 else f"({self.of('list', depth-1)})|{self.one('length','count')}"
        if c == 5:
            return f"({self.of('str', depth-1)}).{self.one('find','count','index','rfind')}({self.of('str', 0)})"
        if c == 6:
            return f"-{self.of('int', depth-1)}"
        if c == 7:
            return f"({self.of('any', depth-1)})|int"
        if c == 8:
            return f"({self.of('int', depth-1)})|abs"
        if c == 9:
            return f"[{self.of('int', depth-1)}, {self.of('int', depth-1)}]|{self.one('max','min','sum','first','last')}"
        if c == 10:
            return self.paren(f"{self.of('int', depth-1)} if {self.of('bool', depth-1)} else {self.of('int', depth-1)}")
        if c == 11:
            return self.paren(f"{self.of('int', depth-1)} ** {self.one('0','1','2','3')}")
        if c == 12:
            return f"[{self.of('int', depth-1)}][{self.one('0','-1','1')}]"
        if c == 13:
            return f"({self.of('int', depth-1)})|default({self.of('int', depth-1)}{self.one('', ', true')})"
        return f"d.{self.one('b','items')}"

    def float(self, depth):
        r = self.rng
        if depth <= 0:
            return self.one("x", "1.5", "0.1", "2.0", "1e3", "1e16", "1.5e-7", "-0.0", "3.14159", "123456.789", "1e22", "0.30000000000000004")
        c = r.randrange(8)
        if c < 3:
            return self.paren(f"{self.of('float', depth-1)} {self.one('+','-','*','/','//','%')} {self.one(self.float, self.int)(depth-1)}")
        if c == 3:
            return self.paren(f"{self.of('int', depth-1)} / {self.of('int', depth-1)}")
        if c == 4:
            return f"({self.of('any', depth-1)})|float"
        if c == 5:
            return f"""({self.of('float', depth-1)})|round{self.one('', '(1)', '(2)', '(0)', '(1, "floor")', '(1, "ceil")')}"""
        if c == 6:
            return f"({self.of('float', depth-1)})|abs"
        return self.paren(f"{self.of('float', depth-1)} ** {self.one('2','3','-1','0')}")

    def string(self):
        return self.one("'a'", "'b c'", "''", "'abcabc'", "\"it's\"", "'\\n'", "'é🎉'", "'  pad '", "'%'", "'1'", "'12.5'", "'A-b'",
                        "'x,y,,z'", "'{}'", "'\\t|\\\\'", "'ß'", "'l1\\nl2\\r\\nl3'", "'Hello World'", "'false'", "'0'", "'<b>&'")

    def str(self, depth):
        r = self.rng
        if depth <= 0:
            return self.one(self.string(), self.string(), "word", "messages[1].content", "messages[0]['role']", "bos_token", "d.name")
        s = lambda: self.of("str", depth - 1)
        p = lambda: f"({s()})"
        c = r.randrange(24)
        if c == 0:
            return self.paren(f"{s()} ~ {self.any(depth-1)}")
        if c == 1:
            return self.paren(f"{s()} + {s()}")
        if c == 2:
            return f"{p()}.{self.one('upper','lower','strip','lstrip','rstrip','title','capitalize','swapcase')}()"
        if c == 3:
            return f"{p()}|{self.one('upper','lower','trim','title','capitalize','string','reverse')}"
        if c == 4:
            return f"{p()}[{self.slice(depth)}]"
        if c == 5:
            return f"{p()}[{self.of('int', depth-1)}]"
        if c == 6:
            return f"{p()}.replace({self.string()}, {self.string()}{self.one('', ', 1', ', -1', ', 0')})"
        if c == 7:
            return f"{p()}|replace({self.string()}, {s()}{self.one('', ', 1', ', count=2')})"
        if c == 8:
            return f"({self.of('list', depth-1)})|join({self.one('', self.string(), self.string())})"
        if c == 9:
            return f"""({self.any(depth-1)})|tojson{self.one('', '', '(indent=2)', '(ensure_ascii=true)', '(sort_keys=true)', '(separators=(",", ":"))')}"""
        if c == 10:
            return f"({self.any(depth-1)})|string"
        if c == 11:
            return f"'{self.one('%s', '%d', '%5s', '%-4s|', '%05d', '%.2f', '%x', '%r', '%g', '%+d', '%e', '%10.3f', '%s %%', '%c')}' % ({self.any(depth-1)})"
        if c == 12:
            return f"'{self.one('{}', '{:>6}', '{:<6}|', '{:^7}', '{0}{0}', '{:05d}', '{:.2f}', '{!r}', '{:x}', '{:*^9}', '{:+}', '{:.3}', '{:e}', '{:g}', '{:%}')}'.format({self.any(depth-1)})"
        if c == 13:
            return self.paren(f"{self.of('int', 0)} * {s()}") if r.random() < .5 else self.paren(f"{s()} * {self.of('int', 0)}")
        if c == 14:
            return f"""{p()}|{self.one('center(9)', 'indent', 'indent(2)', 'indent(2, true)', 'indent(1, blank=true)', 'truncate(5)', 'truncate(6, true)', 'truncate(8, false, "..", 0)')}"""
        if c == 15:
            return f"{p()}.{self.one('center','ljust','rjust','zfill')}({self.one('4','7','8','0')})"
        if c == 16:
            return f"{p()}.{self.one('split','rsplit')}({self.one('', self.string(), 'none, 1', self.string() + ', 1')})|{self.one('first','last')}"
        if c == 17:
            return f"{p()}.{self.one('partition','rpartition')}({self.string()})[{self.one('0','1','2')}]"
        if c == 18:
            return f"{p()}.{self.one('removeprefix','removesuffix')}({self.string()})"
        if c == 19:
            return self.paren(f"{s()} if {self.of('bool', depth-1)} else {s()}")
        if c == 20:
            return self.paren(f"{s()} or {s()}") if r.random() < .5 else self.paren(f"{s()} and {s()}")
        if c == 21:
            return f"{p()}|default({s()}{self.one('', ', true')})"
        if c == 22:
            return f"{p()}.{self.one('strip','lstrip','rstrip')}({self.string()})"
        return f"{self.string()}.join({p()}.split())"

    def slice(self, depth):
        part = lambda: self.one("", "", "1", "-1", "2", "-2", "0", "5", "-9", "n")
        return f"{part()}:{part()}" + (f":{self.one('', '1', '-1', '2', '-2')}" if self.rng.random() < .4 else "")

    def list(self, depth):
        r = self.rng
        if depth <= 0:
            return self.one("[]", "[1, 2, 3]", "['a', 'b']", "messages", "range(4)", "empty", "(1, 'a')", "d.a", "[none, 1.5, true]", "'abc'",
                            "[3, 1, 2]", "[1, 'a', none]", "['B', 'a', 'C']", "d.keys()", "d.values()", "[[1, 2], [3]]")
        l = lambda: f"({self.of('list', depth-1)})"
        c = r.randrange(16)
        if c == 0:
            return "[" + ", ".join(self.any(depth - 1) for _ in range(r.randint(0, 3))) + "]"
        if c == 1:
            return self.paren(f"{l()} + {l()}")
        if c == 2:
            return f"{l()}[{self.slice(depth)}]"
        if c == 3:
            return f"{l()}|list"
        if c == 4:
            return f"{l()}|{self.one('sort','reverse','unique','sort(reverse=true)','unique(true)', 'batch(2)', 'slice(2)', 'batch(2, 0)')}|list"
        if c == 5:
            return f"""({self.of('str', depth-1)}).{self.one('split()', 'splitlines()', 'split(",")', 'rsplit(" ", 1)', 'split("b", 1)', 'splitlines(true)')}"""
        if c == 6:
            return f"{l()}|map({self.one('string', 'upper', 'length', 'abs', 'int')!r})|list"
        if c == 7:
            return f"messages|map(attribute={self.one('role','content','name','tool_calls.0.function')!r}{self.one('', ', default=1')})|list"
        if c == 8:
            return f"""{l()}|{self.one('select','reject')}({self.one('', '"odd"', '"string"', '"defined"', '"none"', '"eq", 1', '"in", [1, 2]', '"number"', '"gt", 1')})|list"""
        if c == 9:
            return f"""messages|{self.one('selectattr','rejectattr')}({self.one('"role", "equalto", "user"', '"name"', '"name", "defined"', '"content", "ne", ""', '"tool_calls", "undefined"')})|list"""
        if c == 10:
            return f"({self.of('dict', depth-1)}).{self.one('items','keys','values')}()|list"
        if c == 11:
            return f"""({self.of('dict', depth-1)})|{self.one('dictsort', 'items', 'dictsort(reverse=true)', 'dictsort(by="value")', 'list')}|list"""
        if c == 12:
            return f"range({self.of('int', 0)}{self.one('', ', 6', ', 9, 2', ', 0, -1')})|list"
        if c == 13:
            return self.paren(f"{l()} * {self.one('0','1','2','-1')}")
        if c == 14:
            return f"""messages|{self.one('groupby("role")', 'sort(attribute="role")', 'sort(attribute="content", case_sensitive=true)')}"""
        return "(" + ", ".join(self.any(depth - 1) for _ in range(r.randint(1, 3))) + ",)"

    def dict(self, depth):
        r = self.rng
        if depth <= 0:
            return self.one("{}", "d", "messages[0]", "{'a': 1}", "{'x': none, 1: 'y'}", "messages[2].tool_calls[0].function", "dict(a=1, b='q')")
        c = r.randrange(6)
        if c < 4:
            return "{" + ", ".join(f"{self.one(self.str, self.str, self.int, self.bool, self.float, self.any)(depth-1 if r.random() < .2 else 0)}: {self.any(depth-1)}"
                                   for _ in range(r.randint(0, 3))) + "}"
        if c == 4:
            return f"dict({self.of('dict', depth-1)}{self.one('', ', z=1')})"
        return f"({self.of('dict', depth-1)}).copy()"

    def bool(self, depth):
        r = self.rng
        if depth <= 0:
            return self.one("true", "false", "flag", "off", "True", "False", "n > 2", "undefd is defined", "x is number")
        a = lambda: self.any(depth - 1)
        c = r.randrange(13)
        if c == 0:
            return self.paren(f"not {self.of('bool', depth-1)}") if r.random() < .7 else self.paren(f"not {a()}")
        if c == 1:
            return self.paren(f"{self.of('bool', depth-1)} {self.one('and','or')} {self.of('bool', depth-1)}")
        if c == 2:
            return self.paren(f"{a()} {self.one('==','!=')} {a()}")
        if c == 3:
            k = self.one("int", "float", "str", "list")
            return self.paren(f"{self.of(k, depth-1)} {self.one('<','<=','>','>=')} {self.of(k, depth-1)}")
        if c == 4:
            return self.paren(f"{self.of('str', depth-1)} {self.one('in','not in')} {self.of('str', depth-1)}")
        if c == 5:
            return self.paren(f"{a()} {self.one('in','not in')} {self.one(self.list, self.dict)(depth-1)}")
        if c == 6:
            t = self.one("defined", "undefined", "none", "string", "number", "mapping", "iterable", "sequence", "boolean", "integer", "float",
                         "true", "false", "callable", "lower", "upper", "odd", "even", "divisibleby 3", "divisibleby(2)", "eq 1", "eq('a')",
                         "in [1, 2]", "ne none", "gt 1", "sameas none", "sameas true", "escaped")
            return self.paren(f"({a()}) is {self.one('', 'not ')}{t}")
        if c == 7:
            return f"({self.of('str', depth-1)}).{self.one('isdigit','isalpha','isspace','isupper','islower','isalnum','istitle','isnumeric','isdecimal')}()"
        if c == 8:
            return f"""({self.of('str', depth-1)}).{self.one('startswith','endswith')}({self.one(self.string(), '("a", "l")', self.string() + ', 1', self.string() + ', 0, 3')})"""
        if c == 9:
            return self.paren(f"{self.of('int', depth-1)} {self.one('<','<=','==')} {self.of('int', depth-1)} {self.one('<','<=','!=')} {self.of('int', depth-1)}")
        if c == 10:
            return self.paren(f"{a()} or {a()}")
        if c == 11:
            return self.paren(f"{a()} and {a()}")
        return self.paren(f"{a()} is {self.one('defined and', 'none or', 'string and not')} {self.of('bool', depth-1)}")

    # Statements

    def space(self):
        return self.one("", "", " ", "\n", "  \n", "\t", "text ", "\n  ", "é")

    def tag(self, body):
        left, right = self.one("", "", "", "-", "+"), self.one("", "", "", "-", "+")
        return f"{{%{left} {body} {right}%}}"

    def print(self, depth):
        left, right = self.one("", "", "", "-"), self.one("", "", "", "-")
        return f"{{{{{left} {self.any(depth)} {right}}}}}"

    def body(self, level, depth):
        return "".join(self.space() + self.statement(level, depth) for _ in range(self.rng.randint(1, 2))) + self.space()

    def statement(self, level, depth):
        r = self.rng
        if level <= 0:
            return self.print(depth)
        names = ["v", "w", "n", "word", "ns"]
        c = r.randrange(16)
        if c < 4:
            return self.print(depth)
        if c == 4:
            text = self.tag(f"if {self.of('bool', depth)}") + self.body(level - 1, depth)
            if r.random() < .4:
                text += self.tag(f"elif {self.of('bool', depth)}") + self.body(level - 1, depth)
            if r.random() < .5:
                text += self.tag("else") + self.body(level - 1, depth)
            return text + self.tag("endif")
        if c in (5, 6):
            v = self.one("v", "w", "m")
            head = f"for {v} in {self.of('list', min(depth, 2))}"
            if r.random() < .25:
                head += f" if {self.of('bool', 1)}"
            self.scope += [v, "loop.index", "loop.first", "loop.last", "loop.length", "loop.revindex0", "loop.previtem", "loop.nextitem",
                           "loop.cycle('a', 'b')", f"loop.changed({v})", "loop.depth"]
            text = self.tag(head) + self.body(level - 1, min(depth, 3))
            if r.random() < .2:
                text += self.tag(f"if {self.of('bool', 1)}") + self.tag(self.one("break", "continue")) + self.tag("endif") + self.space()
            if r.random() < .25:
                text += self.tag("else") + self.body(level - 1, 1)
            del self.scope[-11:]
            return text + self.tag("endfor")
        if c == 7:
            v = self.one(*names)
            return self.tag(f"set {v} = {self.any(depth)}") + self.space() + "{{ " + v + " }}"
        if c == 8:
            v = self.one("v", "w")
            return self.tag(f"set {v}{self.one('', ' | upper', ' | trim')}") + self.body(level - 1, 1) + self.tag("endset") + "{{ " + v + " }}"
        if c == 9:
            inner = self.one("loop.index0", "n", "1", "ns.a")
            return (self.tag("set ns = namespace(a=0, b=[])") + self.tag(f"for v in {self.of('list', 1)}")
                    + self.tag(f"set ns.a = ns.a + {inner}") + self.tag("set ns.b = ns.b + [v]") + self.tag("endfor") + "{{ ns.a }}{{ ns.b }}")
        if c == 10:
            args = self.one("p", "p, q=1", "p, q='z', r=p", "p, caller=none", "q=2")
            call = self.one(self.of("str", 1), f"{self.of('int', 1)}, 2", "p=1", "", f"*{self.of('list', 0)}", "1, q=3")
            self.scope += ["p", "q", "varargs", "kwargs"]
            text = self.tag(f"macro f({args})") + self.body(level - 1, 2) + self.tag("endmacro")
            del self.scope[-4:]
            return text + self.one("{{ f(" + call + ") }}", "{{ f(" + call + ")|length }}", self.tag(f"set v = f({call})") + "{{ v }}")
        if c == 11:
            return (self.tag(f"macro g({self.one('', 'p', 'p=1')})") + "<{{ caller(" + self.one("", "1", "p") + ") }}>" + self.tag("endmacro")
                    + self.tag(f"call{self.one('', '(z)', '(z=4)')} g({self.one('', '2')})") + self.body(level - 1, 1) + "{{ z }}" + self.tag("endcall"))
        if c == 12:
            return self.tag(f"with v = {self.any(1)}, w = {self.one('v', 'n', '1')}") + self.body(level - 1, 2) + "{{ v }}{{ w }}" + self.tag("endwith")
        if c == 13:
            return self.tag(f"""filter {self.one('upper', 'trim', 'replace("a", "b")', 'upper|trim', 'length', 'indent(2)')}""") + self.body(level - 1, 1) + self.tag("endfilter")
        if c == 14:
            return self.one("{# c #}", "{#- c -#}", "{% raw %} {{ x }} {% endraw %}", "{%- raw -%} {% x %} {%- endraw -%}\n",
                            self.tag("generation") + self.body(level - 1, 1) + self.tag("endgeneration"),
                            self.tag("block b" + str(r.randrange(9))) + self.body(level - 1, 1) + self.tag("endblock"))
        return (self.tag(f"for v in {self.one('[[1, [2]], [3]]', '[1, [2, [3]]]', 'd.a')} recursive")
                + "{{ loop.depth }}" + self.one("{{ v }}", "{{ loop(v) if v is iterable and v is not string and v is not mapping else v }}") + self.tag("endfor"))


def render(template):
    signal.alarm(5)
    try:
        out, _ = render_jinja_template([[dict(m) for m in MESSAGES]], chat_template=template, add_generation_prompt=True,
                                       bos_token="<s>", eos_token="</s>", **KWARGS)
        return {"template": template, "out": out[0]}
    except Exception as e:
        return {"template": template, "error": type(e).__name__}
    finally:
        signal.alarm(0)


def main():
    path, count, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000, int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError()))
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps({"versions": {"jinja2": jinja2.__version__, "transformers": transformers.__version__,
                                           "python": sys.version.split()[0]}, "messages": MESSAGES, "kwargs": KWARGS, "seed": seed}) + "\n")
        for i in range(count):
            grammar = Grammar(rng)
            template = "{{ " + grammar.any(6) + " }}" if i % 2 else grammar.body(3, rng.randint(1, 4))
            case = render(template)
            out.write(json.dumps(case, ensure_ascii=False) + "\n")


main()
