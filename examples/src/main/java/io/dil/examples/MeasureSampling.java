package io.dil.examples;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.core.model.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures how fast answers are drawn, fp32, temperature 1: seconds from the first prompt to the
 * last token. No token ends an answer, so every one has as many tokens as are asked for.
 *
 * <p>Arguments: {@code model=DIR}, {@code prompts=FILE} (JSON: a list of lists of token ids),
 * {@code answers=K} a prompt, {@code rows=N} sequences at once, {@code tokens=N} of an answer,
 * {@code profile=true} for the time of every call of a program.
 */
public final class MeasureSampling {
  private MeasureSampling() {}

  /** Runs and prints. */
  public static void main(String[] args) throws IOException {
    Map<String, String> words = Measured.words(args);
    int tokens = Measured.integer(words, "tokens");
    int rows = Measured.integer(words, "rows");
    List<Tokens> prompts = new ArrayList<>();
    for (JsonNode ids :
        new ObjectMapper().readTree(Path.of(Measured.text(words, "prompts")).toFile())) {
      int[] prompt = new int[ids.size()];
      for (int i = 0; i < prompt.length; i++) {
        prompt[i] = ids.get(i).intValue();
      }
      prompts.addAll(Collections.nCopies(Measured.integer(words, "answers"), Tokens.of(prompt)));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    try (DecoderLm model =
        DecoderLm.load(
            ModelFolder.open(Path.of(Measured.text(words, "model"))),
            Device.cpu(),
            Precision.FLOAT32)) {
      boolean profiled = Boolean.parseBoolean(words.get("profile"));
      long[] made = new long[1];
      try (CallProfile profile = profiled ? CallProfile.start() : null) {
        double processor = Measured.processorSeconds();
        long began = System.nanoTime();
        new Generator(model, Set.of())
            .generate(
                prompts,
                GenerationOptions.sample(tokens, 1, 0),
                rows,
                (sequence, id) -> true,
                (sequence, answer) -> made[0] += answer.size());
        result.put("seconds", (System.nanoTime() - began) / 1e9);
        result.put("processor_seconds", Measured.processorSeconds() - processor);
        if (profile != null) {
          result.put("calls", profile.stop());
        }
      }
      result.put("sequences", prompts.size());
      result.put("new_tokens", made[0]);
      result.put("peak_rss_bytes", Measured.peak());
    }
    result.put("versions", Measured.versions());
    Measured.print(result);
  }
}
