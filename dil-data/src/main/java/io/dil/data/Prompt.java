package io.dil.data;

import java.util.List;

/**
 * What responses are conditioned on: plain text, or a conversation that a chat template renders.
 */
public sealed interface Prompt {
  /**
   * The prompt of a text that has none: only the model's BOS, if any, stands before the response.
   */
  Prompt NONE = new Plain("");

  /**
   * Text that reaches the tokenizer as it stands.
   *
   * @param text the whole prompt, with whatever marks the speakers
   */
  record Plain(String text) implements Prompt {
    @Override
    public String asText() {
      return text;
    }
  }

  /**
   * A conversation up to the response.
   *
   * @param turns the messages in order; at least one
   */
  record Chat(List<Turn> turns) implements Prompt {
    /** Checks that there is a message. */
    public Chat {
      turns = List.copyOf(turns);
      if (turns.isEmpty()) {
        throw new IllegalArgumentException("a conversation must have at least one turn, got none");
      }
    }

    @Override
    public String asText() {
      StringBuilder text = new StringBuilder();
      for (Turn turn : turns) {
        text.append(turn.role()).append('\n').append(turn.content()).append("\n\n");
      }
      return text.toString();
    }
  }

  /** Returns a text that two prompts share exactly when they are equal; not what a model sees. */
  String asText();
}
