package io.dil.data.token;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.dil.core.torch.TorchNatives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@link TokenizerTrial} runs in another process: loads a {@code tokenizer.json} and sends
 * texts of all kinds through it. The process ends with {@value #PASSED} on its last line, or dies
 * on the way.
 */
final class TrialProcess {
  /** Printed when the library is loaded, before the first file is looked at. */
  static final String READY = "trial: ready";

  /** Printed after a file that the library can be trusted with. */
  static final String PASSED = "trial: passed";

  /** Of the texts below; verdicts of other versions do not count. */
  static final String VERSION = "2";

  /** Ids that are decoded one by one, from either end of a vocabulary. */
  private static final int DECODED = 512;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a",
          "The quick brown fox, aged 12.5, jumps over 3 lazy dogs!",
          "  several   spaces\tand\ttabs\r\n\n\nlines \u00a0\u3000 ",
          "CAPITALS lowercase CamelCase snake_case kebab-case",
          "na\u00efve caf\u00e9 \u00c5ngstr\u00f6m \ufb01 \u212b e\u0301 \u0130stanbul \u1e9e",
          "\u65e5\u672c\u8a9e\u306e\u6587\u7ae0 \ud55c\uad6d\uc5b4 \u4e2d\u6587 \u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22",
          "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea \u0939\u093f\u0928\u094d\u0926\u0940",
          "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\uddef\ud83c\uddf5 \ud835\udd38 \u2581\u0120\u010a##x</w>",
          "\u0000\u0001\u001f\u007f\u0085\u200b\ufeff\ufffd\uffff",
          "<s></s><pad><unk>[CLS][SEP]<|endoftext|><|im_start|>user\n",
          "import x\nfor i in range(10):\n    print(f\"{i:>3}\")  # 1_000\n",
          "x".repeat(5000),
          "ab \u00e9 \ud83d\ude00 ".repeat(500));

  private TrialProcess() {}

  /** Tries the files that the arguments name. */
  public static void main(String[] files) {
    TorchNatives.prepare();
    LibUtils.checkStatus();
    System.out.println(READY);
    for (String file : files) {
      System.out.println("trial: " + file);
      try {
        tryOut(Files.readString(Path.of(file)));
      } catch (IOException | RuntimeException e) {
        // The library says what is wrong, which it can say in the other process as well.
        System.out.println("trial: refused by the library: " + e.getMessage());
      }
      System.out.println(PASSED);
    }
    System.out.flush();
    // What the library holds need not be taken apart.
    Runtime.getRuntime().halt(0);
  }

  private static void tryOut(String json) {
    TokenizersLibrary library = TokenizersLibrary.LIB;
    long handle = library.createTokenizerFromString(json);
    library.disablePadding(handle);
    library.disableTruncation(handle);
    List<Long> ids = new ArrayList<>();
    for (String text : TEXTS) {
      for (boolean specials : new boolean[] {false, true}) {
        try {
          long encoding = library.encode(handle, text, specials);
          long[] some = library.getTokenIds(encoding);
          library.deleteEncoding(encoding);
          decode(library, handle, some);
          for (int i = 0; i < Math.min(some.length, DECODED); i++) {
            ids.add(some[i]);
          }
        } catch (RuntimeException e) {
          // A text that it has no token for, say: an error is what it should be.
          ids.add(0L);
        }
      }
    }
    for (long id = 0; id < DECODED; id++) {
      decode(library, handle, new long[] {id});
    }
    decode(library, handle, ids.stream().mapToLong(Long::longValue).toArray());
  }

  private static void decode(TokenizersLibrary library, long handle, long[] ids) {
    for (boolean skip : new boolean[] {false, true}) {
      try {
        if (library.decode(handle, ids, skip) == null) {
          System.out.println("trial: decoded to nothing");
        }
      } catch (RuntimeException e) {
        System.out.println("trial: not decoded: " + e.getMessage());
      }
    }
  }
}
