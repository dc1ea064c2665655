package io.dil.train.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A verdict; a line of {@code judgements.jsonl}.
 *
 * @param key a hash of all that the answer depends on
 * @param id the row's id
 * @param swapped whether b stood first
 * @param winner {@code a}, {@code b} or {@code invalid}
 * @param prompt what the judge was asked
 * @param reply what it answered
 */
record Judgement(
    String key, String id, boolean swapped, String winner, String prompt, Endpoint.Reply reply) {
  static final String A = "a";
  static final String B = "b";
  static final String INVALID = "invalid";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns a's score: 1, 0, or NaN without a verdict. */
  double score() {
    return winner.equals(A) ? 1 : winner.equals(B) ? 0 : Double.NaN;
  }

  /** Returns whether the answer that stood first won; without meaning where none did. */
  boolean firstWon() {
    return winner.equals(A) != swapped;
  }

  ObjectNode toJson() {
    return JSON.createObjectNode()
        .put("key", key)
        .put("id", id)
        .put("order", swapped ? "ba" : "ab")
        .put("winner", winner)
        .put("reply", reply.text())
        .put("model", reply.model())
        .put("system_fingerprint", reply.version())
        .put("prompt_tokens", reply.promptTokens())
        .put("completion_tokens", reply.replyTokens())
        .put("prompt", prompt);
  }

  static Judgement of(JsonNode line) {
    return new Judgement(
        line.path("key").asText(),
        line.path("id").asText(),
        line.path("order").asText().equals("ba"),
        line.path("winner").asText(),
        line.path("prompt").asText(),
        new Endpoint.Reply(
            line.path("reply").asText(),
            line.path("model").asText(),
            line.path("system_fingerprint").asText(),
            line.path("prompt_tokens").asLong(),
            line.path("completion_tokens").asLong()));
  }
}
