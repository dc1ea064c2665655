  # Gemma 2 and 3: a norm before and behind both attention and network, GeGLU. Gemma 2 caps scores and
  # logits; Gemma 3 has norms of queries and keys instead.
  # x (N, hidden); cos, sin (N, head_dim); w holds one layer's weights by their checkpoint names.

  def layer(self: __torch__.Model, x: Tensor, cos: Tensor, sin: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    h = self.rms_norm(x, w["input_layernorm.weight"])
    h = self.self_attention(h, cos, sin, layout, w)
    x = torch.add(x, self.rms_norm(h, w["post_attention_layernorm.weight"]))
    h = self.rms_norm(x, w["pre_feedforward_layernorm.weight"])
    h = self.gated_mlp(h, w)
    return torch.add(x, self.rms_norm(h, w["post_feedforward_layernorm.weight"]))

  def final_norm(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.rms_norm(x, w["norm.weight"])
