package io.dil.data.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import io.dil.data.Demonstration;
import io.dil.data.Drop;
import io.dil.data.LabelledResponse;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FormatsTest {
  private static final Turn ASK = new Turn("user", "q");

  private static Parsed read(String format, String row) throws Exception {
    return Formats.named(format).read("f:1", json(row));
  }

  private static JsonNode json(String row) throws Exception {
    return new JsonMapper().readTree(row.replace('\'', '"'));
  }

  @Test
  void everyFormatReadsAndRecognisesItsOwnExampleRow() throws Exception {
    Set<String> names = new HashSet<>();
    for (RowFormat format : Formats.all()) {
      assertTrue(names.add(format.name()), format::name);
      JsonNode row = new JsonMapper().readTree(format.exampleRow());
      assertTrue(format.read("f:1", row) instanceof io.dil.data.Example, format::name);
      assertEquals(format.name(), Formats.guess(row).orElseThrow().name());
      assertTrue(Formats.names().contains(format.name()), format::name);
    }
  }

  @Test
  void hhTakesThePromptUpToTheLastAssistantTurn() throws Exception {
    String start = "\\n\\nHuman: a\\n\\nAssistant: b\\n\\nHuman: c\\n\\nAssistant:";
    assertEquals(
        new PreferencePair("f:1", new Prompt.Plain(start.replace("\\n", "\n")), " good", " bad"),
        read("hh", "{'chosen':'" + start + " good','rejected':'" + start + " bad'}"));
    assertEquals(
        Drop.PROMPTS_DIFFER,
        read(
            "hh",
            "{'chosen':'\\n\\nHuman: a\\n\\nAssistant: x','rejected':'\\n\\nHuman: b\\n\\nAssistant: x'}"));
    assertThrows(
        RowException.class, () -> read("hh", "{'chosen':'no turns','rejected':'no turns'}"));
  }

  @Test
  void pairsFindAnImplicitPromptAndLeaveTheSpaceToTheResponse() throws Exception {
    assertEquals(
        new PreferencePair("7", new Prompt.Plain("p"), "a", "b"),
        read("pairs", "{'id':7,'prompt':'p','chosen':'a','rejected':'b'}"));
    assertEquals(
        new PreferencePair("f:1", new Prompt.Plain("The sky is"), " blue", " green"),
        read("pairs", "{'chosen':'The sky is blue','rejected':'The sky is green'}"));
    // 𝄞 and 𝄢 share their first half; the boundary must not fall inside.
    assertEquals(
        new PreferencePair("f:1", new Prompt.Plain("a"), "𝄞", "𝄢"),
        read("pairs", "{'chosen':'a𝄞','rejected':'a𝄢'}"));
  }

  @Test
  void ultrafeedbackReadsBothLayoutsAlike() throws Exception {
    PreferencePair expected = new PreferencePair("x", new Prompt.Chat(List.of(ASK)), "good", "bad");
    assertEquals(
        expected,
        read(
            "ultrafeedback",
            "{'prompt':'q','prompt_id':'x','chosen':[{'content':'q','role':'user'},"
                + "{'content':'good','role':'assistant'}],'rejected':[{'content':'q','role':'user'},"
                + "{'content':'bad','role':'assistant'}]}"));
    assertEquals(
        expected,
        read("ultrafeedback", "{'id':'x','prompt':'q','chosen':'good','rejected':'bad'}"));
    assertEquals(
        Drop.PROMPTS_DIFFER,
        read(
            "ultrafeedback",
            "{'chosen':[{'content':'q','role':'user'},{'content':'good','role':'assistant'}],"
                + "'rejected':[{'content':'r','role':'user'},{'content':'bad','role':'assistant'}]}"));
  }

  @Test
  void marginsStandInAColumnOfAnyFormat() throws Exception {
    assertEquals(1.5, margin("hh", "{'chosen':'a','rejected':'b','margin':1.5}"));
    assertEquals(-2, margin("pairs,margin=gap.by", "{'gap':{'by':-2}}"));
    assertEquals(0, margin("pairs", "{'margin':null}"));
    assertEquals(0, margin("pairs", "{}"));
    for (String bad : List.of("'x'", "true", "[1]", "1e999")) {
      assertThrows(RowException.class, () -> margin("pairs", "{'margin':" + bad + "}"), bad);
    }
  }

  private static double margin(String format, String row) throws Exception {
    return Formats.margin(
        Formats.spelled(format), new JsonMapper().readTree(row.replace('\'', '"')));
  }

  @Test
  void tldrShowsThePostAsTheSummarisationPapersDo() throws Exception {
    String prompt = "SUBREDDIT: r/s\n\nTITLE: t\n\nPOST: p\n\nTL;DR:";
    String info = "'info':{'subreddit':'s','title':'t','post':'p'}";
    assertEquals(
        new PreferencePair("f:1", new Prompt.Plain(prompt), " two", " one"),
        read("tldr", "{" + info + ",'summaries':[{'text':' one'},{'text':' two'}],'choice':1}"));
    assertThrows(
        RowException.class,
        () -> read("tldr", "{" + info + ",'summaries':[{'text':'a'},{'text':'b'}],'choice':2}"));
    assertEquals(
        new Demonstration("i", new Prompt.Plain(prompt), " sum"),
        read("tldr-sft", "{'id':'i','subreddit':'s','title':'t','post':'p','summary':'sum'}"));
  }

  @Test
  void sharegptAndConversationalGiveChats() throws Exception {
    PreferencePair expected =
        new PreferencePair("f:1", new Prompt.Chat(List.of(ASK)), "good", "bad");
    assertEquals(
        expected,
        read(
            "sharegpt",
            "{'conversations':[{'from':'human','value':'q'}],'chosen':{'from':'gpt','value':'good'},"
                + "'rejected':{'from':'gpt','value':'bad'}}"));
    String ask = "{'role':'user','content':'q'}";
    String good = "{'role':'assistant','content':'good'}";
    String bad = "{'role':'assistant','content':'bad'}";
    for (String row :
        List.of(
            "{'prompt':[%s],'chosen':[%s],'rejected':[%s]}".formatted(ask, good, bad),
            "{'prompt':[%1$s],'chosen':[%1$s,%2$s],'rejected':[%1$s,%3$s]}"
                .formatted(ask, good, bad),
            "{'chosen':[%1$s,%2$s],'rejected':[%1$s,%3$s]}".formatted(ask, good, bad))) {
      assertEquals(expected, read("conversational", row), row);
    }
    RowException two =
        assertThrows(
            RowException.class,
            () ->
                read(
                    "conversational",
                    "{'prompt':[%1$s],'chosen':[%2$s,%1$s,%2$s],'rejected':[%3$s]}"
                        .formatted(ask, good, bad)));
    assertTrue(two.getMessage().contains("one assistant message"), two::getMessage);
  }

  @Test
  void ktoAndSftReadTextAndMessages() throws Exception {
    String messages = "[{'role':'user','content':'q'},{'role':'assistant','content':'a'}]";
    Prompt chat = new Prompt.Chat(List.of(ASK));
    assertEquals(
        new LabelledResponse("f:1", chat, "a", false),
        read("kto", "{'messages':" + messages + ",'label':false}"));
    assertEquals(
        new LabelledResponse("f:1", new Prompt.Plain("p"), " c", true),
        read("kto", "{'prompt':'p','completion':' c','label':'True'}"));
    assertEquals(new Demonstration("f:1", chat, "a"), read("sft", "{'messages':" + messages + "}"));
    assertEquals(
        new Demonstration("f:1", new Prompt.Plain("p"), " c"),
        read("sft", "{'prompt':'p','completion':' c'}"));
    assertEquals(new Demonstration("f:1", Prompt.NONE, "t"), read("text", "{'text':'t'}"));
  }

  @Test
  void errorsNameTheColumnAndWhatItHeld() {
    assertEquals(
        "row must have a column 'chosen', got columns prompt, rejected",
        assertThrows(RowException.class, () -> read("pairs", "{'prompt':'p','rejected':'b'}"))
            .getMessage());
    assertEquals(
        "column 'chosen' must be a string, got number 3",
        assertThrows(
                RowException.class, () -> read("pairs", "{'prompt':'p','chosen':3,'rejected':'b'}"))
            .getMessage());
    assertEquals(
        "format must be one of " + Formats.names() + ", got nosuch",
        assertThrows(InputException.class, () -> Formats.named("nosuch")).getMessage());
  }
}
