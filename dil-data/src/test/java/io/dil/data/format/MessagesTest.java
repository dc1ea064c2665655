package io.dil.data.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import io.dil.data.Demonstration;
import io.dil.data.LabelledResponse;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.data.source.DataSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What messages and rows have beside role and content, and rows in the layouts that people have.
 */
final class MessagesTest {
  private static final String CALL =
      "{'role':'assistant','content':null,'tool_calls':[{'type':'function','function':"
          + "{'name':'add','arguments':{'a':1}}}]}";

  private static JsonNode json(String row) throws Exception {
    return new JsonMapper().readTree(row.replace('\'', '"'));
  }

  private static Object read(String format, String row) throws Exception {
    return Formats.spelled(format).read("f:1", json(row));
  }

  private static Prompt.Chat prompt(Object example) {
    return (Prompt.Chat) ((io.dil.data.Example) example).prompt();
  }

  @Test
  void keepsEveryFieldOfAMessage() throws Exception {
    Demonstration row =
        (Demonstration)
            read(
                "sft",
                "{'messages':[{'role':'user','name':'Ann','content':[{'type':'text','text':'1+'},"
                    + "{'type':'text','text':'1'}]},"
                    + CALL
                    + ",{'role':'tool','name':'add','content':'2'},{'role':'assistant',"
                    + "'reasoning_content':'so','content':'Two.'}],'tools':[{'type':'function'}],"
                    + "'chat_template_kwargs':{'enable_thinking':false}}");
    List<Turn> turns = prompt(row).turns();
    assertEquals("1+1", turns.get(0).content());
    assertEquals("Ann", turns.get(0).json().get("name").asText());
    assertEquals(2, turns.get(0).json().get("content").size());
    assertEquals(json(CALL), turns.get(1).json());
    assertEquals("tool", turns.get(2).role());
    assertEquals("so", row.response().json().get("reasoning_content").asText());
    assertEquals(json("[{'type':'function'}]"), prompt(row).tools());
    assertEquals(json("{'enable_thinking':false}"), prompt(row).arguments());
  }

  @Test
  void takesAToolCallForAnAnswer() throws Exception {
    PreferencePair pair =
        (PreferencePair)
            read(
                "conversational",
                "{'prompt':'q','chosen':["
                    + CALL
                    + "],'rejected':[{'role':'assistant','content':'no'}]}");
    assertEquals(java.util.Optional.empty(), pair.unusable());
    assertEquals(json(CALL), pair.chosen().json());
  }

  @Test
  void readsShareGptWithItsSystemColumnAndItsToolTurns() throws Exception {
    Object row =
        read(
            "sharegpt",
            "{'system':'S','tools':'[{\\\"name\\\":\\\"t\\\"}]','conversations':["
                + "{'from':'human','value':'q'},{'from':'function_call','value':"
                + "'{\\\"name\\\":\\\"t\\\",\\\"arguments\\\":{\\\"x\\\":1}}'},"
                + "{'from':'observation','value':'o'},{'from':'gpt','value':'a'}]}");
    assertEquals(
        List.of("system", "user", "assistant", "tool"),
        prompt(row).turns().stream().map(Turn::role).toList());
    assertEquals(
        json("{'name':'t','arguments':{'x':1}}"),
        prompt(row).turns().get(2).json().get("tool_calls").get(0).get("function"));
    assertEquals(json("[{'name':'t'}]"), prompt(row).tools());
    assertEquals(new Turn("assistant", "a"), ((Demonstration) row).response());
  }

  @Test
  void refusesByNameWhatCannotBeKept() {
    for (Map.Entry<String, String> bad :
        Map.of(
                "{'prompt':'p','completion':'c','label':true,'system':'S'}",
                    "column 'system' needs",
                "{'messages':[{'role':'user','content':[{'type':'image'}]},{'role':'assistant','content':'a'}],'label':1}",
                    "text parts only, got one of type 'image'",
                "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':'a'}],'label':1,'tools':3}",
                    "column 'tools' must be a list of objects",
                "{'system':'S','messages':[{'role':'system','content':'T'},{'role':'assistant','content':'a'}],'label':1}",
                    "row must have one system turn")
            .entrySet()) {
      String message =
          assertThrows(RowException.class, () -> read("kto", bad.getKey())).getMessage();
      assertEquals(true, message.contains(bad.getValue()), message);
    }
  }

  @Test
  void findsColumnsUnderOtherNamesAndPaths() throws Exception {
    assertEquals(
        new PreferencePair("f:1", new Prompt.Plain("q"), "good", "bad"),
        read(
            "pairs,prompt=question,chosen=response_j,rejected=response_k",
            "{'question':'q','response_j':'good','response_k':'bad'}"));
    assertEquals(
        new PreferencePair("f:1", new Prompt.Plain("q"), "good", "bad"),
        read("pairs,chosen=a.0.t,rejected=a.1.t", "{'prompt':'q','a':[{'t':'good'},{'t':'bad'}]}"));
    assertEquals(
        "row must have a column 'best', got columns prompt",
        assertThrows(RowException.class, () -> read("pairs,chosen=best", "{'prompt':'q'}"))
            .getMessage());
    assertThrows(InputException.class, () -> Formats.spelled("pairs,chosen"));
    assertEquals("pairs,chosen=best", DataSpec.parse("pairs,chosen=best:x").format().name());
  }

  @Test
  void readsAlpacaInItsThreeShapes() throws Exception {
    Prompt asked = new Prompt.Chat(List.of(new Turn("user", "i\nn")));
    assertEquals(
        new Demonstration("f:1", asked, "o"),
        read("alpaca", "{'instruction':'i','input':'n','output':'o'}"));
    assertEquals(
        new PreferencePair("f:1", asked, "o", "p"),
        read("alpaca", "{'instruction':'i','input':'n','output':['o','p']}"));
    assertEquals(
        new PreferencePair("f:1", asked, "o", "p"),
        read("alpaca", "{'instruction':'i','input':'n','chosen':'o','rejected':'p'}"));
    assertEquals(
        new LabelledResponse("f:1", asked, "o", false),
        read("alpaca", "{'instruction':'i','input':'n','output':'o','kto_tag':false}"));
    assertEquals(
        4,
        prompt(
                read(
                    "alpaca",
                    "{'instruction':'i','output':'o','system':'s','history':[['a','b']]}"))
            .turns()
            .size());
  }

  @Test
  void readsComparisonsOfArticles() throws Exception {
    PreferencePair pair =
        (PreferencePair)
            read(
                "tldr",
                "{'info':{'article':'Rain.','post':null},'summaries':[{'text':'a'},{'text':'b'}],"
                    + "'choice':1}");
    assertEquals("Article:\n\nRain.\n\nTL;DR:\n\n", pair.prompt().asText());
    assertEquals("b", pair.chosen().content());
  }

  @Test
  void findsAFormatOnTheClassPath() throws Exception {
    assertEquals(
        new Demonstration("f:1", new Prompt.Plain("ask"), "say"),
        Formats.named("own-test").read("f:1", json("{'own_ask':'ask','own_say':'say'}")));
    assertEquals(
        "own-test", Formats.guess(json("{'own_ask':'','own_say':''}")).orElseThrow().name());
  }
}
