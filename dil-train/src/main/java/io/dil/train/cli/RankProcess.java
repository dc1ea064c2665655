package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.train.rank.Cluster;
import io.dil.train.rank.Launch;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;

/**
 * A command that several processes run together: one of them shows what happens, and where one
 * fails, it says so and all end.
 */
final class RankProcess {
  /** The variable that says which other ranks show what they do: {@code all}, or their numbers. */
  static final String SHOWN = "DIL_SHOW_RANKS";

  private RankProcess() {}

  /** What the processes do together. */
  interface Work {
    /** Runs in one of them; {@code out} is what it shows. */
    int run(Cluster cluster, PrintWriter out);
  }

  /** Joins the others, where there are any, and runs {@code work}. */
  static int run(CommandLine line, Launch launch, Work work) {
    if (!launch.isShared()) {
      return work.run(Cluster.alone(), line.getOut());
    }
    Cluster cluster;
    try {
      cluster = Cluster.join(launch);
    } catch (InputException e) {
      waitForRankZero(launch);
      throw e;
    }
    PrintWriter out = out(line, launch, System.getenv().getOrDefault(SHOWN, ""));
    try {
      int status = work.run(cluster, out);
      cluster.close();
      return status;
    } catch (Cluster.AgreedException e) {
      // All ranks have it, and rank 0 tells.
      cluster.close();
      if (launch.leads()) {
        throw e.error();
      }
      return Dil.BAD_INPUT;
    } catch (RuntimeException | Error e) {
      waitForRankZero(launch);
      PrintWriter err = line.getErr();
      err.println("dil: " + cluster.name() + ": " + Dil.line(e));
      if (Dil.isVerbose(line)) {
        e.printStackTrace(err);
      }
      err.flush();
      cluster.abort(Dil.status(e));
      return Dil.status(e);
    }
  }

  // What fails on all ranks alike is told once: rank 0 ends the others before they speak.
  private static void waitForRankZero(Launch launch) {
    if (!launch.leads()) {
      try {
        Thread.sleep(500 + Math.min(2000, 10L * launch.rank()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static PrintWriter out(CommandLine line, Launch launch, String shown) {
    if (launch.leads()) {
      return line.getOut();
    }
    boolean asked =
        shown.equals("all")
            || Arrays.asList(shown.split(",", -1)).contains(String.valueOf(launch.rank()));
    return new PrintWriter(
        asked
            ? new Prefixed(
                new OutputStreamWriter(System.out, StandardCharsets.UTF_8),
                "[rank " + launch.rank() + "] ")
            : Writer.nullWriter(),
        true);
  }

  /** Begins every line with a name. */
  private static final class Prefixed extends FilterWriter {
    private final String prefix;
    private boolean begins = true;

    Prefixed(Writer out, String prefix) {
      super(out);
      this.prefix = prefix;
    }

    @Override
    public void write(int c) throws IOException {
      if (begins) {
        out.write(prefix);
      }
      out.write(c);
      begins = c == '\n';
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
      for (int i = from; i < from + length; i++) {
        write(text[i]);
      }
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
      write(text.toCharArray(), from, length);
    }
  }
}
