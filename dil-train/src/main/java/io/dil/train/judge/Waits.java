package io.dil.train.judge;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a server asks to be left alone. */
final class Waits {
  private static final long LONGEST_MILLIS = 600_000;
  private static final Pattern PART = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,6})?)(ms|s|m|h)");

  private Waits() {}

  /** Returns the milliseconds that the headers name, if they do. */
  static Optional<Long> asked(HttpHeaders headers) {
    Optional<String> after = headers.firstValue("retry-after");
    if (after.isPresent()) {
      return seconds(after.get()).or(() -> date(after.get())).map(Waits::bounded);
    }
    long longest = -1;
    for (String name : new String[] {"requests", "tokens"}) {
      Optional<String> left = headers.firstValue("x-ratelimit-remaining-" + name);
      Optional<String> reset = headers.firstValue("x-ratelimit-reset-" + name);
      if (reset.isPresent() && left.map(text -> text.strip().equals("0")).orElse(true)) {
        longest = Math.max(longest, parts(reset.get()));
      }
    }
    return longest < 0 ? Optional.empty() : Optional.of(bounded(longest));
  }

  private static long bounded(long millis) {
    return Math.max(0, Math.min(LONGEST_MILLIS, millis));
  }

  private static Optional<Long> seconds(String text) {
    return text.strip().matches("\\d{1,6}(\\.\\d{1,6})?")
        ? Optional.of((long) Math.ceil(1000 * Double.parseDouble(text.strip())))
        : Optional.empty();
  }

  private static Optional<Long> date(String text) {
    try {
      ZonedDateTime when = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
      return Optional.of(Duration.between(ZonedDateTime.now(when.getZone()), when).toMillis());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Reads {@code 6m0s} or {@code 120ms}; -1 if it is neither. */
  private static long parts(String text) {
    Matcher matcher = PART.matcher(text.strip());
    double millis = 0;
    int at = 0;
    while (matcher.find() && matcher.start() == at) {
      double number = Double.parseDouble(matcher.group(1));
      millis +=
          switch (matcher.group(2)) {
            case "ms" -> number;
            case "s" -> 1000 * number;
            case "m" -> 60_000 * number;
            default -> 3_600_000 * number;
          };
      at = matcher.end();
    }
    return at > 0 && at == text.strip().length() ? (long) Math.ceil(millis) : -1;
  }
}
