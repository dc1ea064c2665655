package io.dil.train.rank;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.dil.core.collective.Collectives;
import io.dil.core.collective.LocalGroup;
import io.dil.core.collective.RankStoppedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The ranks of a run, one for each device. A rank is a thread, since torch keeps modes per thread,
 * and a rank alone is the caller's own.
 *
 * <p>One thread, the caller's, says what is done; ranks do it at once and meet in their {@link
 * Collectives}. Where one fails, all do, and the caller gets the exception of the one that failed
 * first.
 *
 * <p>Ranks may also be processes of a {@link Cluster}. Then all of them run the same program, each
 * is told of its own rank alone, and what others computed comes to it as {@link RankResult}s. A
 * rank's number, as work is told it, is its place among those of this process, which lists are
 * indexed by; {@link Collectives#rank} is its place among all.
 */
public final class Ranks implements AutoCloseable {
  private final List<Device> devices;
  private final int size;
  private final LocalGroup group;
  private final List<ExecutorService> threads = new ArrayList<>();
  private final List<Collectives> collectives = new ArrayList<>();

  /**
   * What a rank does.
   *
   * @param <T> what it returns
   * @param <E> what it may throw
   */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object, E extends Exception> {
    /** Runs on rank {@code rank}. */
    T run(int rank) throws E;
  }

  /**
   * What a rank does with one of several items.
   *
   * @param <I> the item
   * @param <T> what it returns
   */
  @FunctionalInterface
  public interface ItemWork<I, T> {
    /** Runs on rank {@code rank} for item number {@code index}. */
    T run(int rank, int index, I item);
  }

  /** What a rank without an item does meanwhile. */
  @FunctionalInterface
  public interface Idle {
    /** Runs on rank {@code rank}. */
    void run(int rank);
  }

  private Ranks(List<Device> devices, int size) {
    this.devices = List.copyOf(devices);
    this.size = size;
    group = new LocalGroup(devices.size());
  }

  /** Returns the rank that is alone, on the caller's thread. */
  public static Ranks alone(Device device) {
    return start(List.of(device));
  }

  /**
   * Returns this process's rank among those of a cluster.
   *
   * @param device of this process
   */
  public static Ranks of(Cluster cluster, Device device) {
    Ranks ranks = new Ranks(List.of(device), cluster.size());
    ranks.collectives.add(cluster.group(device));
    return ranks;
  }

  /** Starts a rank for every device; devices may repeat. */
  public static Ranks start(List<Device> devices) {
    Ranks ranks = new Ranks(devices, devices.size());
    try {
      for (int i = 0; i < devices.size() && devices.size() > 1; i++) {
        String name = "dil-rank-" + i;
        ranks.threads.add(
            Executors.newSingleThreadExecutor(
                work -> {
                  Thread thread = new Thread(work, name);
                  thread.setDaemon(true);
                  return thread;
                }));
      }
      ranks.collectives.addAll(ranks.each(rank -> ranks.group.join(rank, ranks.devices.get(rank))));
      return ranks;
    } catch (RuntimeException e) {
      ranks.close();
      throw e;
    }
  }

  /** Returns the number of ranks, those of other processes included. */
  public int size() {
    return size;
  }

  /** Returns whether there are ranks in other processes. */
  public boolean areProcesses() {
    return size > devices.size();
  }

  /** Returns whether this process has rank 0, which writes. */
  public boolean lead() {
    return collectives.get(0).rank() == 0;
  }

  /** Returns the device of a rank. */
  public Device device(int rank) {
    return devices.get(rank);
  }

  /** Returns the collectives of a rank, to be used by it alone. */
  public Collectives group(int rank) {
    return collectives.get(rank);
  }

  /**
   * Runs {@code work} on every rank at once and returns what each of this process returned.
   *
   * @throws RankFailedException if the engine fails on a device
   */
  public <T extends @Nullable Object, E extends Exception> List<T> each(Work<T, E> work) throws E {
    List<T> results = new ArrayList<>();
    AtomicReference<@Nullable Failure> first = new AtomicReference<>();
    if (threads.isEmpty()) {
      try {
        results.add(work.run(0));
        return results;
      } catch (EngineException e) {
        throw failed(new Failure(0, e), e);
      }
    }
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < threads.size(); i++) {
      int rank = i;
      futures.add(threads.get(i).submit(() -> run(work, rank, first)));
    }
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        first.compareAndSet(null, new Failure(-1, e.getCause() == null ? e : e.getCause()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        group.fail(e);
        throw new RankStoppedException(e);
      }
    }
    Failure failure = first.get();
    if (failure != null) {
      // All threads are idle again, so that what was trained before can still be written.
      group.renew();
      if (failure.cause() instanceof Error error) {
        throw error;
      }
      if (failure.cause() instanceof EngineException engine) {
        throw failed(failure, engine);
      }
      if (failure.cause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      @SuppressWarnings("unchecked") // What else a rank throws is what its work declares.
      E declared = (E) failure.cause();
      throw declared;
    }
    return results;
  }

  private RankFailedException failed(Failure failure, EngineException cause) {
    int rank = areProcesses() ? group(0).rank() : failure.rank();
    return new RankFailedException(rank, size, devices.get(failure.rank()), cause);
  }

  private <T extends @Nullable Object, E extends Exception> T run(
      Work<T, E> work, int rank, AtomicReference<@Nullable Failure> first) throws E {
    try {
      return work.run(rank);
    } catch (Throwable e) {
      if (!(e instanceof RankStoppedException)) {
        first.compareAndSet(null, new Failure(rank, e));
      }
      group.fail(e);
      throw e;
    }
  }

  /** Which rank failed first, and why. */
  private record Failure(int rank, Throwable cause) {}

  /**
   * Runs {@code work} on every item, item i on rank i mod {@link #size}, and returns the results in
   * the order of the items. In each round of as many items as there are ranks, a rank without one
   * runs {@code idle}.
   *
   * @param form how results go from one process to another
   */
  public <I, T> List<T> map(
      List<I> items, ItemWork<I, T> work, Idle idle, RankResult.Form<T> form) {
    int rounds = (items.size() + size - 1) / size;
    List<List<T>> byRank =
        each(
            rank -> {
              List<T> results = new ArrayList<>();
              int first = group(rank).rank();
              for (int i = first; i < rounds * size; i += size) {
                if (i < items.size()) {
                  results.add(work.run(rank, i, items.get(i)));
                } else {
                  idle.run(rank);
                }
              }
              return results;
            });
    if (areProcesses()) {
      byRank = RankResult.exchange(group(0), byRank.get(0), form);
    }
    List<T> results = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      results.add(byRank.get(i % size).get(i / size));
    }
    return results;
  }

  @Override
  public void close() {
    if (!areProcesses()) {
      // Those between processes belong to their cluster.
      collectives.forEach(Collectives::close);
    }
    threads.forEach(ExecutorService::shutdown);
  }
}
