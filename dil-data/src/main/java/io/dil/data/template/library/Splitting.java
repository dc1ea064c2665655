package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Search;
import io.dil.data.template.python.Text;
import io.dil.data.template.python.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code split}, {@code rsplit} and {@code splitlines}. */
final class Splitting {
  private Splitting() {}

  static Object split(String text, Arguments arguments, boolean right, Budget budget) {
    @Nullable Object[] bound = arguments.bind("split", "sep?", "maxsplit?");
    long most = bound[1] == null ? -1 : Numbers.index(bound[1], "maxsplit");
    most = most < 0 ? Long.MAX_VALUE : most;
    budget.text(text.length());
    List<String> parts;
    if (bound[0] == null || bound[0] == None.NONE) {
      parts = right ? wordsFromRight(text, most) : words(text, most);
    } else {
      String mark = StringMethods.text(bound[0], "the separator");
      if (mark.isEmpty()) {
        throw RenderError.value("empty separator");
      }
      parts = right ? partsFromRight(text, mark, most, budget) : parts(text, mark, most, budget);
    }
    return StringMethods.list(parts, budget);
  }

  private static List<String> parts(String text, String mark, long most, Budget budget) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int at = Search.first(text, mark, 0, budget);
        at >= 0 && parts.size() < most;
        at = Search.first(text, mark, from, budget)) {
      parts.add(text.substring(from, at));
      from = at + mark.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static List<String> partsFromRight(String text, String mark, long most, Budget budget) {
    List<Integer> ends = new ArrayList<>();
    if (mark.length() <= 32) {
      for (int at = text.lastIndexOf(mark);
          at >= 0 && ends.size() < most;
          at = text.lastIndexOf(mark, at - mark.length())) {
        budget.step();
        ends.add(at);
        if (at < mark.length()) {
          break;
        }
      }
    } else {
      throw RenderError.notOffered("rsplit by a separator of more than 32 characters");
    }
    List<String> parts = new ArrayList<>();
    int to = text.length();
    for (int at : ends) {
      parts.add(text.substring(at + mark.length(), to));
      to = at;
    }
    parts.add(text.substring(0, to));
    Collections.reverse(parts);
    return parts;
  }

  private static List<String> words(String text, long most) {
    List<String> words = new ArrayList<>();
    int at = skip(text, 0, true);
    while (at < text.length()) {
      if (words.size() >= most) {
        // The rest keeps all of its white space.
        words.add(text.substring(at));
        break;
      }
      int end = skip(text, at, false);
      words.add(text.substring(at, end));
      at = skip(text, end, true);
    }
    return words;
  }

  private static int skip(String text, int from, boolean space) {
    int at = from;
    while (at < text.length() && Text.isSpace(text.charAt(at)) == space) {
      at++;
    }
    return at;
  }

  private static List<String> wordsFromRight(String text, long most) {
    List<String> words = new ArrayList<>();
    int to = back(text, text.length(), true);
    while (to > 0) {
      if (words.size() >= most) {
        words.add(text.substring(0, to));
        break;
      }
      int from = back(text, to, false);
      words.add(text.substring(from, to));
      to = back(text, from, true);
    }
    Collections.reverse(words);
    return words;
  }

  private static int back(String text, int to, boolean space) {
    int at = to;
    while (at > 0 && Text.isSpace(text.charAt(at - 1)) == space) {
      at--;
    }
    return at;
  }

  static Object lines(String text, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("splitlines", "keepends?");
    boolean keep = bound[0] != null && Types.truth(Objects.requireNonNull(bound[0]));
    budget.text(text.length());
    return StringMethods.list(lines(text, keep), budget);
  }

  /** Returns a text's lines. */
  static List<String> lines(String text, boolean keep) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int end = from;
      while (end < text.length() && !Text.isLineBreak(text.charAt(end))) {
        end++;
      }
      int next = Math.min(text.length(), end + 1);
      if (end + 1 < text.length() && text.charAt(end) == '\r' && text.charAt(end + 1) == '\n') {
        next = end + 2;
      }
      lines.add(text.substring(from, keep ? next : end));
      from = next;
    }
    return lines;
  }
}
