package io.dil.train.judge;

import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.data.token.ExampleTokenizer;
import java.util.ArrayList;
import java.util.List;

/** A model in this process as the judge: the same prompts, the same reading, no network. */
public final class LocalEndpoint implements Endpoint {
  private static final int BATCH = 16;

  private final CausalLm model;
  private final ExampleTokenizer tokenizer;
  private final GenerationOptions options;
  private final String name;
  private final boolean chat;

  /**
   * Makes a judge.
   *
   * @param model is not closed with the judge
   * @param name what the model is called
   * @param chat whether the question is put into the model's chat template
   */
  public LocalEndpoint(
      CausalLm model,
      ExampleTokenizer tokenizer,
      GenerationOptions options,
      String name,
      boolean chat) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.options = options;
    this.name = name;
    this.chat = chat;
  }

  @Override
  public int batch() {
    return BATCH;
  }

  @Override
  public List<Reply> ask(List<List<Turn>> conversations) {
    List<Tokens> prompts = new ArrayList<>();
    for (List<Turn> turns : conversations) {
      prompts.add(tokenizer.encodePrompt(chat ? new Prompt.Chat(turns) : plain(turns)));
    }
    List<Tokens> answers = new Generator(model, tokenizer.endIds()).generate(prompts, options);
    List<Reply> replies = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      replies.add(
          new Reply(
              tokenizer.decode(answers.get(i)),
              name,
              "",
              prompts.get(i).size(),
              answers.get(i).size()));
    }
    return replies;
  }

  private static Prompt plain(List<Turn> turns) {
    return new Prompt.Plain(
        String.join("\n\n", turns.stream().map(Turn::content).toList()) + "\n\n");
  }

  @Override
  public void close() {
    // The model belongs to whom made it.
  }
}
