package io.dil.data.token;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.dil.core.InputException;
import io.dil.core.Tokens;
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

  private final long handle;

  private NativeTokenizer(long handle) {
    this.handle = handle;
    CLEANER.register(this, () -> TokenizersLibrary.LIB.deleteTokenizer(handle));
  }

  /** Loads a {@code tokenizer.json}. */
  static NativeTokenizer load(Path file) {
    String json;
    try {
      json = Files.readString(file);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read as a tokenizer: " + e.getMessage(), e);
    }
    LibUtils.checkStatus();
    long handle;
    try {
      handle = TokenizersLibrary.LIB.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new InputException(file + ": not a tokenizer that can be loaded: " + e.getMessage(), e);
    }
    TokenizersLibrary.LIB.disablePadding(handle);
    TokenizersLibrary.LIB.disableTruncation(handle);
    return new NativeTokenizer(handle);
  }

  /** Returns the ids of a text, without what the post-processor would put around it. */
  Tokens encode(String text) {
    return encode(text, false);
  }

  /** Returns the ids of a text, with or without what the post-processor puts around it. */
  Tokens encode(String text, boolean addSpecialTokens) {
    if (text.isEmpty() && !addSpecialTokens) {
      return Tokens.of();
    }
    long encoding = TokenizersLibrary.LIB.encode(handle, text, addSpecialTokens);
    try {
      long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
      int[] narrow = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        narrow[i] = Math.toIntExact(ids[i]);
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
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
