package io.dil.train.run;

import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Replaces the model of a folder by another, file by file, and leaves all else in it as it is. */
final class ModelInstall {
  private static final String PARTIAL = ".model.partial";

  /**
   * Names of files that tools take for a part of a model: weights in any format, the configurations
   * of model, generation, adapter and tokenizer, and the card.
   */
  private static final Pattern OF_A_MODEL =
      Pattern.compile(
          "(.*\\.(safetensors|bin|pt|pth|ckpt|h5|msgpack|gguf|onnx|index\\.json))"
              + "|((generation_|adapter_|tokenizer_|preprocessor_|processor_|quantize_)?config\\.json)"
              + "|(tokenizer\\..*|special_tokens_map\\.json|added_tokens\\.json|vocab\\..*|merges\\.txt)"
              + "|(chat_template\\..*|.*\\.jinja|README\\.md)");

  private ModelInstall() {}

  /** Removes what was not finished when its process ended. */
  static void clean(Path folder) throws IOException {
    RunFolder.delete(folder.resolve(PARTIAL));
  }

  static void into(Path folder, RunFolder.Content content) throws IOException {
    Path partial = folder.resolve(PARTIAL);
    RunFolder.delete(partial);
    try {
      Files.createDirectories(partial);
      content.write(partial);
      List<String> fresh = names(partial);
      for (String old : names(folder)) {
        boolean file =
            Files.isRegularFile(folder.resolve(old)) && OF_A_MODEL.matcher(old).matches();
        if (!fresh.contains(old) && file) {
          Files.delete(folder.resolve(old));
        }
      }
      for (String name : fresh) {
        Path to = folder.resolve(name);
        if (Files.isDirectory(to)) {
          RunFolder.delete(to);
        }
        AtomicFile.move(partial.resolve(name), to);
      }
      AtomicFile.forceFolder(folder);
    } finally {
      RunFolder.delete(partial);
    }
  }

  /** Returns the names in a folder, in their order. */
  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return List.copyOf(
          new TreeSet<>(entries.map(entry -> entry.getFileName().toString()).toList()));
    }
  }
}
