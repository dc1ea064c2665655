  # GPT-NeoX: layer norms with shifts, rotary positions on part of a head, a plain network, and attention
  # and network side by side or one behind the other.
  # x (N, hidden); cos, sin (N, rotated); w holds one layer's weights by their checkpoint names.

  def self_attention_fused(self: __torch__.Model, h: Tensor, cos: Tensor, sin: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    # Head by head: its query, its key, its value.
    all = torch.view(self.linear(h, w, "attention.query_key_value"), [h.size(0), -1, torch.mul(3, self.head_dim)])
    q, k, v, = torch.chunk(all, 3, 2)
    a = self.attention(self.rotate(q, cos, sin), self.rotate(k, cos, sin), v, layout, w)
    return self.linear(torch.flatten(a, 1), w, "attention.dense")

  def mlp(self: __torch__.Model, h: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.linear(self.activate(self.linear(h, w, "mlp.dense_h_to_4h")), w, "mlp.dense_4h_to_h")

  def layer(self: __torch__.Model, x: Tensor, cos: Tensor, sin: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    h = self.layer_norm(x, w, "input_layernorm")
    a = torch.add(x, self.self_attention_fused(h, cos, sin, layout, w))
    if self.parallel_residual:
      y = torch.add(a, self.mlp(self.layer_norm(x, w, "post_attention_layernorm"), w))
    else:
      y = torch.add(a, self.mlp(self.layer_norm(a, w, "post_attention_layernorm"), w))
    return y

  def final_norm(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.layer_norm(x, w, "final_layer_norm")
