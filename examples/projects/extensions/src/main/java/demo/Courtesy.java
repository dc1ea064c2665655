package demo;

import io.dil.train.eval.TaskProvider;

/** The benchmark {@code courtesy}: which of two answers is the kinder one. */
public final class Courtesy implements TaskProvider {
  @Override
  public String name() {
    return "courtesy";
  }

  @Override
  public String yaml() {
    return """
        task: courtesy
        about: which of two answers helped
        harness: courtesy
        version: "1"
        data:
          test: [courtesy.jsonl]
        text: "{asked}"
        choices: {field: answers}
        gold: {index: gold}
        metrics: [acc]
        """;
  }
}
