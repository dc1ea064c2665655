package io.dil.train.fault;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Says which operation on the disk fails, and how. Operations are counted from 1, in the order in
 * which a run makes them; only those below one folder count.
 */
final class Faults {
  /** What goes wrong. */
  enum Kind {
    /** Nothing: operations are counted. */
    NONE,
    /** One write fails, as a disk does for a moment. */
    WRITE,
    /** From one write on every write fails: the disk is full. Deleting is possible. */
    FULL,
    /** One read fails. */
    READ,
    /** The process is killed within one write: half of it is done, and nothing after it. */
    KILL
  }

  /** The process is gone: thrown by every operation after a kill. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed");
    }
  }

  private static final List<FaultyChannel> OPEN = Collections.synchronizedList(new ArrayList<>());
  private static volatile String below = "";
  private static Kind kind = Kind.NONE;
  private static long at;
  private static long writes;
  private static long reads;
  private static boolean dead;

  private Faults() {}

  /** Begins to count below a folder, and fails operation {@code number} of a kind. */
  static synchronized void arm(Path folder, Kind fault, long number) {
    below = folder.toString();
    kind = fault;
    at = number;
    writes = 0;
    reads = 0;
    dead = false;
  }

  /** Lets all operations succeed again; what a killed process had open is closed. */
  static synchronized void disarm() {
    arm(Path.of("nowhere-at-all"), Kind.NONE, 0);
    for (FaultyChannel channel : List.copyOf(OPEN)) {
      channel.abandon();
    }
    OPEN.clear();
  }

  static synchronized long writes() {
    return writes;
  }

  static synchronized long reads() {
    return reads;
  }

  static void opened(FaultyChannel channel) {
    OPEN.add(channel);
  }

  static void closed(FaultyChannel channel) {
    OPEN.remove(channel);
  }

  /** Counts a change of the disk; returns whether half of it is to be done before the end. */
  static synchronized boolean write(Path path, boolean deletes) throws IOException {
    if (!path.toString().startsWith(below)) {
      return false;
    }
    if (dead) {
      throw new Killed();
    }
    writes++;
    boolean now = writes == at;
    if (kind == Kind.KILL && now) {
      dead = true;
      return true;
    }
    if ((kind == Kind.WRITE && now) || (kind == Kind.FULL && writes >= at && !deletes)) {
      throw new IOException("injected: no space left on device");
    }
    return false;
  }

  static synchronized void read(Path path) throws IOException {
    if (!path.toString().startsWith(below)) {
      return;
    }
    if (dead) {
      throw new Killed();
    }
    reads++;
    if (kind == Kind.READ && reads == at) {
      throw new IOException("injected: input/output error");
    }
  }
}
