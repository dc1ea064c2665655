package io.dil.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import java.util.Objects;

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
    /** Checks that there is a text. */
    public Plain {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public String asText() {
      return text;
    }
  }

  /**
   * A conversation up to the response.
   *
   * @param turns the messages in order; at least one
   * @param tools the tools that the model may call, a list, or null
   * @param arguments what else the chat template is given, an object ({@code chat_template_kwargs})
   */
  record Chat(List<Turn> turns, JsonNode tools, JsonNode arguments) implements Prompt {
    /** Checks that there is a message. */
    public Chat {
      turns = List.copyOf(turns);
      if (turns.isEmpty()) {
        throw new IllegalArgumentException("a conversation must have at least one turn, got none");
      }
    }

    /** A conversation without tools. */
    public Chat(List<Turn> turns) {
      this(turns, NullNode.getInstance(), JsonNodeFactory.instance.objectNode());
    }

    @Override
    public String asText() {
      StringBuilder text = new StringBuilder();
      if (!tools.isNull()) {
        text.append(tools).append("\n\n");
      }
      if (!arguments.isEmpty()) {
        text.append(arguments).append("\n\n");
      }
      for (Turn turn : turns) {
        text.append(turn.role()).append('\n').append(turn.asText()).append("\n\n");
      }
      return text.toString();
    }
  }

  /** Returns a text that two prompts share exactly when they are equal; not what a model sees. */
  String asText();
}
