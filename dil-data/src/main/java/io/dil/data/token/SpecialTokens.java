package io.dil.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tokens begin and end a sequence for one model.
 *
 * @param prefix what stands before every plain text: the BOS, or nothing
 * @param bos the id of the BOS, if the model has one, wanted or not
 * @param eos the id that ends a response
 * @param pad the id of padding; {@code eos} where the tokenizer names none
 * @param ends every id at which generation stops, {@code eos} among them
 * @param special the ids that are marked special
 * @param bosText the BOS as text, as chat templates write it; empty if there is none
 * @param eosText the EOS as text
 */
record SpecialTokens(
    Tokens prefix,
    Optional<Integer> bos,
    int eos,
    int pad,
    Set<Integer> ends,
    Set<Integer> special,
    String bosText,
    String eosText) {
  /** The end of text of GPT-2 and GPT-NeoX, whose folders often hold nothing but the tokenizer. */
  private static final String GPT_END = "<|endoftext|>";

  /** Works out the special tokens of a model folder. */
  static SpecialTokens of(TokenizerFolder folder, NativeTokenizer tokenizer) {
    Map<String, Integer> added = new HashMap<>();
    Map<Integer, String> texts = new HashMap<>();
    Set<Integer> special = new HashSet<>();
    for (JsonNode token : folder.tokenizer().path("added_tokens")) {
      int id = token.path("id").asInt();
      added.put(token.path("content").asText(), id);
      texts.put(id, token.path("content").asText());
      if (token.path("special").asBoolean()) {
        special.add(id);
      }
    }
    Optional<String> bosText = folder.specialToken("bos_token");
    Optional<Integer> bos = bosText.map(added::get);
    Set<Integer> ends = new HashSet<>(folder.endIds());
    Optional<Integer> named = folder.specialToken("eos_token").map(added::get);
    if (named.isEmpty() && !ends.isEmpty()) {
      named = Optional.of(folder.endIds().get(0));
    }
    if (named.isEmpty()) {
      named = Optional.ofNullable(added.get(GPT_END));
    }
    int eos =
        named.orElseThrow(
            () ->
                new InputException(
                    folder.folder()
                        + ": tokenizer must name an end-of-sequence token (eos_token in"
                        + " tokenizer_config.json), got none"));
    ends.add(eos);
    return new SpecialTokens(
        prefix(folder, tokenizer, bos),
        bos,
        eos,
        folder.specialToken("pad_token").map(added::get).orElse(eos),
        Set.copyOf(ends),
        Set.copyOf(special),
        bosText.orElse(""),
        texts.getOrDefault(eos, ""));
  }

  /** Returns whether generation stops at the id. */
  boolean isEnd(int id) {
    return ends.contains(id);
  }

  /** Returns whether the id is marked special, or generation stops at it. */
  boolean isSpecialOrEnd(int id) {
    return special.contains(id) || ends.contains(id);
  }

  /**
   * Finds what the model wants before a plain text: {@code add_bos_token} if it is set, otherwise
   * what the tokenizer's own post-processor puts there.
   */
  private static Tokens prefix(
      TokenizerFolder folder, NativeTokenizer tokenizer, Optional<Integer> bos) {
    JsonNode wanted = folder.config().path("add_bos_token");
    if (wanted.isBoolean() && bos.isPresent()) {
      return wanted.booleanValue() ? Tokens.of(bos.get()) : Tokens.of();
    }
    Tokens bare = tokenizer.encode("a", false);
    Tokens whole = tokenizer.encode("a", true);
    for (int from = 0; from + bare.size() <= whole.size(); from++) {
      if (whole.slice(from, from + bare.size()).equals(bare)) {
        return whole.slice(0, from);
      }
    }
    return Tokens.of();
  }
}
