package io.dil.data.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.dil.core.InputException;
import io.dil.data.Demonstration;
import io.dil.data.Example;
import io.dil.data.Prompt;
import io.dil.data.TinyTokenizer;
import io.dil.data.TokenizedExample;
import io.dil.data.format.JavaExamples;
import io.dil.data.source.DataSpec;
import io.dil.data.token.Truncation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JavaExamplesTest {
  private static List<Example> examples(String last) {
    return List.of(
        new Demonstration("a", new Prompt.Plain("a"), " yes"),
        new Demonstration("b", new Prompt.Plain("b"), " no"),
        new Demonstration("c", new Prompt.Plain("c"), last));
  }

  @Test
  void goesThroughAProgramsOwnExamples() {
    JavaExamples.put("three", () -> examples(" yes").iterator());
    DataConfig config =
        DataConfig.of(DataSpec.parse("java:three")).withEpochs(2).withRows(1, Long.MAX_VALUE);
    List<String> ids = new ArrayList<>();
    DataPosition after;
    try (ExampleStream stream =
        ExampleStream.open(config, TinyTokenizer.load(Truncation.NONE), DataPosition.start())) {
      while (ids.size() < 3) {
        TokenizedExample example = stream.next();
        ids.add(example.id());
      }
      after = stream.position();
    }
    assertEquals(List.of("b", "c", "b"), ids);
    JavaExamples.put("three", () -> examples(" no").iterator());
    assertThrows(
        InputException.class,
        () -> ExampleStream.open(config, TinyTokenizer.load(Truncation.NONE), after));
    assertThrows(
        InputException.class,
        () ->
            ExampleStream.open(
                DataConfig.of(DataSpec.parse("java:nosuch")),
                TinyTokenizer.load(Truncation.NONE),
                DataPosition.start()));
  }
}
