  # Phi-3: Llama with one projection for queries, keys and values and one for gate and up.
  # x (N, hidden); cos, sin (N, rotated); w holds one layer's weights by their checkpoint names.

  def layer(self: __torch__.Model, x: Tensor, cos: Tensor, sin: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    h = self.rms_norm(x, w["input_layernorm.weight"])
    all = torch.view(self.linear(h, w, "self_attn.qkv_proj"), [x.size(0), -1, self.head_dim])
    q, k, v, = torch.split_with_sizes(all, [self.heads_q, self.heads_kv, self.heads_kv], 1)
    a = self.attention(self.rotate(q, cos, sin), self.rotate(k, cos, sin), v, layout, w)
    x = torch.add(x, self.linear(torch.flatten(a, 1), w, "self_attn.o_proj"))
    h = self.rms_norm(x, w["post_attention_layernorm.weight"])
    gate, up, = torch.chunk(self.linear(h, w, "mlp.gate_up_proj"), 2, 1)
    return torch.add(x, self.linear(torch.mul(up, self.activate(gate)), w, "mlp.down_proj"))

  def final_norm(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.rms_norm(x, w["norm.weight"])
