package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Drop;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;

/**
 * Anthropic HH: two whole conversations as text, which differ after the last {@code
 * \n\nAssistant:}.
 *
 * <p>The prompt is everything up to and including that mark, as in the reference code of DPO
 * (eric-mitchell/direct-preference-optimization, {@code extract_anthropic_prompt}). A few published
 * rows differ before it; they are dropped as {@link Drop#PROMPTS_DIFFER}.
 */
final class Hh implements RowFormat {
  private static final String MARK = "\n\nAssistant:";

  @Override
  public String name() {
    return "hh";
  }

  @Override
  public String summary() {
    return "Anthropic HH: whole conversations as text, the prompt inside both up to the last"
        + " \\n\\nAssistant:";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("chosen").asText().contains(MARK)
        && row.path("rejected").asText().contains(MARK)
        && !row.has("prompt");
  }

  @Override
  public String exampleRow() {
    return "{\"chosen\": \"\\n\\nHuman: How do I store basil?\\n\\nAssistant: Stems in water, leaves"
        + " in the air.\", \"rejected\": \"\\n\\nHuman: How do I store basil?\\n\\nAssistant: In the"
        + " freezer.\"}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String chosen = Columns.text(row, "chosen");
    String rejected = Columns.text(row, "rejected");
    int boundary = boundary(chosen, "chosen");
    // Both sides must agree on the prompt, and the rejected side must not go on for another turn.
    if (boundary != boundary(rejected, "rejected")
        || !chosen.regionMatches(0, rejected, 0, boundary)) {
      return Drop.PROMPTS_DIFFER;
    }
    return new PreferencePair(
        Columns.id(row, id, "id"),
        new Prompt.Plain(chosen.substring(0, boundary)),
        chosen.substring(boundary),
        rejected.substring(boundary));
  }

  private static int boundary(String conversation, String column) {
    int at = conversation.lastIndexOf(MARK);
    if (at < 0) {
      throw new RowException(
          "column '" + column + "' must hold a turn that begins \\n\\nAssistant:, got none");
    }
    return at + MARK.length();
  }
}
