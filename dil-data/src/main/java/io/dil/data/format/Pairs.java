package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;

/**
 * Plain pairs: {@code prompt}, {@code chosen} and {@code rejected} as text, or only the last two.
 *
 * <p>Without a {@code prompt} column the prompt is what both texts begin with, less a final space,
 * which belongs to the response (as TRL's {@code extract_prompt} does).
 */
final class Pairs implements RowFormat {
  @Override
  public String name() {
    return "pairs";
  }

  @Override
  public String summary() {
    return "plain text pairs; without a prompt column the prompt is what both responses begin with";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("chosen").isTextual() && row.path("rejected").isTextual();
  }

  @Override
  public String exampleRow() {
    return "{\"prompt\": \"The sky is\", \"chosen\": \" blue.\", \"rejected\": \" green.\"}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String chosen = Columns.text(row, "chosen");
    String rejected = Columns.text(row, "rejected");
    Conversations.none(row);
    String ownId = Columns.id(row, id, "id", "prompt_id");
    if (row.hasNonNull("prompt")) {
      String prompt = Columns.text(row, "prompt");
      return new PreferencePair(ownId, new Prompt.Plain(prompt), chosen, rejected);
    }
    int end = sharedPrefix(chosen, rejected);
    return new PreferencePair(
        ownId,
        new Prompt.Plain(chosen.substring(0, end)),
        chosen.substring(end),
        rejected.substring(end));
  }

  private static int sharedPrefix(String one, String other) {
    int end = 0;
    int limit = Math.min(one.length(), other.length());
    while (end < limit && one.charAt(end) == other.charAt(end)) {
      end++;
    }
    if (end > 0 && one.charAt(end - 1) == ' ') {
      end--;
    }
    // A character outside the basic plane is two chars: never cut between them.
    if (end > 0 && Character.isHighSurrogate(one.charAt(end - 1))) {
      end--;
    }
    return end;
  }
}
