  # One step of torch.optim.SGD, in its order of operations; without momentum `buffer` is not touched.
  def sgd(self: __torch__.Model, p: Tensor, g: Tensor, buffer: Tensor, lr: Tensor, momentum: Tensor, nesterov: Tensor, decay: Tensor) -> Tensor:
    grad = g
    if torch.ne(float(decay), 0.):
      grad = torch.add(grad, p, alpha=float(decay))
    if torch.ne(float(momentum), 0.):
      _0 = torch.add_(torch.mul_(buffer, float(momentum)), grad)
      if torch.ne(float(nesterov), 0.):
        grad = torch.add(grad, buffer, alpha=float(momentum))
      else:
        grad = buffer
    return torch.add_(p, grad, alpha=torch.neg(float(lr)))

  # One step of Lion: decay first, then the sign of an interpolation, then the moment.
  def lion(self: __torch__.Model, p: Tensor, g: Tensor, m: Tensor, lr: Tensor, beta1: Tensor, beta2: Tensor, decay: Tensor) -> Tensor:
    b1 = float(beta1)
    b2 = float(beta2)
    if torch.ne(float(decay), 0.):
      _0 = torch.mul_(p, torch.sub(1., torch.mul(float(lr), float(decay))))
    update = torch.sign(torch.add(torch.mul(m, b1), g, alpha=torch.sub(1., b1)))
    _1 = torch.add_(p, update, alpha=torch.neg(float(lr)))
    return torch.add_(torch.mul_(m, b2), g, alpha=torch.sub(1., b2))

  def rms(self: __torch__.Model, x: Tensor) -> Tensor:
    return torch.div(torch.linalg_vector_norm(x, 2), torch.pow(float(torch.numel(x)), 0.5))

  # The step of Adafactor from the running mean of squares on: `update` is g over its root.
  def adafactor_apply(self: __torch__.Model, p: Tensor, update: Tensor, m: Tensor, lr: Tensor, clip: Tensor, beta1: Tensor, decay: Tensor, scaled: Tensor, eps: Tensor) -> Tensor:
    rate = float(lr)
    if torch.ne(float(scaled), 0.):
      size = float(self.rms(p))
      rate = torch.mul(rate, size if torch.gt(size, float(eps)) else float(eps))
    step = torch.div(update, torch.clamp(torch.div(self.rms(update), float(clip)), 1.))
    _0 = torch.mul_(step, rate)
    # A negative beta1 stands for no first moment.
    if torch.ge(float(beta1), 0.):
      _1 = torch.add_(torch.mul_(m, float(beta1)), step, alpha=torch.sub(1., float(beta1)))
      step = m
    if torch.ne(float(decay), 0.):
      _2 = torch.add_(p, p, alpha=torch.neg(torch.mul(float(decay), rate)))
    return torch.sub_(p, step)

  # The root of the mean of squares of a matrix, from the means of its rows and of its columns.
  def adafactor_factored(self: __torch__.Model, g: Tensor, rows: Tensor, columns: Tensor, beta2: Tensor, eps: Tensor) -> Tensor:
    b = float(beta2)
    squares = torch.add(torch.pow(g, 2), float(eps))
    _0 = torch.add_(torch.mul_(rows, b), torch.mean(squares, [-1]), alpha=torch.sub(1., b))
    _1 = torch.add_(torch.mul_(columns, b), torch.mean(squares, [-2]), alpha=torch.sub(1., b))
    r = torch.unsqueeze(torch.rsqrt(torch.div(rows, torch.mean(rows, [-1], True))), -1)
    c = torch.rsqrt(torch.unsqueeze(columns, -2))
    return torch.mul(torch.mul(r, c), g)

  def adafactor_whole(self: __torch__.Model, g: Tensor, squares: Tensor, beta2: Tensor, eps: Tensor) -> Tensor:
    b = float(beta2)
    _0 = torch.add_(torch.mul_(squares, b), torch.add(torch.pow(g, 2), float(eps)), alpha=torch.sub(1., b))
    return torch.mul(torch.rsqrt(squares), g)
