package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;

/**
 * The Reddit TL;DR comparisons of openai/summarize-from-feedback: a post, two summaries, and which
 * one was preferred.
 */
final class TldrComparisons implements RowFormat {
  @Override
  public String name() {
    return "tldr";
  }

  @Override
  public String summary() {
    return "Reddit TL;DR comparisons (openai/summarize-from-feedback): info, summaries, choice";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("summaries").isArray() && row.has("choice") && row.has("info");
  }

  @Override
  public String exampleRow() {
    return "{\"info\": {\"id\": \"t3_1abc\", \"subreddit\": \"AskReddit\", \"title\": \"My cat\","
        + " \"post\": \"It sleeps all day.\"}, \"summaries\": [{\"text\": \" Cat sleeps.\"},"
        + " {\"text\": \" A pet.\"}], \"choice\": 0}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    JsonNode summaries = Columns.required(row, "summaries");
    if (!summaries.isArray() || summaries.size() != 2) {
      throw new RowException(
          "column 'summaries' must be a list of two, got " + summaries.size() + " of them");
    }
    JsonNode choice = Columns.required(row, "choice");
    if (!choice.isIntegralNumber() || choice.intValue() < 0 || choice.intValue() > 1) {
      throw Columns.wrongType("choice", "0 or 1", choice);
    }
    int chosen = choice.intValue();
    // A post has many comparisons, so its own id does not tell the rows apart.
    return new PreferencePair(
        id,
        new Prompt.Plain(TldrPrompt.of(Columns.required(row, "info"))),
        Columns.text(summaries.get(chosen), "text"),
        Columns.text(summaries.get(1 - chosen), "text"));
  }
}
