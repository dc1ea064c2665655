package io.dil.data.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.data.Prompt;
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
  /** A text that no conversation ends in. */
  private static final String TRACE = "\u2063trace\u2063";

  private final Template template;
  private final Map<String, String> tokens;
  private final JsonNode arguments;

  /** What is written after every conversation; found when it is first needed. */
  private volatile @Nullable String constantPrompt;

  private ChatTemplate(Template template, Map<String, String> tokens, JsonNode arguments) {
    this.template = template;
    this.tokens = tokens;
    this.arguments = arguments;
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
    return new ChatTemplate(
        parse(source), Map.copyOf(tokens), JsonNodeFactory.instance.objectNode());
  }

  /**
   * Returns the same template with arguments for every conversation that does not have its own
   * ({@code chat_template_kwargs}).
   */
  public ChatTemplate with(JsonNode newArguments) {
    return new ChatTemplate(template, tokens, newArguments);
  }

  /**
   * Renders messages.
   *
   * @param turns the messages
   * @param generationPrompt whether what introduces the model's next turn is written at the end
   * @throws TemplateRefusal if the template does not take the conversation
   * @throws InputException if the template is at fault, or takes too long
   */
  public String render(List<Turn> turns, boolean generationPrompt) {
    return rendered(
            turns, NullNode.getInstance(), JsonNodeFactory.instance.objectNode(), generationPrompt)
        .text();
  }

  /** Renders a conversation with its tools and arguments; see {@link #render(List, boolean)}. */
  public String render(Prompt.Chat chat, boolean generationPrompt) {
    return rendered(chat.turns(), chat.tools(), chat.arguments(), generationPrompt).text();
  }

  /** Renders a conversation without a generation prompt, and says where the model speaks in it. */
  public Template.Rendered spoken(Prompt.Chat chat) {
    return rendered(chat.turns(), chat.tools(), chat.arguments(), false);
  }

  /**
   * Renders a conversation as it stands in JSON.
   *
   * @param messages a list of messages, with whatever fields they have
   * @param tools a list of tools, or null
   * @param given what else the template is given, for instance {@code enable_thinking}
   * @param generationPrompt whether what introduces the model's next turn is written at the end
   * @throws TemplateRefusal if the template does not take the conversation
   * @throws InputException if the template is at fault, or takes too long
   */
  public String render(
      JsonNode messages, JsonNode tools, JsonNode given, boolean generationPrompt) {
    return render(FromJson.messages(messages), tools, given, generationPrompt).text();
  }

  private Template.Rendered rendered(
      List<Turn> turns, JsonNode tools, JsonNode given, boolean generationPrompt) {
    List<Object> messages = new ArrayList<>(turns.size());
    for (Turn turn : turns) {
      messages.add(FromJson.message(turn));
    }
    return render(new PyList(messages), tools, given, generationPrompt);
  }

  private Template.Rendered render(
      Object messages, JsonNode tools, JsonNode given, boolean generationPrompt) {
    PyDict values = new PyDict();
    tokens.forEach(values::put);
    values.putAll(FromJson.arguments(arguments));
    values.putAll(FromJson.arguments(given));
    values.put("messages", messages);
    values.put("tools", FromJson.tools(tools));
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
   * @param prompt the prompt's conversation
   * @param answer what the model says
   * @return what stands after the rendered prompt; empty if the prompt alone is rendered
   *     differently from the prompt with the answer, so that there is no boundary
   */
  public Optional<String> response(String rendered, Prompt.Chat prompt, Turn answer) {
    String all = withAnswer(prompt, answer);
    return all.startsWith(rendered)
        ? Optional.of(all.substring(rendered.length()))
        : Optional.empty();
  }

  /**
   * Returns what a rendered prompt shares with the prompt followed by each of its answers: all of
   * it, or at least the conversation without the generation prompt. Where they part before that
   * there is no boundary, and the prompt is returned as it is.
   */
  public String shared(Prompt.Chat prompt, String rendered, List<Turn> answers) {
    int shared = rendered.length();
    for (Turn answer : answers) {
      String whole = withAnswer(prompt, answer);
      int at = 0;
      while (at < Math.min(shared, whole.length()) && whole.charAt(at) == rendered.charAt(at)) {
        at++;
      }
      shared = at;
    }
    boolean later =
        shared == rendered.length() || shared < withoutPrompt(render(prompt, false)).length();
    return later ? rendered : rendered.substring(0, shared);
  }

  private String withAnswer(Prompt.Chat prompt, Turn answer) {
    List<Turn> whole = new ArrayList<>(prompt.turns());
    whole.add(answer);
    return withoutPrompt(rendered(whole, prompt.tools(), prompt.arguments(), false).text());
  }

  /** Takes off what is written after every conversation, asked for or not. */
  public String withoutPrompt(String rendered) {
    String constant = constantPrompt();
    return !constant.isEmpty() && rendered.endsWith(constant)
        ? rendered.substring(0, rendered.length() - constant.length())
        : rendered;
  }

  /**
   * Returns whether a turn leaves a trace in the text, whatever it says: a role that the template
   * does not know may be passed over in silence.
   *
   * @param chat the conversation
   * @param turn which of its turns
   * @param rendered the conversation, rendered with or without a generation prompt
   * @param generationPrompt which of the two
   */
  public boolean leavesTrace(
      Prompt.Chat chat, int turn, String rendered, boolean generationPrompt) {
    Turn shown = chat.turns().get(turn);
    for (JsonNode call : shown.json().path("tool_calls")) {
      String name = call.path("function").path("name").asText(call.path("name").asText());
      if (!name.isEmpty() && rendered.contains(name)) {
        return true;
      }
      if (shown.content().isBlank()) {
        // There is nothing else to see of it.
        return false;
      }
    }
    List<Turn> other = new ArrayList<>(chat.turns());
    other.set(turn, marked(shown));
    try {
      return !rendered(other, chat.tools(), chat.arguments(), generationPrompt)
          .text()
          .equals(rendered);
    } catch (TemplateRefusal | InputException e) {
      // Whatever is wrong with the other text, it was looked at.
      return true;
    }
  }

  private static Turn marked(Turn turn) {
    String text = turn.content() + TRACE;
    if (turn.message().isEmpty()) {
      return new Turn(turn.role(), text);
    }
    ObjectNode message = turn.json().deepCopy();
    if (message.path("content").isArray()) {
      message.withArrayProperty("content").addObject().put("type", "text").put("text", TRACE);
    } else {
      message.put("content", text);
    }
    return new Turn(turn.role(), text, Optional.of(message));
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
