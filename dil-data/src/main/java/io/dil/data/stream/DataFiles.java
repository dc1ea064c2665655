package io.dil.data.stream;

import io.dil.data.source.DataFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The files behind a configuration, and the rows of one epoch over them. */
final class DataFiles {
  /** What each use of randomness adds to the seed, so that none repeats another's numbers. */
  private enum Use {
    FILES(1),
    WEIGHT(2),
    MIX(3),
    SHUFFLE(4);

    private final long salt;

    Use(long salt) {
      this.salt = salt;
    }
  }

  private final DataConfig config;
  private final List<List<DataFile>> files = new ArrayList<>();

  DataFiles(DataConfig config) {
    this.config = config;
    for (DataConfig.Source source : config.sources()) {
      files.add(source.spec().files());
    }
  }

  /**
   * Returns the rows of an epoch; their order depends on the seed and the epoch alone. Where a part
   * of each data set is used, it is the same part in every epoch: counted in the order of the
   * files, which are then not shuffled among each other.
   */
  Rows epoch(int epoch) {
    List<Rows> sources = new ArrayList<>();
    List<Double> amounts = new ArrayList<>();
    boolean whole = config.skip() == 0 && config.take() == Long.MAX_VALUE;
    for (int i = 0; i < files.size(); i++) {
      DataConfig.Source source = config.sources().get(i);
      List<DataFile> ordered =
          config.shuffle() && whole ? shuffled(files.get(i), epoch, i) : files.get(i);
      sources.add(
          new WeightedRows(
              () -> new SourceRows(ordered, source.spec().format(), config.skip(), config.take()),
              source.weight(),
              random(epoch, Use.WEIGHT, i)));
      double bytes = 0;
      for (DataFile file : ordered) {
        bytes += file.size();
      }
      amounts.add(bytes * source.weight());
    }
    Rows mixed = new MixedRows(sources, amounts, random(epoch, Use.MIX, 0));
    return config.shuffle()
        ? new ShuffledRows(mixed, config.shuffleBuffer(), random(epoch, Use.SHUFFLE, 0))
        : mixed;
  }

  private List<DataFile> shuffled(List<DataFile> ordered, int epoch, int source) {
    SeededRandom random = random(epoch, Use.FILES, source);
    List<DataFile> files = new ArrayList<>(ordered);
    for (int i = files.size() - 1; i > 0; i--) {
      int j = random.below(i + 1);
      DataFile swapped = files.get(i);
      files.set(i, files.get(j));
      files.set(j, swapped);
    }
    return files;
  }

  private SeededRandom random(int epoch, Use use, int source) {
    return new SeededRandom(config.seed(), epoch, use.salt, source);
  }

  /**
   * Returns a SHA-256 over formats, sizes and contents of all files in order; not over their paths.
   */
  String contentHash() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    for (int i = 0; i < files.size(); i++) {
      String format = config.sources().get(i).spec().format().name();
      digest.update(format.getBytes(StandardCharsets.UTF_8));
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(files.get(i).size()).array());
      for (DataFile file : files.get(i)) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(file.size()).array());
        digest.update(file.sha256());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
