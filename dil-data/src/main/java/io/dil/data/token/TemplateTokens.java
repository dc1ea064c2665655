package io.dil.data.token;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The special tokens that chat templates know by name. */
public final class TemplateTokens {
  /** As in transformers' {@code special_tokens_map}. */
  private static final List<String> NAMES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private TemplateTokens() {}

  /**
   * Returns the texts of the special tokens that a model folder names, by their names.
   *
   * @throws io.dil.core.InputException if there is no tokenizer
   */
  public static Map<String, String> of(Path folder) {
    return of(TokenizerFolder.read(folder));
  }

  static Map<String, String> of(TokenizerFolder folder) {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : NAMES) {
      folder.specialToken(name).ifPresent(text -> tokens.put(name, text));
    }
    return tokens;
  }
}
