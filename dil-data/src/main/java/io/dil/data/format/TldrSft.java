package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Demonstration;
import io.dil.data.Parsed;
import io.dil.data.Prompt;

/** The filtered TL;DR set that the summarisation papers start from: a post and its own summary. */
final class TldrSft implements RowFormat {
  @Override
  public String name() {
    return "tldr-sft";
  }

  @Override
  public String summary() {
    return "Reddit TL;DR demonstrations (openai/summarize-from-feedback): a post and its summary";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.has("subreddit") && row.has("title") && row.has("post") && row.has("summary");
  }

  @Override
  public String exampleRow() {
    return "{\"id\": \"t3_1abc\", \"subreddit\": \"AskReddit\", \"title\": \"My cat\", \"post\":"
        + " \"It sleeps all day.\", \"summary\": \"Cat sleeps.\"}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String summary = Columns.text(row, "summary");
    // The comparisons' summaries begin with the space that follows "TL;DR:"; these must do so too.
    String response = summary.startsWith(" ") ? summary : " " + summary;
    return new Demonstration(
        Columns.id(row, id, "id"), new Prompt.Plain(TldrPrompt.of(row)), response);
  }
}
