package io.dil.train.config;

import io.dil.core.InputException;
import io.dil.losses.Losses;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A configuration of another trainer as settings of this one, and what became of each of its keys.
 * One of this trainer comes out as it went in.
 *
 * <p>A file is another trainer's if it has a key of the table ({@code foreign-keys.tsv}), reports
 * to trackers that are not here, or names its data as the hub does. Such a file must say its {@code
 * loss_type}, since the script that it was written for is not in it; and where it is silent, that
 * trainer's defaults hold and not those here.
 */
public final class Translation {
  /** What became of a key. */
  public enum Verdict {
    /** It is a setting or a parameter of the loss. */
    USED,
    /** It says what is done anyway. */
    ALREADY,
    /** It was written in settings of other names or values. */
    TRANSLATED,
    /** It was not there; the other trainer's default is written down. */
    ADDED,
    /** It asks for what is not there. */
    REFUSED
  }

  /**
   * What became of one key.
   *
   * @param key the key
   * @param verdict what became of it
   * @param place {@code file:line}; empty where it stands in no file
   * @param text why, into what, or what to do instead; empty for a key that is used
   */
  public record Finding(String key, Verdict verdict, String place, String text) {}

  private static final int LONGEST_SHOWN = 40;

  private final Given given;
  private final Given left;
  private final Map<String, Finding> findings = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private final Set<String> refused = new LinkedHashSet<>();
  private boolean foreign;
  private boolean evaluates = true;

  private Translation(Given given) {
    this.given = given;
    this.left = given.copy();
  }

  /** Translates settings. Nothing is thrown: {@link #problems} has what is wrong. */
  public static Translation of(Given given) {
    Translation work = new Translation(given);
    work.foreign =
        given.keys().stream().anyMatch(key -> ForeignKeys.of(key).isPresent())
            || RunTranslation.reportsElsewhere(given)
            || DataTranslation.namesAsTheHubDoes(given);
    if (work.foreign) {
      RunTranslation.apply(work);
      LossTranslation.apply(work);
      DataTranslation.apply(work);
      work.table();
      TrainerDefaults.apply(work);
    } else {
      work.table();
    }
    return work;
  }

  /** Judges what no rule took. */
  private void table() {
    Set<String> used = new LinkedHashSet<>();
    Settings.all().forEach(setting -> used.add(setting.name()));
    for (String key : left.keys()) {
      ForeignKey row = ForeignKeys.of(key).orElse(null);
      if (used.contains(key) || LossNames.has(key)) {
        findings.putIfAbsent(key, finding(key, Verdict.USED, ""));
      } else if (row == null) {
        findings.put(key, finding(key, Verdict.REFUSED, TrainingConfig.unknown(key)));
      } else if (row.accepts(left.get(key))) {
        already(key, row.says());
      } else {
        refuse(key, row.otherwise());
      }
    }
  }

  /** Returns whether the settings were those of another trainer. */
  public boolean isForeign() {
    return foreign;
  }

  /** Returns the settings as they are understood here. */
  public Given settings() {
    return left;
  }

  /** Returns what became of every key, in the order of the file; what was added comes last. */
  public List<Finding> findings() {
    List<Finding> ordered = new ArrayList<>();
    given.keys().stream().map(findings::get).forEach(ordered::add);
    findings.values().stream()
        .filter(each -> !given.has(each.key()) && each.verdict() != Verdict.USED)
        .forEach(ordered::add);
    return ordered;
  }

  /** Returns what is wrong with keys of other trainers, a line each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Returns whether one of these keys was refused, so that what it stands for is not known. */
  boolean isUnsettled(Collection<String> keys) {
    return keys.stream().anyMatch(refused::contains);
  }

  boolean has(String key) {
    return left.has(key);
  }

  @Nullable Object get(String key) {
    return left.get(key);
  }

  String text(String key) {
    return left.text(key);
  }

  /** Returns whether the file that is translated has a key, whatever became of it. */
  boolean had(String key) {
    return given.has(key);
  }

  /** Returns whether a key has a value that is a number. */
  boolean isNumber(String key) {
    return has(key) && text(key).matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
  }

  double number(String key) {
    return Double.parseDouble(text(key));
  }

  /** Writes a key as another, unless that one is given, which then says it. */
  void become(String from, String to, Object value, String why) {
    String place = given.place(from);
    boolean replaced = from.equals(to);
    if (!replaced) {
      left.remove(from);
    }
    if (replaced || !left.has(to)) {
      left.put(to, value, place);
      String text = to + ": " + value + (why.isEmpty() ? "" : "; " + why);
      Finding before = findings.get(from);
      if (before != null && before.verdict() == Verdict.TRANSLATED) {
        text = before.text() + ", " + text;
      }
      findings.put(from, finding(from, Verdict.TRANSLATED, text));
    } else {
      findings.putIfAbsent(from, finding(from, Verdict.ALREADY, to + " says it"));
    }
  }

  /** Leaves a key out, since it says what is done anyway. */
  void already(String key, String why) {
    left.remove(key);
    findings.put(key, finding(key, Verdict.ALREADY, why));
  }

  /** Leaves a key out whose value is part of what another one became. */
  void partOf(String key, String other) {
    left.remove(key);
    findings.put(key, finding(key, Verdict.TRANSLATED, "part of " + other));
  }

  /** Refuses a key. */
  void refuse(String key, String instead) {
    String value = left.text(key);
    String shown = value.length() > LONGEST_SHOWN ? "" : ": " + value;
    problems.add(given.problem(key, key + shown + " is refused: " + instead));
    refused.add(key);
    left.remove(key);
    findings.put(key, finding(key, Verdict.REFUSED, instead));
  }

  /** Says what is missing, at the key that shows it. */
  void missing(String key, String sign, String text) {
    problems.add(given.problem(sign, text));
    findings.put(key, new Finding(key, Verdict.REFUSED, given.place(sign), text));
  }

  /** Writes a default of the other trainer down. */
  void add(String key, Object value, String whose) {
    if (!left.has(key)) {
      left.put(key, value, "");
      findings.put(key, new Finding(key, Verdict.ADDED, "", value + ", the default of " + whose));
    }
  }

  boolean evaluates() {
    return evaluates;
  }

  void evaluatesNot() {
    evaluates = false;
  }

  /** Returns the loss that is named, by its own name; empty where none or no known one is. */
  String loss() {
    try {
      Object named = get("loss_type");
      return named == null ? "" : Losses.describe(Settings.LOSS_TYPE.parse(named)).name();
    } catch (IllegalArgumentException | InputException e) {
      return "";
    }
  }

  private Finding finding(String key, Verdict verdict, String text) {
    return new Finding(key, verdict, given.place(key), text);
  }
}
