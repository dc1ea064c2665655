package io.dil.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Optional;

/**
 * How conversations become text and what of them is learnt.
 *
 * @param template the Jinja source of a chat template to use instead of the model's own
 * @param arguments what the template is given besides, an object ({@code chat_template_kwargs})
 * @param everyTurn whether every assistant turn of a demonstration is learnt, and not only the last
 *     ({@code assistant_only_loss})
 */
public record ChatOptions(Optional<String> template, JsonNode arguments, boolean everyTurn) {
  /** The model's own template, the last turn. */
  public static final ChatOptions DEFAULT = of(Optional.empty());

  /** Another template than the model's own, if there is one. */
  public static ChatOptions of(Optional<String> template) {
    return new ChatOptions(template, JsonNodeFactory.instance.objectNode(), false);
  }
}
