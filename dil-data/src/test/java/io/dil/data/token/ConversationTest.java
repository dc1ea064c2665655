package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.Demonstration;
import io.dil.data.Drop;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.TinyTokenizer;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which turns of a conversation are in the text, and which of them are learnt. */
final class ConversationTest {
  private static final String MARKED =
      "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}"
          + "{{ m.content }}{{ eos_token }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}"
          + "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
  private static final String PLAIN =
      MARKED.replace("{% generation %}", "").replace("{% endgeneration %}", "");

  private static final List<Turn> TALK =
      List.of(
          new Turn("system", "be brief"),
          new Turn("user", "one or two"),
          new Turn("assistant", "yes"),
          new Turn("user", "three"));

  private static ExampleTokenizer tokenizer(String template, boolean everyTurn) {
    return ExampleTokenizer.load(
        TinyTokenizer.folder(),
        Truncation.NONE,
        new ChatOptions(Optional.of(template), new JsonMapper().createObjectNode(), everyTurn));
  }

  private static Tokenized sft(String template, boolean everyTurn) {
    return tokenizer(template, everyTurn)
        .tokenize(new Demonstration("x", new Prompt.Chat(TALK), "no"));
  }

  /** Returns the text of what is learnt. */
  private static String learnt(String template, Tokenized example) {
    TokenGroup group = ((TokenizedExample) example).tokens();
    List<Integer> ids = new ArrayList<>();
    Tokens response = group.responses().get(0);
    for (int i = 0; i < response.size(); i++) {
      if (group.isScored(0, i)) {
        ids.add(response.get(i));
      }
    }
    assertEquals(ids.size(), group.scored(0));
    Tokens tokens = Tokens.of(ids.stream().mapToInt(id -> id).toArray());
    return String.join("", tokenizer(template, false).pieces(tokens));
  }

  @Test
  void learnsEveryAssistantTurnExactly() {
    String eos = learnt(PLAIN, sft(PLAIN, false)).substring(2);
    assertEquals("no" + eos, learnt(PLAIN, sft(PLAIN, false)));
    assertEquals("yes" + eos + "no" + eos, learnt(PLAIN, sft(PLAIN, true)));
    assertEquals("yes" + eos + "no" + eos, learnt(MARKED, sft(MARKED, true)));
    // Both ways of finding them give the same tokens.
    assertEquals(
        ((TokenizedExample) sft(PLAIN, true)).tokens(),
        ((TokenizedExample) sft(MARKED, true)).tokens());
  }

  @Test
  void refusesATemplateThatDoesNotSayWhereTheModelSpeaks() {
    String forgetful =
        "{% for m in messages %}<{{ m.role }}>{{ m.content if loop.last or m.role != 'assistant' "
            + "else m.content|upper }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
    assertEquals(Drop.NO_LEARNT_TURN, sft(forgetful, true));
    String hidden =
        "{% macro say(m) %}{% generation %}{{ m.content }}{% endgeneration %}{% endmacro %}"
            + "{% for m in messages %}<{{ m.role }}>{{ say(m) }}{% endfor %}";
    assertEquals(Drop.NO_LEARNT_TURN, sft(hidden, true));
  }

  @Test
  void dropsAConversationOfWhichATurnIsPassedOver() {
    String deaf =
        "{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";
    assertEquals(Drop.TURN_NOT_RENDERED, sft(deaf, false));
    assertEquals(
        "chat template must write every turn, got a turn of role 'system' of which nothing is in"
            + " the text",
        assertThrows(
                InputException.class,
                () -> tokenizer(deaf, false).encodePrompt(new Prompt.Chat(TALK)))
            .getMessage());
  }

  @Test
  void dropsAToolCallThatTheTemplateDoesNotWrite() throws Exception {
    Turn call =
        new Turn(
            "assistant",
            "",
            Optional.of(
                new JsonMapper()
                    .readTree(
                        "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":"
                            + "[{\"function\":{\"name\":\"add_up\"}}]}")));
    PreferencePair pair =
        new PreferencePair(
            "x",
            new Prompt.Chat(List.of(new Turn("user", "one or two"))),
            new Turn("assistant", "yes"),
            call);
    String deaf =
        "{% for m in messages %}<{{ m.role }}>{{ m.content or 'none' }}{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";
    assertEquals(Drop.TURN_NOT_RENDERED, tokenizer(deaf, false).tokenize(pair));
    String hearing =
        deaf.replace("m.content or 'none'", "m.content or m.tool_calls[0].function.name");
    assertTrue(tokenizer(hearing, false).tokenize(pair) instanceof TokenizedExample);
  }

  @Test
  void rendersToolsArgumentsAndReasoning() {
    String template =
        "{{ tools|tojson if tools }}{{ style }}{% for m in messages %}<{{ m.role }}>"
            + "{{ m.thinking }}{{ m.content }}{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";
    ExampleTokenizer tokenizer =
        ExampleTokenizer.load(
            TinyTokenizer.folder(),
            Truncation.NONE,
            new ChatOptions(
                Optional.of(template),
                new JsonMapper().createObjectNode().put("style", "a"),
                false));
    JsonMapper json = new JsonMapper();
    Turn thought =
        new Turn(
            "assistant",
            "yes",
            Optional.of(
                json.createObjectNode()
                    .put("role", "assistant")
                    .put("reasoning_content", "so ")
                    .put("content", "yes")));
    Prompt.Chat chat =
        new Prompt.Chat(
            List.of(new Turn("user", "q"), thought, new Turn("user", "r")),
            json.createArrayNode().addObject().put("name", "t"),
            json.createObjectNode());
    // Tools that are no list are refused, not shown.
    assertThrows(InputException.class, () -> tokenizer.encodePrompt(chat));
    Prompt.Chat good =
        new Prompt.Chat(
            chat.turns(),
            json.createArrayNode().add(json.createObjectNode().put("name", "t")),
            json.createObjectNode().put("style", "b"));
    assertEquals(
        "[{\"name\": \"t\"}]b<user>q<assistant>so yes<user>r<assistant>",
        String.join("", tokenizer.pieces(tokenizer.encodePrompt(good))).strip());
    Prompt.Chat usual =
        new Prompt.Chat(chat.turns(), NullNode.getInstance(), json.createObjectNode());
    assertTrue(
        String.join("", tokenizer.pieces(tokenizer.encodePrompt(usual))).strip().startsWith("a<"));
  }
}
