package io.dil.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.Tokens;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives a text the ids that the native library gives it, and remembers those of its words.
 *
 * <p>The library needs over a microsecond a token, most of it for words that it has had before.
 * Here a text is cut where the tokenizer allows it ({@link Cuts}), and only parts that are not
 * remembered ({@link PartIds}) are given to the library. Nothing but the library ever decides on
 * ids.
 *
 * <p>Safe for use by several threads at once.
 */
final class TextTokenizer {
  private final NativeTokenizer library;
  private final @Nullable Cuts cuts;
  private final PartIds seen = new PartIds();

  TextTokenizer(NativeTokenizer library, Optional<Cuts> cuts) {
    this.library = library;
    this.cuts = cuts.orElse(null);
  }

  /** Makes one for a tokenizer that was loaded from the given {@code tokenizer.json}. */
  static TextTokenizer of(NativeTokenizer library, JsonNode tokenizer) {
    return new TextTokenizer(library, Cuts.of(tokenizer));
  }

  /** Returns the ids of a text, without what the post-processor would put around it. */
  Tokens encode(String text) {
    if (cuts == null) {
      return library.encode(text);
    }
    char[] chars = text.toCharArray();
    int[] ids = new int[chars.length / 3 + 16];
    int size = 0;
    int end;
    for (int from = 0; from < chars.length; from = end) {
      end = cuts.next(chars, from);
      int[] part = part(chars, from == 0 ? 0 : from + cuts.leftOut(), end);
      if (size + part.length > ids.length) {
        ids = Arrays.copyOf(ids, 2 * (size + part.length));
      }
      System.arraycopy(part, 0, ids, size, part.length);
      size += part.length;
    }
    return Tokens.of(Arrays.copyOf(ids, size));
  }

  private int[] part(char[] text, int from, int to) {
    int[] known = seen.get(text, from, to);
    if (known != null) {
      return known;
    }
    int[] ids = library.encode(new String(text, from, to - from)).toArray();
    seen.put(text, from, to, ids);
    return ids;
  }
}
