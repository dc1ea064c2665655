package io.dil.train.eval.math;

/** A complex number in double precision. */
record Complex(double re, double im) {
  static final Complex ONE = new Complex(1, 0);

  static Complex of(double value) {
    return new Complex(value, 0);
  }

  boolean isFinite() {
    return Double.isFinite(re) && Double.isFinite(im);
  }

  double abs() {
    return Math.hypot(re, im);
  }

  Complex plus(Complex z) {
    return new Complex(re + z.re, im + z.im);
  }

  Complex minus(Complex z) {
    return new Complex(re - z.re, im - z.im);
  }

  Complex times(Complex z) {
    return new Complex(re * z.re - im * z.im, re * z.im + im * z.re);
  }

  Complex over(Complex z) {
    double scale = z.re * z.re + z.im * z.im;
    return new Complex((re * z.re + im * z.im) / scale, (im * z.re - re * z.im) / scale);
  }

  Complex exp() {
    double size = Math.exp(re);
    return new Complex(size * Math.cos(im), size * Math.sin(im));
  }

  /** Returns the principal value of the logarithm. */
  Complex log() {
    return new Complex(Math.log(abs()), Math.atan2(im, re));
  }

  /** Returns the principal value of this to a power. */
  Complex power(Complex exponent) {
    if (exponent.im == 0 && exponent.re == Math.rint(exponent.re) && Math.abs(exponent.re) <= 64) {
      // By products, which keeps what is exact exact.
      Complex product = ONE;
      for (int i = 0; i < Math.abs((int) exponent.re); i++) {
        product = product.times(this);
      }
      return exponent.re < 0 ? ONE.over(product) : product;
    }
    if (re == 0 && im == 0) {
      return exponent.re > 0 ? of(0) : of(Double.NaN);
    }
    return log().times(exponent).exp();
  }

  private Complex timesI() {
    return new Complex(-im, re);
  }

  Complex sin() {
    Complex z = timesI();
    return z.exp().minus(of(0).minus(z).exp()).over(new Complex(0, 2));
  }

  Complex cos() {
    Complex z = timesI();
    return z.exp().plus(of(0).minus(z).exp()).over(of(2));
  }

  Complex sinh() {
    return exp().minus(of(0).minus(this).exp()).over(of(2));
  }

  Complex cosh() {
    return exp().plus(of(0).minus(this).exp()).over(of(2));
  }

  /** Returns the principal arcsine, −i log(iz + √(1 − z²)). */
  Complex arcsin() {
    Complex root = ONE.minus(times(this)).power(of(0.5));
    return new Complex(0, -1).times(timesI().plus(root).log());
  }

  /** Returns the principal arctangent, i/2 · (log(1 − iz) − log(1 + iz)). */
  Complex arctan() {
    Complex z = timesI();
    return new Complex(0, 0.5).times(ONE.minus(z).log().minus(ONE.plus(z).log()));
  }
}
