  # What every family shares. Sequences stand end to end in one row of N tokens: linear layers see no
  # padding, and attention alone knows, from `layout`, where a sequence begins.

  def linear(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor], name: str) -> Tensor:
    weight = w[torch.add(name, ".weight")]
    bias = annotate(Optional[Tensor], None)
    if torch.__contains__(w, torch.add(name, ".bias")):
      bias = w[torch.add(name, ".bias")]
    if torch.__contains__(w, torch.add(name, ".packed")):
      y = self.packed_linear(x, w[torch.add(name, ".packed")], weight, bias)
    else:
      y = torch.linear(x, weight, bias)
    if torch.__contains__(w, torch.add(name, ".lora_A.weight")):
      scale = w[torch.add(name, ".lora_scale")]
      kept = x
      if torch.__contains__(w, "dropout.rows"):
        share = float(w["dropout.share"])
        drops = self.dropped(w["dropout.rows"], w[torch.add(name, ".lora_columns")], share)
        kept = torch.masked_fill(x, drops, 0.)
        scale = torch.div(scale, torch.sub(1., share))
      low = torch.linear(kept, w[torch.add(name, ".lora_A.weight")])
      up = torch.linear(low, w[torch.add(name, ".lora_B.weight")])
      y = torch.add(y, torch.mul(up, scale))
    return y

  # Which inputs (N, in) of an adapter are dropped, by rows (2, N, 1) and columns (in): see Dropout. Some
  # rows at a time, so that the dozen passes over a block find it in the cache.
  def dropped(self: __torch__.Model, rows: Tensor, columns: Tensor, share: float) -> Tensor:
    n = rows.size(1)
    out = torch.empty([n, columns.size(0)], dtype=11, device=columns.device)
    bound = torch.sub(int(torch.mul(share, 4294967296.)), 2147483648)
    step = n
    if torch.eq(columns.device.type, "cpu"):
      step = torch.add(torch.floordiv(65536, columns.size(0)), 1)
    for c in range(torch.floordiv(torch.sub(torch.add(n, step), 1), step)):
      start = torch.mul(c, step)
      m = torch.sub(ops.prim.min(torch.add(start, step), n), start)
      some = torch.narrow(rows, 1, start, m)
      h = torch.mul_(torch.bitwise_xor(torch.select(some, 0, 0), columns), torch.select(some, 0, 1))
      h = torch.mul_(self.folded(h, 16), 2146121005)
      h = torch.mul_(self.folded(h, 15), -2073254261)
      _0 = torch.copy_(torch.narrow(out, 0, start, m), torch.lt(h, bound))
    return out

  # x ^ (x >>> bits), in place: torch's own shift repeats the sign.
  def folded(self: __torch__.Model, x: Tensor, bits: int) -> Tensor:
    shifted = torch.bitwise_and_(torch.bitwise_right_shift(x, bits), torch.sub(torch.__lshift__(1, torch.sub(32, bits)), 1))
    return torch.bitwise_xor_(x, shifted)

  # Rows of the embedding, times a factor in the weights' own type (Gemma).
  def embed(self: __torch__.Model, ids: Tensor, w: Tensor) -> Tensor:
    x = torch.embedding(w, ids)
    if torch.ne(self.embed_scale, 1.):
      x = torch.mul(x, self.embed_factor(x))
    return x

  def embed_factor(self: __torch__.Model, like: Tensor) -> Tensor:
    return torch.new_full(like, [1], self.embed_scale)

  # Root mean square over the last dimension, reduced in fp32 whatever the weights' type. Weights that
  # are stored as their distance from 1 (Gemma) are applied in fp32 too.
  def rms_norm(self: __torch__.Model, x: Tensor, weight: Tensor) -> Tensor:
    f = x.to(6)
    scale = torch.rsqrt(torch.add(torch.mean(torch.mul(f, f), [-1], True), self.norm_eps))
    f = torch.mul(f, scale)
    if torch.gt(self.norm_offset, 0.):
      out = torch.mul(f, torch.add(weight.to(6), self.norm_offset)).to(x.dtype)
    else:
      out = torch.mul(weight, f.to(x.dtype))
    return out

  def layer_norm(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor], name: str) -> Tensor:
    weight = w[torch.add(name, ".weight")]
    return torch.layer_norm(x, [x.size(1)], weight, w[torch.add(name, ".bias")], self.norm_eps)

  def activate(self: __torch__.Model, x: Tensor) -> Tensor:
    if torch.eq(self.activation, "silu"):
      y = torch.silu(x)
    elif torch.eq(self.activation, "gelu"):
      y = torch.gelu(x, approximate="none")
    elif torch.eq(self.activation, "gelu_tanh"):
      y = torch.gelu(x, approximate="tanh")
    elif torch.eq(self.activation, "gelu_10"):
      y = torch.clamp(torch.gelu(x, approximate="none"), -10., 10.)
    elif torch.eq(self.activation, "quick_gelu"):
      y = torch.mul(x, torch.sigmoid(torch.mul(x, 1.702)))
    elif torch.eq(self.activation, "mish"):
      y = torch.mish(x)
    elif torch.eq(self.activation, "relu2"):
      y = torch.square(torch.relu(x))
    elif torch.eq(self.activation, "relu6"):
      y = torch.relu6(x)
    elif torch.eq(self.activation, "leaky_relu"):
      y = torch.leaky_relu(x, 0.01)
    elif torch.eq(self.activation, "hardswish"):
      y = torch.hardswish(x)
    elif torch.eq(self.activation, "sigmoid"):
      y = torch.sigmoid(x)
    elif torch.eq(self.activation, "tanh"):
      y = torch.tanh(x)
    elif torch.eq(self.activation, "linear"):
      y = x
    else:
      y = torch.relu(x)
    return y

  # Rotary position embedding of x (N, heads, d) by tables (N, r), r <= d, in the half-split order.
  def rotate(self: __torch__.Model, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    r = cos.size(1)
    c = torch.unsqueeze(cos, 1)
    s = torch.unsqueeze(sin, 1)
    turned = torch.narrow(x, 2, 0, r)
    first, second, = torch.chunk(turned, 2, 2)
    out = torch.add(torch.mul(turned, c), torch.mul(torch.cat([torch.neg(second), first], 2), s))
    if torch.lt(r, x.size(2)):
      out = torch.cat([out, torch.narrow(x, 2, r, torch.sub(x.size(2), r))], 2)
    return out

  # Which of m keys each of the last n queries sees: those before it and itself, the last `window` of them.
  def visible(self: __torch__.Model, n: int, m: int, window: int, like: Tensor) -> Tensor:
    ones = torch.ones([n, m], dtype=11, device=like.device)
    mask = torch.tril(ones, torch.sub(m, n))
    if torch.lt(window, m):
      mask = torch.logical_and(mask, torch.triu(ones, torch.add(torch.sub(torch.sub(m, n), window), 1)))
    return mask

  # Attention whose scores are squashed into (-cap, cap), which no fused kernel does; scores in fp32.
  def capped_attention(self: __torch__.Model, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    scores = torch.mul(torch.matmul(query, torch.transpose(key, 2, 3)).to(6), self.attention_scale)
    scores = torch.mul(torch.tanh(torch.div(scores, self.attention_cap)), self.attention_cap)
    # Far below any capped score, so its weight is 0.
    scores = torch.masked_fill(scores, torch.logical_not(mask), -1e30)
    return torch.matmul(torch.softmax(scores, 3).to(value.dtype), value)

  # Attention of one run of queries (n, heads, d) to keys (m, kv, d), where the queries are the last n
  # of the m positions. The kernel's own causal mask is aligned to the top left, so it serves n = m alone.
  def attend(self: __torch__.Model, q: Tensor, k: Tensor, v: Tensor, w: Dict[str, Tensor]) -> Tensor:
    n = q.size(0)
    m = k.size(0)
    share = torch.floordiv(q.size(1), k.size(1))
    query = torch.unsqueeze(torch.transpose(q, 0, 1), 0)
    key = torch.unsqueeze(torch.transpose(k, 0, 1), 0)
    value = torch.unsqueeze(torch.transpose(v, 0, 1), 0)
    if torch.__and__(torch.gt(share, 1), torch.__not__(self.grouped_attention)):
      key = torch.repeat_interleave(key, share, 1)
      value = torch.repeat_interleave(value, share, 1)
    window = m
    if torch.__contains__(w, "sliding_window"):
      window = int(w["sliding_window"])
    if torch.gt(self.attention_cap, 0.):
      out = self.capped_attention(query, key, value, self.visible(n, m, window, q))
    elif torch.__and__(torch.eq(n, m), torch.ge(window, m)):
      out = torch.scaled_dot_product_attention(query, key, value, None, 0., True, scale=self.attention_scale, enable_gqa=self.grouped_attention)
    elif torch.__and__(torch.eq(n, 1), torch.ge(window, m)):
      out = torch.scaled_dot_product_attention(query, key, value, None, 0., False, scale=self.attention_scale, enable_gqa=self.grouped_attention)
    else:
      mask = self.visible(n, m, window, q)
      out = torch.scaled_dot_product_attention(query, key, value, mask, 0., False, scale=self.attention_scale, enable_gqa=self.grouped_attention)
    return torch.transpose(torch.squeeze(out, 0), 0, 1)

  # Attention of one new token (S, heads, d) in each of S sequences to all that its slot of the cache holds, in
  # one call. The query heads that share a key head stand as rows of one query, so that no key is repeated.
  def attend_next(self: __torch__.Model, q: Tensor, k: Tensor, v: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    slots = torch.select(layout, 1, 2).to(q.device)
    held = torch.select(layout, 1, 3)
    m = torch.add(int(torch.max(held)), 1)
    held = held.to(q.device)
    _0 = torch.index_put_(w["cache.key"], annotate(List[Optional[Tensor]], [slots, held]), k)
    _1 = torch.index_put_(w["cache.value"], annotate(List[Optional[Tensor]], [slots, held]), v)
    keys = torch.narrow(w["cache.key"], 1, 0, m)
    values = torch.narrow(w["cache.value"], 1, 0, m)
    if torch.ne(keys.size(0), q.size(0)):
      keys = torch.index_select(keys, 0, slots)
      values = torch.index_select(values, 0, slots)
    at = torch.view(torch.arange(m, device=q.device), [1, 1, 1, m])
    end = torch.view(held, [-1, 1, 1, 1])
    mask = torch.le(at, end)
    if torch.__contains__(w, "sliding_window"):
      mask = torch.logical_and(mask, torch.gt(at, torch.sub(end, int(w["sliding_window"]))))
    query = torch.view(q, [q.size(0), k.size(1), -1, q.size(2)])
    key = torch.transpose(keys, 1, 2)
    value = torch.transpose(values, 1, 2)
    if torch.gt(self.attention_cap, 0.):
      out = self.capped_attention(query, key, value, mask)
    else:
      out = torch.scaled_dot_product_attention(query, key, value, mask, 0., False, scale=self.attention_scale)
    return torch.reshape(out, [q.size(0), q.size(1), q.size(2)])

  # Attention over all runs, which cover the tokens one after the other. A row of layout is (start, length, a, b):
  # without a cache, keys are those of a prefix, where there is one, the first b tokens of the last run that had none before it, and
  # then the run's own;
  # with one, the run continues the b positions that slot a of the cache holds.
  def attention(self: __torch__.Model, q: Tensor, k: Tensor, v: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    if torch.__contains__(w, "cache.key"):
      next = torch.gt(layout.size(0), 1)
      if next:
        next = torch.eq(int(torch.max(torch.select(layout, 1, 1))), 1)
      if next:
        out = self.attend_next(q, k, v, layout, w)
      else:
        out = self.attention_cached(q, k, v, layout, w)
    else:
      lengths = annotate(List[int], [])
      before = annotate(List[int], [])
      for i in range(layout.size(0)):
        row = torch.select(layout, 0, i)
        _0 = torch.append(lengths, int(torch.select(row, 0, 1)))
        _1 = torch.append(before, int(torch.select(row, 0, 3)))
      if torch.__and__(torch.__contains__(w, "runs.queries"), torch.__not__(torch.__contains__(w, "prefix.key"))):
        out = self.attention_packed(q, k, v, lengths, before, w)
      else:
        out = self.attention_by_run(q, k, v, lengths, before, w)
    return out

  def attention_cached(self: __torch__.Model, q: Tensor, k: Tensor, v: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    runs = annotate(List[Tensor], [])
    for i in range(layout.size(0)):
      row = torch.select(layout, 0, i)
      start = int(torch.select(row, 0, 0))
      n = int(torch.select(row, 0, 1))
      a = int(torch.select(row, 0, 2))
      b = int(torch.select(row, 0, 3))
      keys = torch.select(w["cache.key"], 0, a)
      values = torch.select(w["cache.value"], 0, a)
      _0 = torch.copy_(torch.narrow(keys, 0, b, n), torch.narrow(k, 0, start, n))
      _1 = torch.copy_(torch.narrow(values, 0, b, n), torch.narrow(v, 0, start, n))
      ki = torch.narrow(keys, 0, 0, torch.add(b, n))
      vi = torch.narrow(values, 0, 0, torch.add(b, n))
      _2 = torch.append(runs, self.attend(torch.narrow(q, 0, start, n), ki, vi, w))
    return torch.cat(runs)

  # Lets slot `to` of the cache begin with the first n positions of slot `source`; places is (to, source, n).
  def copy_cached(self: __torch__.Model, places: Tensor, w: Dict[str, Tensor]) -> Tensor:
    to = int(torch.select(places, 0, 0))
    source = int(torch.select(places, 0, 1))
    n = int(torch.select(places, 0, 2))
    keys = torch.narrow(torch.select(w["cache.key"], 0, to), 0, 0, n)
    values = torch.narrow(torch.select(w["cache.value"], 0, to), 0, 0, n)
    _0 = torch.copy_(keys, torch.narrow(torch.select(w["cache.key"], 0, source), 0, 0, n))
    _1 = torch.copy_(values, torch.narrow(torch.select(w["cache.value"], 0, source), 0, 0, n))
    return keys

  # A run at a time. Split once: what narrow cuts out of the whole, its gradient fills with zeros to the whole.
  def attention_by_run(self: __torch__.Model, q: Tensor, k: Tensor, v: Tensor, lengths: List[int], before: List[int], w: Dict[str, Tensor]) -> Tensor:
    qs = torch.split_with_sizes(q, lengths, 0)
    ks = torch.split_with_sizes(k, lengths, 0)
    vs = torch.split_with_sizes(v, lengths, 0)
    runs = annotate(List[Tensor], [])
    prompt = 0
    for i in range(torch.len(lengths)):
      ki = ks[i]
      vi = vs[i]
      if torch.eq(before[i], 0):
        prompt = i
      else:
        ki = torch.cat([torch.narrow(ks[prompt], 0, 0, before[i]), ki])
        vi = torch.cat([torch.narrow(vs[prompt], 0, 0, before[i]), vi])
      if torch.__contains__(w, "prefix.key"):
        ki = torch.cat([torch.select(w["prefix.key"], 0, 0), ki])
        vi = torch.cat([torch.select(w["prefix.value"], 0, 0), vi])
      _0 = torch.append(runs, self.attend(qs[i], ki, vi, w))
    return torch.cat(runs)

  # Each run's keys, one run after the other: prompts that are shared stand before each of their responses.
  def packed_keys(self: __torch__.Model, k: Tensor, lengths: List[int], before: List[int]) -> Tensor:
    parts = torch.split_with_sizes(k, lengths, 0)
    keys = annotate(List[Tensor], [])
    prompt = 0
    for i in range(torch.len(lengths)):
      if torch.eq(before[i], 0):
        prompt = i
      else:
        _0 = torch.append(keys, torch.narrow(parts[prompt], 0, 0, before[i]))
      _1 = torch.append(keys, parts[i])
    return torch.cat(keys)

  # All runs in one kernel, by where each run's queries and keys begin (runs + 1): queries are the last of their
  # run's keys. The kernel is for 16 bits on CUDA; elsewhere the same is computed a run at a time.
  def attention_packed(self: __torch__.Model, q: Tensor, k: Tensor, v: Tensor, lengths: List[int], before: List[int], w: Dict[str, Tensor]) -> Tensor:
    keys = k
    values = v
    longest = 0
    longest_keys = 0
    shared = False
    for i in range(torch.len(lengths)):
      longest = ops.prim.max(longest, lengths[i])
      longest_keys = ops.prim.max(longest_keys, torch.add(lengths[i], before[i]))
      shared = torch.__or__(shared, torch.gt(before[i], 0))
    if shared:
      keys = self.packed_keys(k, lengths, before)
      values = self.packed_keys(v, lengths, before)
    if torch.eq(q.device.type, "cuda"):
      left = annotate(Optional[int], None)
      right = annotate(Optional[int], None)
      if torch.__contains__(w, "sliding_window"):
        window = int(w["sliding_window"])
        if torch.lt(window, longest_keys):
          left = torch.sub(window, 1)
          right = 0
      out, _0, _1, _2, _3, = torch._flash_attention_forward(q, keys, values, w["runs.queries"], w["runs.keys"], longest, longest_keys, 0., True, False, scale=self.attention_scale, window_size_left=left, window_size_right=right)
    else:
      runs = annotate(List[Tensor], [])
      for i in range(torch.len(lengths)):
        n = torch.narrow(q, 0, int(torch.select(w["runs.queries"], 0, i)), lengths[i])
        at = int(torch.select(w["runs.keys"], 0, i))
        m = torch.add(lengths[i], before[i])
        _4 = torch.append(runs, self.attend(n, torch.narrow(keys, 0, at, m), torch.narrow(values, 0, at, m), w))
      out = torch.cat(runs)
    return out

  # One of Llama's projections as heads (N, heads, head_dim), normed where the family has a weight for it.
  def heads(self: __torch__.Model, h: Tensor, w: Dict[str, Tensor], name: str) -> Tensor:
    x = torch.view(self.linear(h, w, torch.add(name, "_proj")), [h.size(0), -1, self.head_dim])
    norm = torch.add(name, "_norm.weight")
    if torch.__contains__(w, norm):
      x = self.rms_norm(x, w[norm])
    return x

  # Self-attention as Llama has it, from normed hidden states (N, hidden).
  def self_attention(self: __torch__.Model, h: Tensor, cos: Tensor, sin: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    q = self.rotate(self.heads(h, w, "self_attn.q"), cos, sin)
    k = self.rotate(self.heads(h, w, "self_attn.k"), cos, sin)
    v = self.heads(h, w, "self_attn.v")
    return self.linear(torch.flatten(self.attention(q, k, v, layout, w), 1), w, "self_attn.o_proj")

  # The feed-forward network as Llama has it: SwiGLU, or GeGLU by the activation.
  def gated_mlp(self: __torch__.Model, h: Tensor, w: Dict[str, Tensor]) -> Tensor:
    gate = self.activate(self.linear(h, w, "mlp.gate_proj"))
    return self.linear(torch.mul(gate, self.linear(h, w, "mlp.up_proj")), w, "mlp.down_proj")

  # Pushes dy back through a layer whose graph from x to y was kept, adding to the fp32 sums in grads.
  def backward(self: __torch__.Model, x: Tensor, y: Tensor, dy: Tensor, w: Dict[str, Tensor], grads: Dict[str, Tensor]) -> Tensor:
    names = torch.keys(grads)
    inputs = [x]
    for i in range(torch.len(names)):
      _0 = torch.append(inputs, w[names[i]])
    outer = annotate(List[Optional[Tensor]], [dy])
    found = torch.autograd.grad([y], inputs, outer)
    for i in range(torch.len(names)):
      _1 = torch.add_(grads[names[i]], unchecked_cast(Tensor, found[torch.add(i, 1)]))
    return unchecked_cast(Tensor, found[0])

  # As above for a layer whose gradients go to sums elsewhere: returns x's gradient and then those of ws.
  def layer_gradients(self: __torch__.Model, x: Tensor, y: Tensor, dy: Tensor, ws: List[Tensor]) -> List[Tensor]:
    inputs = [x]
    for i in range(torch.len(ws)):
      _0 = torch.append(inputs, ws[i])
    outer = annotate(List[Optional[Tensor]], [dy])
    found = torch.autograd.grad([y], inputs, outer)
    out = annotate(List[Tensor], [])
    for i in range(torch.len(found)):
      _1 = torch.append(out, unchecked_cast(Tensor, found[i]))
    return out

  # As above for a layer with nothing to train, which only passes the gradient on.
  def pass_back(self: __torch__.Model, x: Tensor, y: Tensor, dy: Tensor) -> Tensor:
    outer = annotate(List[Optional[Tensor]], [dy])
    found = torch.autograd.grad([y], [x], outer)
    return unchecked_cast(Tensor, found[0])

  # Logits of hidden states h (n, hidden), in fp32.
  def logits(self: __torch__.Model, h: Tensor, weight: Tensor) -> Tensor:
    return self.capped(torch.linear(h, weight).to(6))

  # The same for a cache's next tokens, by a head that may be packed.
  def next_logits(self: __torch__.Model, h: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.capped(self.linear(h, w, "head").to(6))

  def capped(self: __torch__.Model, z: Tensor) -> Tensor:
    if torch.gt(self.logit_cap, 0.):
      z = torch.mul(torch.tanh(torch.div(z, self.logit_cap)), self.logit_cap)
    return z

  # Rows and columns of one tile of logits (M, V) that takes so many bytes in fp32: many rows first, since
  # a product is fastest where neither side is short, and then as many columns as there is room for.
  def head_tile(self: __torch__.Model, m: int, v: int, bytes: int) -> Tuple[int, int]:
    fit = torch.floordiv(bytes, torch.mul(4, ops.prim.min(v, 2048)))
    rows = ops.prim.min(ops.prim.min(m, 1024), ops.prim.max(fit, 1))
    columns = ops.prim.min(v, ops.prim.max(torch.floordiv(bytes, torch.mul(4, rows)), 64))
    return (rows, columns)

  # As logits, for a part of the weight's rows, into the start of a buffer: memory that is taken once.
  def tile_logits(self: __torch__.Model, buffer: Tensor, h: Tensor, weight: Tensor) -> Tensor:
    n = h.size(0)
    k = weight.size(0)
    z = torch.view(torch.narrow(buffer, 0, 0, torch.mul(n, k)), [n, k])
    if torch.eq(h.dtype, z.dtype):
      _0 = torch.addmm_(z, h, torch.t(weight), beta=0, alpha=1)
    else:
      _1 = torch.copy_(z, torch.linear(h, weight))
    if torch.gt(self.logit_cap, 0.):
      _2 = torch.mul_(torch.tanh_(torch.div_(z, self.logit_cap)), self.logit_cap)
    return z

  # As token_log_probs, by torch's own log_softmax over whole rows, whose rounding other tools share: over a
  # large vocabulary it is further from fp64 than the tiles' sums.
  def softmax_log_probs(self: __torch__.Model, h: Tensor, weight: Tensor, targets: Tensor, bytes: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    m = h.size(0)
    rows = ops.prim.max(torch.floordiv(int(bytes), torch.mul(4, weight.size(0))), 1)
    found = annotate(List[Tensor], [])
    tops = annotate(List[Tensor], [])
    for i in range(torch.floordiv(torch.sub(torch.add(m, rows), 1), rows)):
      start = torch.mul(i, rows)
      n = ops.prim.min(rows, torch.sub(m, start))
      z = self.logits(torch.narrow(h, 0, start, n), weight)
      index = torch.unsqueeze(torch.narrow(targets, 0, start, n), 1)
      own = torch.gather(torch.log_softmax(z, 1), 1, index)
      _0 = torch.append(found, torch.squeeze(own, 1))
      _1 = torch.append(tops, torch.sub(torch.gather(z, 1, index), own))
    top = torch.cat(tops)
    return (torch.cat(found), top, torch.ones_like(top))

  # Log-probabilities (M) in fp32 of targets (M), a tile of logits at a time, in place: logits never stand
  # whole. Also each row's largest logit (M, 1), and the sum (M, 1) of the others' exponentials over its own.
  def token_log_probs(self: __torch__.Model, h: Tensor, weight: Tensor, targets: Tensor, bytes: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    if self.as_torch:
      return self.softmax_log_probs(h, weight, targets, bytes)
    m = h.size(0)
    v = weight.size(0)
    rows, columns, = self.head_tile(m, v, int(bytes))
    buffer = torch.empty([torch.mul(rows, columns)], dtype=6, device=h.device)
    found = annotate(List[Tensor], [])
    tops = annotate(List[Tensor], [])
    totals = annotate(List[Tensor], [])
    for i in range(torch.floordiv(torch.sub(torch.add(m, rows), 1), rows)):
      start = torch.mul(i, rows)
      n = ops.prim.min(rows, torch.sub(m, start))
      hn = torch.narrow(h, 0, start, n)
      tn = torch.narrow(targets, 0, start, n)
      picked = torch.new_zeros(buffer, [n])
      total = torch.new_zeros(buffer, [n, 1])
      # Below any logit, and finite, so that the difference to the first is not a NaN.
      top = torch.new_full(buffer, [n, 1], -3e38)
      for j in range(torch.floordiv(torch.sub(torch.add(v, columns), 1), columns)):
        at = torch.mul(j, columns)
        k = ops.prim.min(columns, torch.sub(v, at))
        z = self.tile_logits(buffer, hn, torch.narrow(weight, 0, at, k))
        local = torch.sub(tn, at)
        inside = torch.logical_and(torch.ge(local, 0), torch.lt(local, k))
        index = torch.unsqueeze(torch.clamp(local, 0, torch.sub(k, 1)), 1)
        picked = torch.where(inside, torch.squeeze(torch.gather(z, 1, index), 1), picked)
        higher = torch.maximum(top, torch.amax(z, [1], True))
        _0 = torch.exp_(torch.sub_(z, higher))
        total = torch.add(torch.mul(total, torch.exp(torch.sub(top, higher))), torch.sum(z, [1], True))
        top = higher
      _1 = torch.append(found, torch.sub(torch.sub(picked, torch.squeeze(top, 1)), torch.log(torch.squeeze(total, 1))))
      _2 = torch.append(tops, top)
      _3 = torch.append(totals, total)
    return (torch.cat(found), torch.cat(tops), torch.cat(totals))

  # Of every row (M, 3) in fp32: the entropy of its distribution, the mean of its logits, and 1 where the target
  # has the first largest of them. top and total are those of token_log_probs; logits never stand whole here
  # either. With p = exp(z - top) / total it is H = log total - sum p (z - top).
  def token_statistics(self: __torch__.Model, h: Tensor, weight: Tensor, targets: Tensor, top: Tensor, total: Tensor, bytes: Tensor) -> Tensor:
    m = h.size(0)
    v = weight.size(0)
    rows, columns, = self.head_tile(m, v, int(bytes))
    buffer = torch.empty([torch.mul(rows, columns)], dtype=6, device=h.device)
    found = annotate(List[Tensor], [])
    for i in range(torch.floordiv(torch.sub(torch.add(m, rows), 1), rows)):
      start = torch.mul(i, rows)
      n = ops.prim.min(rows, torch.sub(m, start))
      hn = torch.narrow(h, 0, start, n)
      tn = torch.narrow(targets, 0, start, n)
      largest = torch.narrow(top, 0, start, n)
      sums = torch.narrow(total, 0, start, n)
      expected = torch.new_zeros(buffer, [n, 1])
      logits = torch.new_zeros(buffer, [n, 1])
      most = torch.new_full(buffer, [n], -3e38)
      first = torch.zeros_like(tn)
      for j in range(torch.floordiv(torch.sub(torch.add(v, columns), 1), columns)):
        at = torch.mul(j, columns)
        k = ops.prim.min(columns, torch.sub(v, at))
        z = self.tile_logits(buffer, hn, torch.narrow(weight, 0, at, k))
        value = torch.amax(z, [1])
        first = torch.where(torch.gt(value, most), torch.add(torch.argmax(z, 1), at), first)
        most = torch.maximum(most, value)
        logits = torch.add(logits, torch.sum(z, [1], True))
        x = torch.sub_(z, largest)
        expected = torch.add(expected, torch.sum(torch.mul_(torch.exp(x), x), [1], True))
      entropy = torch.sub(torch.log(sums), torch.div(expected, sums))
      hit = torch.unsqueeze(torch.eq(first, tn).to(6), 1)
      _0 = torch.append(found, torch.cat([entropy, torch.div(logits, v), hit], 1))
    return torch.cat(found)

  # log Σ p² over the vocabulary (M) in fp64: how likely two draws of each row are to agree. top and total are those
  # of token_log_probs; tile by tile, as there.
  def log_square_sums(self: __torch__.Model, h: Tensor, weight: Tensor, top: Tensor, total: Tensor, bytes: Tensor) -> Tensor:
    m = h.size(0)
    v = weight.size(0)
    rows, columns, = self.head_tile(m, v, int(bytes))
    buffer = torch.empty([torch.mul(rows, columns)], dtype=6, device=h.device)
    found = annotate(List[Tensor], [])
    for i in range(torch.floordiv(torch.sub(torch.add(m, rows), 1), rows)):
      start = torch.mul(i, rows)
      n = ops.prim.min(rows, torch.sub(m, start))
      hn = torch.narrow(h, 0, start, n)
      largest = torch.narrow(top, 0, start, n)
      squares = torch.new_zeros(buffer, [n, 1])
      for j in range(torch.floordiv(torch.sub(torch.add(v, columns), 1), columns)):
        at = torch.mul(j, columns)
        k = ops.prim.min(columns, torch.sub(v, at))
        z = self.tile_logits(buffer, hn, torch.narrow(weight, 0, at, k))
        _0 = torch.exp_(torch.sub_(z, largest))
        squares = torch.add(squares, torch.sum(torch.square(z), [1], True))
      part = torch.sub(torch.log(squares.to(7)), torch.mul(torch.log(torch.narrow(total, 0, start, n).to(7)), 2.))
      _1 = torch.append(found, torch.squeeze(part, 1))
    return torch.cat(found)

  # Gradient of sum(g * token_log_probs) for h, in h's type; the weight's is added to dw, in place, unless dw
  # is empty. d logp / d logits = onehot - softmax, and forward has left what the softmax divides by, so no
  # graph is needed: each tile's logits are computed again. Sums over tiles are fp32.
  def head_backward(self: __torch__.Model, h: Tensor, weight: Tensor, targets: Tensor, g: Tensor, top: Tensor, total: Tensor, bytes: Tensor, dw: Tensor) -> Tensor:
    m = h.size(0)
    v = weight.size(0)
    rows, columns, = self.head_tile(m, v, int(bytes))
    buffer = torch.empty([torch.mul(rows, columns)], dtype=6, device=h.device)
    dh = torch.zeros([m, h.size(1)], dtype=6, device=h.device)
    for i in range(torch.floordiv(torch.sub(torch.add(m, rows), 1), rows)):
      start = torch.mul(i, rows)
      n = ops.prim.min(rows, torch.sub(m, start))
      hn = torch.narrow(h, 0, start, n)
      tn = torch.narrow(targets, 0, start, n)
      gn = torch.narrow(g, 0, start, n)
      dhn = torch.narrow(dh, 0, start, n)
      largest = torch.narrow(top, 0, start, n)
      factor = torch.neg(torch.div(torch.unsqueeze(gn, 1), torch.narrow(total, 0, start, n)))
      for j in range(torch.floordiv(torch.sub(torch.add(v, columns), 1), columns)):
        at = torch.mul(j, columns)
        k = ops.prim.min(columns, torch.sub(v, at))
        w = torch.narrow(weight, 0, at, k)
        z = self.tile_logits(buffer, hn, w)
        slope = z
        if torch.gt(self.logit_cap, 0.):
          slope = torch.rsub(torch.square(torch.div(z, self.logit_cap)), 1)
        dz = torch.mul_(torch.exp_(torch.sub_(z, largest)), factor)
        local = torch.sub(tn, at)
        inside = torch.logical_and(torch.ge(local, 0), torch.lt(local, k))
        index = torch.unsqueeze(torch.clamp(local, 0, torch.sub(k, 1)), 1)
        _0 = torch.scatter_add_(dz, 1, index, torch.unsqueeze(torch.mul(gn, inside.to(6)), 1))
        if torch.gt(self.logit_cap, 0.):
          _1 = torch.mul_(dz, slope)
        dzt = dz.to(h.dtype)
        if torch.eq(h.dtype, dh.dtype):
          _2 = torch.addmm_(dhn, dzt, w)
        else:
          _3 = torch.add_(dhn, torch.matmul(dzt, w))
        if torch.gt(torch.numel(dw), 0):
          dwk = torch.narrow(dw, 0, at, k)
          if torch.eq(dw.dtype, h.dtype):
            _4 = torch.addmm_(dwk, torch.t(dzt), hn)
          else:
            _5 = torch.add_(dwk, torch.matmul(torch.t(dzt), hn))
    return dh.to(h.dtype)

  # Rewards (R) of pooled hidden states (R, hidden): computed in fp32, returned in fp64.
  def rewards(self: __torch__.Model, h: Tensor, weight: Tensor) -> Tensor:
    return torch.squeeze(torch.linear(h.to(6), weight.to(6)), 1).to(7)

  # Gradient of sum(g * rewards) for h, in h's type; the weight's is added to dw, in place, unless dw is empty.
  def rewards_backward(self: __torch__.Model, h: Tensor, weight: Tensor, g: Tensor, dw: Tensor) -> Tensor:
    slope = torch.unsqueeze(g.to(6), 1)
    if torch.gt(torch.numel(dw), 0):
      _0 = torch.add_(dw, torch.matmul(torch.t(slope), h.to(6)).to(dw.dtype))
    return torch.matmul(slope, weight.to(6)).to(h.dtype)

  # Sums of values (M) by segment (M) into (R), in fp64.
  def segment_sums(self: __torch__.Model, values: Tensor, segment: Tensor, count: Tensor) -> Tensor:
    return torch.index_add(torch.zeros([int(count)], dtype=7, device=values.device), 0, segment, values.to(7))

  # Rows of a table, in the type of the hidden states.
  def rows(self: __torch__.Model, table: Tensor, index: Tensor, dtype: Tensor) -> Tensor:
    return torch.index_select(table, 0, index).to(int(dtype))

  # The normalised hidden states (M, hidden) that predict the scored tokens.
  def finish(self: __torch__.Model, x: Tensor, rows: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.final_norm(torch.index_select(x, 0, rows), w)

  # Adds the gradient of the embedding's rows, in place.
  def embed_backward(self: __torch__.Model, dx: Tensor, ids: Tensor, grad: Tensor) -> Tensor:
    return torch.index_add_(grad, 0, ids, torch.mul(dx.to(6), self.embed_factor(dx).to(6)).to(grad.dtype))

  # The gradient of each scored token's log-probability: that of its segment's sum.
  def spread(self: __torch__.Model, g: Tensor, segment: Tensor) -> Tensor:
    return torch.index_select(g, 0, segment).to(6)
