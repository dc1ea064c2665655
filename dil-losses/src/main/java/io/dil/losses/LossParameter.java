package io.dil.losses;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * One parameter of one loss: its name, the one place where its default stands, what it may be, and
 * where the default comes from.
 *
 * @param name as in configuration files
 * @param aliases names that other libraries use for it
 * @param defaultValue the default, as text
 * @param domain what it may be
 * @param description what it does
 * @param source where the default comes from
 */
public record LossParameter(
    String name,
    List<String> aliases,
    String defaultValue,
    Domain domain,
    String description,
    String source) {

  /** Copies the list of aliases. */
  public LossParameter {
    aliases = List.copyOf(aliases);
  }

  /**
   * Describes a number.
   *
   * @param domain what it may be
   * @param source where the default comes from
   */
  public static LossParameter number(
      String name, double byDefault, Domain domain, String description, String source) {
    String text = Domain.number(domain.check(name, byDefault));
    return new LossParameter(name, List.of(), text, domain, description, source);
  }

  /**
   * Describes a number that may be {@code none}, and is by default.
   *
   * @param source where the default comes from
   */
  public static LossParameter optional(
      String name, Domain domain, String description, String source) {
    return new LossParameter(name, List.of(), Domain.NONE, domain.orNone(), description, source);
  }

  /**
   * Describes one of a list of names: those that the constants' {@code toString} gives.
   *
   * @param source where the default comes from
   */
  public static <E extends Enum<E>> LossParameter choice(
      String name, E byDefault, Class<E> type, String description, String source) {
    return new LossParameter(
        name, List.of(), byDefault.toString(), Domain.namesOf(type), description, source);
  }

  /** Returns this parameter, to be found under other libraries' names too. */
  public LossParameter alsoKnownAs(String... names) {
    return new LossParameter(name, List.of(names), defaultValue, domain, description, source);
  }

  /** Returns whether {@code given}, in any case and with either dash, is this parameter's name. */
  boolean answersTo(String given) {
    String wanted = given.toLowerCase(Locale.ROOT).replace('-', '_');
    return name.equals(wanted) || aliases.contains(wanted);
  }

  /**
   * Checks a value that came through a constructor.
   *
   * @throws IllegalArgumentException if {@code value} is out of range
   */
  void check(double value) {
    domain.check(name, value);
  }

  /** Checks an optional value that came through a constructor. */
  void check(OptionalDouble value) {
    value.ifPresent(this::check);
  }
}
