package io.dil.examples;

import io.dil.core.torch.TorchCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Records the calls of TorchScript programs with Java's flight recorder, and sums their time by
 * what they compute. The programs of a training run are told apart by what is asked of them: one
 * that goes backward is the policy's, one with layers that does not is the reference's.
 */
public final class CallProfile implements AutoCloseable {
  private final Recording recording = new Recording();

  private CallProfile() {}

  /** Begins to record. */
  public static CallProfile start() {
    CallProfile profile = new CallProfile();
    profile.recording.enable(TorchCall.NAME).withoutThreshold();
    profile.recording.start();
    return profile;
  }

  /** Returns seconds and calls by {@code policy METHOD}, {@code reference METHOD} or the method. */
  public Map<String, Map<String, Number>> stop() throws IOException {
    recording.stop();
    Path file = Files.createTempFile("calls", ".jfr");
    try {
      recording.dump(file);
      return sums(RecordingFile.readAllEvents(file));
    } finally {
      Files.delete(file);
    }
  }

  private static Map<String, Map<String, Number>> sums(List<RecordedEvent> all) {
    List<RecordedEvent> events = new ArrayList<>(all);
    events.removeIf(event -> !event.getEventType().getName().equals(TorchCall.NAME));
    Set<Integer> decoders = new HashSet<>();
    Set<Integer> policies = new HashSet<>();
    for (RecordedEvent event : events) {
      String method = event.getString("method");
      if (method.equals("layer")) {
        decoders.add(event.getInt("program"));
      } else if (method.equals("head_backward")) {
        policies.add(event.getInt("program"));
      }
    }
    Map<String, Double> seconds = new TreeMap<>();
    Map<String, Integer> calls = new HashMap<>();
    for (RecordedEvent event : events) {
      int program = event.getInt("program");
      String owner =
          policies.contains(program) ? "policy " : decoders.contains(program) ? "reference " : "";
      String name = owner + event.getString("method");
      seconds.merge(name, event.getDuration().toNanos() / 1e9, Double::sum);
      calls.merge(name, 1, Integer::sum);
    }
    Map<String, Map<String, Number>> sums = new TreeMap<>();
    seconds.forEach(
        (name, value) ->
            sums.put(name, Map.of("seconds", value, "calls", calls.getOrDefault(name, 0))));
    return sums;
  }

  @Override
  public void close() {
    recording.close();
  }
}
