  # Llama: pre-norm decoder, rotary positions, grouped-query attention, SwiGLU.
  # x (N, hidden); cos, sin (N, head_dim); w holds one layer's weights by their checkpoint names.

  def embed(self: __torch__.Model, ids: Tensor, w: Tensor) -> Tensor:
    return torch.embedding(w, ids)

  def heads(self: __torch__.Model, x: Tensor) -> Tensor:
    return torch.view(x, [x.size(0), -1, self.head_dim])

  def layer(self: __torch__.Model, x: Tensor, cos: Tensor, sin: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    h = self.rms_norm(x, w["input_layernorm.weight"])
    q = self.rotate(self.heads(self.linear(h, w, "self_attn.q_proj")), cos, sin)
    k = self.rotate(self.heads(self.linear(h, w, "self_attn.k_proj")), cos, sin)
    v = self.heads(self.linear(h, w, "self_attn.v_proj"))
    a = torch.flatten(self.attention(q, k, v, layout, w), 1)
    x = torch.add(x, self.linear(a, w, "self_attn.o_proj"))
    h = self.rms_norm(x, w["post_attention_layernorm.weight"])
    gate = torch.silu(self.linear(h, w, "mlp.gate_proj"))
    return torch.add(x, self.linear(torch.mul(gate, self.linear(h, w, "mlp.up_proj")), w, "mlp.down_proj"))

  def final_norm(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.rms_norm(x, w["norm.weight"])
