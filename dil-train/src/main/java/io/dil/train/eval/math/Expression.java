package io.dil.train.eval.math;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** A mathematical expression, which has an exact value or one at points where its letters stand. */
sealed interface Expression {
  /** Returns the value where it is a fraction, by steps that are exact. */
  Optional<Rational> exact();

  /**
   * Returns the value at a point.
   *
   * @param point numbers the points: every letter has a value of its own at each
   */
  Complex at(long point);

  /** Returns whether a letter stands in it. */
  boolean hasLetters();

  /** A number. */
  record Constant(Rational value) implements Expression {
    @Override
    public Optional<Rational> exact() {
      return Optional.of(value);
    }

    @Override
    public Complex at(long point) {
      return Complex.of(value.toDouble());
    }

    @Override
    public boolean hasLetters() {
      return false;
    }
  }

  /** A letter or a symbol; π and i are letters too, as in sympy's reading of LaTeX. */
  record Letter(String name) implements Expression {
    @Override
    public Optional<Rational> exact() {
      return Optional.empty();
    }

    @Override
    public Complex at(long point) {
      return drawn(point * 1_000_003 + name.hashCode());
    }

    @Override
    public boolean hasLetters() {
      return true;
    }
  }

  private static Complex drawn(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new Complex(random.nextDouble(-2, 2), random.nextDouble(-2, 2));
  }

  /** Two expressions and what is done to them. */
  record Binary(char operator, Expression left, Expression right) implements Expression {
    @Override
    public Optional<Rational> exact() {
      Optional<Rational> a = left.exact();
      Optional<Rational> b = right.exact();
      if (a.isEmpty() || b.isEmpty()) {
        return Optional.empty();
      }
      return switch (operator) {
        case '+' -> Optional.of(a.get().plus(b.get()));
        case '-' -> Optional.of(a.get().plus(b.get().times(Rational.of(-1))));
        case '*' -> Optional.of(a.get().times(b.get()));
        case '/' -> Optional.of(a.get().over(b.get()));
        case '^' -> a.get().power(b.get());
        default -> throw new IllegalStateException("operator must be known, got " + operator);
      };
    }

    @Override
    public Complex at(long point) {
      Complex a = left.at(point);
      Complex b = right.at(point);
      return switch (operator) {
        case '+' -> a.plus(b);
        case '-' -> a.minus(b);
        case '*' -> a.times(b);
        case '/' -> a.over(b);
        case '^' -> a.power(b);
        default -> throw new IllegalStateException("operator must be known, got " + operator);
      };
    }

    @Override
    public boolean hasLetters() {
      return left.hasLetters() || right.hasLetters();
    }
  }

  /** A function of some arguments; one that is not known has a value that they alone decide. */
  record Call(String name, List<Expression> arguments) implements Expression {
    private static final int LARGEST_FACTORIAL = 1000;

    public Call {
      arguments = List.copyOf(arguments);
    }

    @Override
    public Optional<Rational> exact() {
      List<Optional<Rational>> values = arguments.stream().map(Expression::exact).toList();
      if (values.stream().anyMatch(Optional::isEmpty)) {
        return Optional.empty();
      }
      Rational first = values.get(0).orElseThrow();
      return switch (name) {
        case "abs" -> Optional.of(new Rational(first.top().abs(), first.bottom()));
        case "floor" -> Optional.of(whole(floor(first)));
        case "ceil" -> Optional.of(whole(floor(first.times(Rational.of(-1))).negate()));
        case "factorial" -> product(first, Rational.of(1), first);
        case "binom" -> binomial(first, values.get(1).orElseThrow());
        default -> Optional.empty();
      };
    }

    private static Rational whole(BigInteger value) {
      return Rational.of(value, BigInteger.ONE);
    }

    private static BigInteger floor(Rational value) {
      BigInteger[] parts = value.top().divideAndRemainder(value.bottom());
      return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Optional<Rational> binomial(Rational n, Rational k) {
      if (!k.isWhole() || !n.isWhole() || k.top().signum() < 0) {
        return Optional.empty();
      }
      Optional<Rational> above =
          product(n, n.plus(k.times(Rational.of(-1))).plus(Rational.of(1)), k);
      Optional<Rational> below = product(k, Rational.of(1), k);
      return above.isEmpty() || below.isEmpty()
          ? Optional.empty()
          : Optional.of(above.get().over(below.get()));
    }

    /** Returns the product of {@code count} whole numbers from {@code first} on. */
    private static Optional<Rational> product(Rational last, Rational first, Rational count) {
      if (!last.isWhole()
          || count.top().signum() < 0
          || count.top().compareTo(BigInteger.valueOf(LARGEST_FACTORIAL)) > 0) {
        return Optional.empty();
      }
      Rational product = Rational.of(1);
      for (int i = 0; i < count.top().intValueExact(); i++) {
        product = product.times(first.plus(Rational.of(i)));
      }
      return Optional.of(product);
    }

    @Override
    public Complex at(long point) {
      Optional<Rational> known = exact();
      if (known.isPresent()) {
        return Complex.of(known.get().toDouble());
      }
      List<Complex> values = arguments.stream().map(argument -> argument.at(point)).toList();
      Complex z = values.get(0);
      return switch (name) {
        case "abs" -> Complex.of(z.abs());
        case "conjugate" -> new Complex(z.re(), -z.im());
        case "exp" -> z.exp();
        case "ln" -> z.log();
        case "log" -> z.log().over(values.get(1).log());
        case "sin" -> z.sin();
        case "cos" -> z.cos();
        case "tan" -> z.sin().over(z.cos());
        case "csc" -> Complex.ONE.over(z.sin());
        case "sec" -> Complex.ONE.over(z.cos());
        case "cot" -> z.cos().over(z.sin());
        case "sinh" -> z.sinh();
        case "cosh" -> z.cosh();
        case "tanh" -> z.sinh().over(z.cosh());
        case "arcsin" -> z.arcsin();
        case "arccos" -> Complex.of(Math.PI / 2).minus(z.arcsin());
        case "arctan" -> z.arctan();
        default -> opaque(values, point);
      };
    }

    private Complex opaque(List<Complex> values, long point) {
      long seed = point * 1_000_003 + name.hashCode();
      for (Complex value : values) {
        // Rounded, so that what differs by rounding alone is the same.
        seed = 31 * seed + Math.round(value.re() * 1e6);
        seed = 31 * seed + Math.round(value.im() * 1e6);
      }
      return drawn(seed);
    }

    @Override
    public boolean hasLetters() {
      return arguments.stream().anyMatch(Expression::hasLetters);
    }
  }
}
