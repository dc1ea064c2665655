package io.dil.core.model;

import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds a family's weights in a checkpoint as transformers does: under their names, or those that
 * they have where the model without its head was saved ({@code layers.0.…} for {@code
 * model.layers.0.…}).
 */
public final class CheckpointNames {
  /** Tables that older versions of transformers stored and that are computed anew. */
  private static final Pattern COMPUTED =
      Pattern.compile(
          ".*\\.rotary_emb\\.inv_freq|rotary_emb\\.inv_freq|.*\\.attention\\.(masked_)?bias");

  private static final int BLOCK = 1 << 20;

  /** Names that a warning lists; more are counted. */
  private static final int LISTED = 5;

  private CheckpointNames() {}

  /** Returns where a weight lies, or null where the checkpoint has none of that name. */
  static @Nullable TensorEntry find(ModelFolder folder, ModelSpec spec, String name) {
    TensorEntry entry = folder.find(name);
    String prefix = spec.finalPrefix();
    return entry == null && name.startsWith(prefix)
        ? folder.find(name.substring(prefix.length()))
        : entry;
  }

  /**
   * Returns what a person should know before a checkpoint is used: tensors that nothing reads, and
   * a head that its configuration says is the embedding and is not.
   */
  public static List<String> warnings(ModelFolder folder) {
    List<String> warnings = new ArrayList<>();
    ModelSpec spec = Architectures.read(folder);
    if (!spec.tied() && Architectures.configured(folder).tied()) {
      warnings.add(
          folder.path()
              + ": tie_word_embeddings is true, but "
              + spec.head()
              + " differs from "
              + spec.embedding()
              + "; both are used as they are stored, as in transformers");
    }
    Set<String> unread = new TreeSet<>(folder.tensors().keySet());
    Set<String> read = new HashSet<>(List.of(spec.head()));
    for (String name : spec.allWeights().keySet()) {
      TensorEntry entry = find(folder, spec, name);
      read.add(entry == null ? name : entry.name());
    }
    unread.removeIf(name -> read.contains(name) || COMPUTED.matcher(name).matches());
    if (!unread.isEmpty()) {
      List<String> first = unread.stream().limit(LISTED).toList();
      warnings.add(
          folder.path()
              + ": nothing reads "
              + unread.size()
              + (unread.size() == 1 ? " tensor: " : " tensors: ")
              + String.join(", ", first)
              + (unread.size() > LISTED ? ", ..." : ""));
    }
    return warnings;
  }

  /**
   * Returns the specification with a head of its own where the configuration ties it to the
   * embedding and the checkpoint holds another one; transformers does not tie then either.
   */
  static ModelSpec resolveHead(ModelFolder folder, ModelSpec spec) {
    TensorEntry head = folder.find(spec.head());
    TensorEntry embedding = find(folder, spec, spec.embedding());
    return spec.tied() && head != null && embedding != null && !equal(folder, head, embedding)
        ? spec.untied()
        : spec;
  }

  private static boolean equal(ModelFolder folder, TensorEntry one, TensorEntry other) {
    if (one.type() != other.type() || !one.shape().equals(other.shape())) {
      return false;
    }
    try (FileChannel first = open(folder, one);
        FileChannel second = open(folder, other)) {
      ByteBuffer a = ByteBuffer.allocate(BLOCK);
      ByteBuffer b = ByteBuffer.allocate(BLOCK);
      for (long at = 0; at < one.end() - one.begin(); at += BLOCK) {
        int size = (int) Math.min(BLOCK, one.end() - one.begin() - at);
        fill(first, a.clear().limit(size), one.begin() + at);
        fill(second, b.clear().limit(size), other.begin() + at);
        if (!a.equals(b)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new InputException(folder.path() + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static FileChannel open(ModelFolder folder, TensorEntry entry) throws IOException {
    Path file = Objects.requireNonNull(folder.files().get(entry.name()));
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  private static void fill(FileChannel channel, ByteBuffer buffer, long at) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("file has become shorter");
      }
    }
    buffer.flip();
  }
}
