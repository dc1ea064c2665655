package io.dil.train.cli;

import io.dil.core.Tokens;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Turns tokens into text as they come. A character may take several tokens, and a stop string may
 * be cut by a token's end, so text is held back until it is certain.
 */
final class StreamedText {
  private final Function<Tokens, String> decoder;
  private final List<String> stops;
  private final Consumer<String> sink;
  private Tokens tokens = Tokens.of();
  private String text = "";
  private int shown;

  StreamedText(Function<Tokens, String> decoder, List<String> stops, Consumer<String> sink) {
    this.decoder = decoder;
    this.stops = List.copyOf(stops);
    this.sink = sink;
  }

  /** Takes a token; returns whether generation goes on. */
  boolean accept(int id) {
    tokens = tokens.then(Tokens.of(id));
    text = decoder.apply(tokens);
    for (String stop : stops) {
      int at = stop.isEmpty() ? -1 : text.indexOf(stop);
      if (at >= 0) {
        text = text.substring(0, at);
        return false;
      }
    }
    show(certain());
    return true;
  }

  /** Shows what was held back. */
  void finish() {
    show(text.length());
  }

  /** Returns the text so far, without the stop string that ended it. */
  String text() {
    return text;
  }

  private int certain() {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\uFFFD') {
      end--;
    }
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, end); n > 0; n--) {
        if (text.startsWith(stop.substring(0, n), end - n)) {
          end -= n;
          break;
        }
      }
    }
    return end;
  }

  private void show(int end) {
    if (end > shown) {
      sink.accept(text.substring(shown, end));
      shown = end;
    }
  }
}
