package io.dil.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.Tokens;
import io.dil.data.token.ContinuationTokenizer;
import io.dil.data.token.ContinuationTokenizer.Bos;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and their tokens are those of the harness, character for character and id for id. */
class HarnessRequestsTest {
  private static List<Request> requests(String golden, int count, EvaluationOptions options) {
    Requests all =
        Requests.of(Goldens.task(golden), Goldens.data(), options, turns -> chat().chat(turns));
    List<Request> first = new ArrayList<>();
    for (Iterator<Request> it = all.iterator(); first.size() < count && it.hasNext(); ) {
      first.add(it.next());
    }
    return first;
  }

  private static ContinuationTokenizer chat() {
    return ContinuationTokenizer.load(
        Goldens.assets().resolve("tokenizers/llama3-hf"), Bos.AUTO, Optional.empty());
  }

  private static List<String> goldens() {
    File[] files = Goldens.folder().resolve("requests").toFile().listFiles();
    return Arrays.stream(files)
        .map(file -> file.getName().replace(".json", ""))
        .sorted()
        .collect(Collectors.toList());
  }

  @Test
  void contextsChoicesAndGoldsAreTheHarnesss() {
    int compared = 0;
    for (String name : goldens()) {
      JsonNode golden = Goldens.read("requests/" + name + ".json");
      List<Request> mine = requests(name, golden.path("docs").size(), EvaluationOptions.DEFAULT);
      for (int i = 0; i < golden.path("docs").size(); i++) {
        JsonNode doc = golden.path("docs").get(i);
        Request request = mine.get(i);
        String context =
            golden.path("shared_context_prefix").asText() + doc.path("context").asText();
        assertEquals(context, request.context(), name + " " + i);
        assertEquals(doc.path("context_sha256").asText(), Goldens.sha256(request.context()));
        assertEquals(doc.path("doc_id").asInt(), request.row());
        if (doc.has("continuations")) {
          List<String> continuations = new ArrayList<>();
          doc.path("continuations").forEach(one -> continuations.add(one.asText()));
          assertEquals(continuations, request.continuations());
          int gold = doc.path("gold").asInt();
          assertEquals(gold == -100 ? Item.NONE : gold, request.item().gold());
        } else {
          Task.Generation generation = Goldens.task(name).generation().orElseThrow();
          List<String> until = new ArrayList<>();
          doc.path("generation").path("until").forEach(one -> until.add(one.asText()));
          assertEquals(until, generation.until());
          assertEquals(
              doc.path("generation").path("max_gen_toks").asInt(256), generation.maxNewTokens());
        }
        compared++;
      }
    }
    assertEquals(160, compared);
  }

  @Test
  void chatsAreTheHarnesss() {
    for (JsonNode row : Goldens.read("requests_chat.json").path("rows")) {
      EvaluationOptions.Chat way =
          row.path("fewshot_as_multiturn").asBoolean()
              ? EvaluationOptions.Chat.TURNS
              : EvaluationOptions.Chat.ONE_TURN;
      EvaluationOptions options =
          new EvaluationOptions(
              EvaluationOptions.ALL, way, Bos.AUTO, 0, 0, EvaluationOptions.AS_TASK, 0, false);
      int id = row.path("doc_id").asInt();
      Request request = requests(row.path("task").asText(), id + 1, options).get(id);
      assertEquals(row.path("context").asText(), request.context());
      List<String> continuations = new ArrayList<>();
      row.path("continuations").forEach(one -> continuations.add(one.asText()));
      assertEquals(continuations, request.continuations());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama2,tokenizers/llama2-hf",
    "llama3,tokenizers/llama3-hf",
    "gpt-neox-20b,tokenizers/gpt-neox-20b",
    "stories260K,models/stories260K-hf",
    "TinyStories-656K,models/TinyStories-656K-f32"
  })
  void tokensAreTheHarnesss(String golden, String folder) {
    Path place = Goldens.assets().resolve(folder);
    JsonNode numbers = Goldens.read("tokens/" + golden + ".json");
    ContinuationTokenizer tokenizer = ContinuationTokenizer.load(place, Bos.AUTO, Optional.empty());
    assertEquals(numbers.path("adds_bos").asBoolean(), tokenizer.addsBos());
    Map<String, List<Request>> known = new HashMap<>();
    int crossed = 0;
    for (JsonNode row : numbers.path("rows")) {
      String task = row.path("task").asText();
      List<Request> requests =
          known.computeIfAbsent(task, name -> requests(name, 30, EvaluationOptions.DEFAULT));
      Request request = requests.get(row.path("doc_id").asInt());
      ContinuationTokenizer.Encoded encoded =
          request.continuations().isEmpty()
              ? new ContinuationTokenizer.Encoded(tokenizer.encode(request.context()), List.of())
              : tokenizer.encode(request.context(), request.continuations());
      assertEquals(row.path("context_tokens").asInt(), encoded.context().size());
      assertEquals(row.path("context_ids").asText(), hash(encoded.context()));
      for (int i = 0; i < row.path("continuation_ids").size(); i++) {
        assertEquals(
            row.path("continuation_ids").get(i).asText(),
            hash(encoded.continuations().get(i)),
            task + " " + request.row() + " " + i);
        crossed++;
      }
    }
    assertEquals(730, crossed);
  }

  private static String hash(Tokens tokens) {
    String ids = tokens.stream().mapToObj(Integer::toString).collect(Collectors.joining(" "));
    return Goldens.sha256(ids).substring(0, 16);
  }
}
