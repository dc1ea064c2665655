package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Demonstration;
import io.dil.data.LabelledResponse;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.List;

/**
 * Alpaca's columns as LLaMA-Factory reads them: {@code instruction}, {@code input} and {@code
 * output}, with {@code system} and {@code history} where they are there.
 *
 * <p>With {@code chosen} and {@code rejected}, or with two texts in {@code output} (its older
 * layout), a row is a pair; with {@code kto_tag} it is a labelled response.
 */
final class Alpaca implements RowFormat {
  @Override
  public String name() {
    return "alpaca";
  }

  @Override
  public String summary() {
    return "Alpaca: instruction, input and output, or chosen and rejected (LLaMA-Factory)";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("instruction").isTextual()
        && (row.has("output") || (row.has("chosen") && row.has("rejected")));
  }

  @Override
  public String exampleRow() {
    return "{\"instruction\": \"Name the capital.\", \"input\": \"Norway\", \"output\": \"Oslo.\"}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String ownId = Columns.id(row, id, "id");
    Prompt.Chat prompt = Conversations.chat(row, turns(row));
    if (row.hasNonNull("chosen")) {
      return new PreferencePair(
          ownId, prompt, Columns.text(row, "chosen"), Columns.text(row, "rejected"));
    }
    JsonNode output = Columns.required(row, "output");
    if (output.isArray()) {
      if (output.size() != 2 || !output.get(0).isTextual() || !output.get(1).isTextual()) {
        throw Columns.wrongType("output", "a string or a list of two", output);
      }
      return new PreferencePair(
          ownId, prompt, output.get(0).textValue(), output.get(1).textValue());
    }
    String answer = Columns.text(row, "output");
    return row.hasNonNull("kto_tag")
        ? new LabelledResponse(ownId, prompt, answer, Columns.flag(row, "kto_tag"))
        : new Demonstration(ownId, prompt, answer);
  }

  private static List<Turn> turns(JsonNode row) {
    List<Turn> turns = new ArrayList<>();
    for (JsonNode pair : row.path("history")) {
      if (pair.size() != 2 || !pair.path(0).isTextual() || !pair.path(1).isTextual()) {
        throw Columns.wrongType("history", "a list of pairs of strings", row.path("history"));
      }
      turns.add(new Turn(Turn.USER, pair.get(0).textValue()));
      turns.add(new Turn(Turn.ASSISTANT, pair.get(1).textValue()));
    }
    String question = Columns.text(row, "instruction");
    String input = row.hasNonNull("input") ? Columns.text(row, "input") : "";
    boolean both = !question.isEmpty() && !input.isEmpty();
    turns.add(new Turn(Turn.USER, question + (both ? "\n" : "") + input));
    return turns;
  }
}
