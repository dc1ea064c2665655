package io.dil.data.token;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.core.torch.TorchNatives;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The Hugging Face tokenizer behind a {@code tokenizer.json}, through DJL's native library; the
 * only class that touches it.
 *
 * <p>DJL's own {@code HuggingFaceTokenizer} copies token strings, spans, masks and word ids of
 * every text over to Java and truncates unless told not to; here only the ids are fetched. Safe for
 * use by several threads at once.
 */
final class NativeTokenizer {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Path file;
  private final long handle;

  private NativeTokenizer(Path file, long handle) {
    this.file = file;
    this.handle = handle;
    CLEANER.register(this, () -> TokenizersLibrary.LIB.deleteTokenizer(handle));
  }

  /**
   * Loads a {@code tokenizer.json}, one that has not been seen before after a trial in a process of
   * its own.
   */
  static NativeTokenizer load(Path file) {
    // Before a native library is looked for: on a GPU this one would download another of itself.
    TorchNatives.prepare();
    String json;
    try {
      json = Files.readString(file);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read as a tokenizer: " + e.getMessage(), e);
    }
    TokenizerTrial.require(file, json);
    LibUtils.checkStatus();
    long handle;
    try {
      handle = TokenizersLibrary.LIB.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new InputException(file + ": not a tokenizer that can be loaded: " + reason(e), e);
    }
    TokenizersLibrary.LIB.disablePadding(handle);
    TokenizersLibrary.LIB.disableTruncation(handle);
    return new NativeTokenizer(file, handle);
  }

  /** Returns the ids of a text, without what the post-processor would put around it. */
  Tokens encode(String text) {
    return encode(text, false);
  }

  /**
   * Returns the ids of a text, with or without what the post-processor puts around it.
   *
   * @throws InputException if the tokenizer has no token for a part of it
   */
  Tokens encode(String text, boolean addSpecialTokens) {
    if (text.isEmpty() && !addSpecialTokens) {
      return Tokens.of();
    }
    long encoding;
    try {
      encoding = TokenizersLibrary.LIB.encode(handle, text, addSpecialTokens);
    } catch (RuntimeException e) {
      throw new InputException(file + ": tokenizer cannot encode a text: " + reason(e), e);
    }
    try {
      long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
      int[] narrow = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] > Integer.MAX_VALUE) {
          throw new InputException(file + ": tokenizer gives ids beyond 2147483647, got " + ids[i]);
        }
        narrow[i] = (int) ids[i];
      }
      return Tokens.of(narrow);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
      Reference.reachabilityFence(this);
    }
  }

  /** Returns the text that the ids spell. */
  String decode(Tokens tokens, boolean skipSpecialTokens) {
    long[] ids = tokens.stream().asLongStream().toArray();
    try {
      return TokenizersLibrary.LIB.decode(handle, ids, skipSpecialTokens);
    } catch (RuntimeException e) {
      throw new InputException(file + ": tokenizer cannot decode ids: " + reason(e), e);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Returns the first line of what the library says. */
  private static String reason(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no further message");
  }
}
