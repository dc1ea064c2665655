package io.dil.data.template;

import com.hubspot.jinjava.tree.Node;
import io.dil.core.InputException;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's chat template: turns a conversation into the text that the model was trained on, as
 * {@code apply_chat_template} of transformers does.
 *
 * <p>Safe for use by several threads at once.
 */
public final class ChatTemplate {
  private static final JinjaSandbox SANDBOX = new JinjaSandbox();

  private final ThreadLocal<Node> template;
  private final Map<String, Object> tokens;
  private final String constantPrompt;

  private ChatTemplate(String source, Map<String, Object> tokens) {
    Node parsed = SANDBOX.parse(source);
    this.template = ThreadLocal.withInitial(() -> SANDBOX.parse(source));
    this.template.set(parsed);
    this.tokens = tokens;
    this.constantPrompt = constantPrompt();
  }

  /**
   * Reads a template.
   *
   * @param source the Jinja source
   * @param bosText what {@code bos_token} stands for
   * @param eosText what {@code eos_token} stands for
   * @throws InputException if it is not Jinja
   */
  public static ChatTemplate of(String source, String bosText, String eosText) {
    return new ChatTemplate(source, Map.of("bos_token", bosText, "eos_token", eosText));
  }

  /**
   * Renders a conversation.
   *
   * @param turns the messages
   * @param generationPrompt whether what introduces the model's next turn is written at the end
   * @throws TemplateRefusal if the template does not take the conversation
   * @throws InputException if the template is at fault, or takes too long
   */
  public String render(List<Turn> turns, boolean generationPrompt) {
    List<Map<String, Object>> messages = new ArrayList<>(turns.size());
    for (Turn turn : turns) {
      Map<String, Object> message = new LinkedHashMap<>();
      message.put("role", turn.role());
      message.put("content", turn.content());
      messages.add(message);
    }
    Map<String, Object> values = new HashMap<>(tokens);
    values.put("messages", messages);
    values.put("add_generation_prompt", generationPrompt);
    return SANDBOX.render(template.get(), values);
  }

  /**
   * Returns what an answer adds to a prompt.
   *
   * <p>Some templates introduce the model's next turn even when told not to; that introduction is
   * taken off the end.
   *
   * @param rendered the prompt, rendered with the generation prompt
   * @param prompt the prompt's messages
   * @param answer what the model says
   * @return what stands after the rendered prompt; empty if the prompt alone is rendered
   *     differently from the prompt with the answer, so that there is no boundary
   */
  public Optional<String> response(String rendered, List<Turn> prompt, String answer) {
    List<Turn> whole = new ArrayList<>(prompt);
    whole.add(new Turn(Turn.ASSISTANT, answer));
    String all = render(whole, false);
    if (!constantPrompt.isEmpty() && all.endsWith(constantPrompt)) {
      all = all.substring(0, all.length() - constantPrompt.length());
    }
    return all.startsWith(rendered)
        ? Optional.of(all.substring(rendered.length()))
        : Optional.empty();
  }

  /**
   * Finds what is written after every conversation, asked for or not: all that is written for none.
   */
  private String constantPrompt() {
    try {
      List<Turn> question = List.of(new Turn(Turn.USER, "q"));
      List<Turn> answered = List.of(new Turn(Turn.USER, "q"), new Turn(Turn.ASSISTANT, "a"));
      String nothing = render(List.of(), false);
      boolean always =
          render(question, false).endsWith(nothing) && render(answered, false).endsWith(nothing);
      return always ? nothing : "";
    } catch (TemplateRefusal | InputException e) {
      // A template that does not take an empty conversation cannot be asked this way.
      return "";
    }
  }
}
