package io.dil.data.stream;

import io.dil.core.Hashes;
import io.dil.data.Example;
import io.dil.data.format.JavaExamples;
import io.dil.data.source.DataFile;
import io.dil.data.source.DataSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
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
  private final DataShare share;
  private final List<List<DataFile>> files = new ArrayList<>();

  DataFiles(DataConfig config) {
    this(config, DataShare.ALL);
  }

  /**
   * Looks for the files.
   *
   * @param share the rows that this process reads
   */
  DataFiles(DataConfig config, DataShare share) {
    this.config = config;
    this.share = share;
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
      DataSpec spec = source.spec();
      sources.add(
          new WeightedRows(
              () ->
                  spec.isJava()
                      ? new JavaRows(spec.place(), config.skip(), config.take())
                      : new SourceRows(ordered, spec.format(), share, config.skip(), config.take()),
              source.weight(),
              random(epoch, Use.WEIGHT, i)));
      double bytes = 0;
      for (DataFile file : ordered) {
        bytes += file.size();
      }
      if (spec.isJava()) {
        bytes = sizeOf(spec.place());
      }
      amounts.add(bytes * source.weight());
    }
    Rows mixed = new MixedRows(sources, amounts, random(epoch, Use.MIX, 0));
    return config.shuffle()
        ? new ShuffledRows(mixed, config.shuffleBuffer(), random(epoch, Use.SHUFFLE, 0))
        : mixed;
  }

  /** Returns the characters of a program's examples, to mix them with files by. */
  private static double sizeOf(String name) {
    double size = 0;
    Iterator<? extends Example> examples = JavaExamples.open(name);
    while (examples.hasNext()) {
      Example example = examples.next();
      size += example.prompt().asText().length();
      for (String response : example.responses()) {
        size += response.length();
      }
    }
    return size;
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
    MessageDigest digest = Hashes.sha256();
    for (int i = 0; i < files.size(); i++) {
      String format = config.sources().get(i).spec().format().name();
      digest.update(format.getBytes(StandardCharsets.UTF_8));
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(files.get(i).size()).array());
      DataSpec spec = config.sources().get(i).spec();
      if (spec.isJava()) {
        Iterator<? extends Example> examples = JavaExamples.open(spec.place());
        while (examples.hasNext()) {
          digest.update(ContentKey.of(examples.next()).bytes());
        }
      }
      for (DataFile file : files.get(i)) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(file.size()).array());
        digest.update(file.sha256());
      }
    }
    return Hashes.hex(digest);
  }
}
