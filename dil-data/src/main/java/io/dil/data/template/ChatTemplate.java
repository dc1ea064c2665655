package io.dil.data.template;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.Turn;
import io.dil.data.template.jinja.Template;
import io.dil.data.template.python.None;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.RenderError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model's chat template: turns a conversation into the text that the model was trained on, as
 * {@code apply_chat_template} of transformers does.
 *
 * <p>Safe for use by several threads at once.
 */
public final class ChatTemplate {
  private final Template template;
  private final Map<String, String> tokens;

  /** What is written after every conversation; found when it is first needed. */
  private volatile @Nullable String constantPrompt;

  private ChatTemplate(String source, Map<String, String> tokens) {
    this.template = parse(source);
    this.tokens = tokens;
  }

  private static Template parse(String source) {
    try {
      return Template.parse(source);
    } catch (RenderError e) {
      throw new InputException("chat template cannot be read: " + e.describe(), e);
    }
  }

  /**
   * Reads a template.
   *
   * @param source the Jinja source
   * @param bosText what {@code bos_token} stands for
   * @param eosText what {@code eos_token} stands for
   * @throws InputException if it is not Jinja, or uses what is not offered
   */
  public static ChatTemplate of(String source, String bosText, String eosText) {
    return of(source, Map.of("bos_token", bosText, "eos_token", eosText));
  }

  /**
   * Reads a template.
   *
   * @param source the Jinja source
   * @param tokens the texts of special tokens by the names that the template knows them by; a token
   *     that is not there is undefined
   * @throws InputException if it is not Jinja, or uses what is not offered
   */
  public static ChatTemplate of(String source, Map<String, String> tokens) {
    return new ChatTemplate(source, Map.copyOf(tokens));
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
    List<Object> messages = new ArrayList<>(turns.size());
    for (Turn turn : turns) {
      PyDict message = new PyDict();
      message.put("role", turn.role());
      message.put("content", turn.content());
      messages.add(message);
    }
    return render(new PyList(messages), None.NONE, new PyDict(), generationPrompt).text();
  }

  /**
   * Renders a conversation as it stands in JSON.
   *
   * @param messages a list of messages, with whatever fields they have
   * @param tools a list of tools, or null
   * @param arguments what else the template is given, for instance {@code enable_thinking}
   * @param generationPrompt whether what introduces the model's next turn is written at the end
   * @throws TemplateRefusal if the template does not take the conversation
   * @throws InputException if the template is at fault, or takes too long
   */
  public String render(
      JsonNode messages, JsonNode tools, JsonNode arguments, boolean generationPrompt) {
    return render(
            FromJson.messages(messages),
            FromJson.tools(tools),
            FromJson.dict(arguments),
            generationPrompt)
        .text();
  }

  private Template.Rendered render(
      Object messages, Object tools, PyDict arguments, boolean generationPrompt) {
    PyDict values = new PyDict();
    tokens.forEach(values::put);
    values.putAll(arguments);
    values.put("messages", messages);
    values.put("tools", tools);
    values.put("documents", None.NONE);
    values.put("add_generation_prompt", generationPrompt);
    try {
      return template.render(values);
    } catch (RenderError e) {
      throw new InputException("chat template cannot be rendered: " + e.describe(), e);
    }
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
    String constant = constantPrompt();
    if (!constant.isEmpty() && all.endsWith(constant)) {
      all = all.substring(0, all.length() - constant.length());
    }
    return all.startsWith(rendered)
        ? Optional.of(all.substring(rendered.length()))
        : Optional.empty();
  }

  /**
   * Finds what is written after every conversation, asked for or not: all that is written for none.
   */
  private String constantPrompt() {
    String known = constantPrompt;
    if (known == null) {
      known = findConstantPrompt();
      constantPrompt = known;
    }
    return known;
  }

  private String findConstantPrompt() {
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
