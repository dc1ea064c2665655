package io.dil.train.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.Drop;
import io.dil.data.Example;
import io.dil.data.LabelledResponse;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.Turn;
import io.dil.data.token.ExampleTokenizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shows one row: its text, and its tokens with a bar where the prompt ends and the response begins.
 */
final class ExampleView {
  private static final String BOLD = "\u001b[1m";
  private static final String DIM = "\u001b[2m";
  private static final String GREEN = "\u001b[32m";
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";

  private final Optional<ExampleTokenizer> tokenizer;
  private final boolean colour;

  ExampleView(Optional<ExampleTokenizer> tokenizer, boolean colour) {
    this.tokenizer = tokenizer;
    this.colour = colour;
  }

  String text(Parsed row) {
    if (!(row instanceof Example example)) {
      return painted(BOLD, "(dropped: " + ((Drop) row).reason() + ")") + "\n";
    }
    List<String> names = names(example);
    StringBuilder out = new StringBuilder();
    Optional<Tokenized> tokens = tokenizer.map(t -> t.tokenize(example));
    out.append(painted(BOLD, "── " + example.id() + note(example, names, tokens))).append('\n');
    out.append(painted(DIM, "prompt   ")).append(prompt(example.prompt())).append('\n');
    for (int i = 0; i < names.size(); i++) {
      out.append(painted(ink(example, i), "%-9s".formatted(names.get(i))))
          .append(shown(example.answers().get(i)))
          .append('\n');
    }
    if (tokens.isPresent() && tokens.get() instanceof TokenizedExample tokenized) {
      for (int i = 0; i < names.size(); i++) {
        // Each line says whose tokens it has: without colours nothing else does.
        out.append(painted(ink(example, i), "%-9s".formatted(names.get(i))))
            .append(painted(DIM, "tokens   " + pieces(tokenized.tokens().prompt())))
            .append(painted(BOLD, " ┃ "))
            .append(learnt(tokenized.tokens(), i, ink(example, i)))
            .append('\n');
      }
    }
    return out.toString();
  }

  private static String note(Example example, List<String> names, Optional<Tokenized> tokens) {
    String label =
        example instanceof LabelledResponse labelled
            ? (labelled.desirable() ? " · desirable" : " · undesirable")
            : "";
    if (tokens.isEmpty()) {
      return label;
    }
    if (!(tokens.get() instanceof TokenizedExample tokenized)) {
      return label + " · dropped: " + ((Drop) tokens.get()).reason();
    }
    StringBuilder lengths = new StringBuilder(label + " · tokens: prompt ");
    lengths.append(tokenized.tokens().prompt().size());
    for (int i = 0; i < names.size(); i++) {
      lengths
          .append(", ")
          .append(names.get(i))
          .append(' ')
          .append(tokenized.tokens().responses().get(i).size());
    }
    return lengths.toString();
  }

  private static String prompt(Prompt prompt) {
    if (prompt instanceof Prompt.Chat chat) {
      StringBuilder out = new StringBuilder();
      for (Turn turn : chat.turns()) {
        out.append("\n  ").append(turn.role()).append(": ").append(shown(turn));
      }
      return out.toString();
    }
    return prompt.asText();
  }

  /** A turn's text, and what else it has as JSON. */
  private static String shown(Turn turn) {
    return turn.message().map(JsonNode::toString).orElse(turn.content());
  }

  /** A response's tokens; those that are read and not learnt stand in brackets. */
  private String learnt(TokenGroup group, int response, String ink) {
    Tokens tokens = group.responses().get(response);
    StringBuilder out = new StringBuilder();
    int from = 0;
    while (from < tokens.size()) {
      boolean scored = group.isScored(response, from);
      int to = from;
      while (to < tokens.size() && group.isScored(response, to) == scored) {
        to++;
      }
      String text = pieces(tokens.slice(from, to));
      out.append(scored ? painted(ink, text) : painted(DIM, " ⟦" + text + "⟧ "));
      from = to;
    }
    return out.toString();
  }

  private String pieces(Tokens tokens) {
    List<String> pieces = tokenizer.map(t -> t.pieces(tokens)).orElse(List.of());
    return String.join("|", pieces).replace("\n", "\\n");
  }

  private static List<String> names(Example example) {
    return example instanceof PreferencePair ? List.of("chosen", "rejected") : List.of("response");
  }

  private static String ink(Example example, int response) {
    boolean bad =
        response == 1 || (example instanceof LabelledResponse labelled && !labelled.desirable());
    return bad ? RED : GREEN;
  }

  private String painted(String ink, String text) {
    return colour ? ink + text + PLAIN : text;
  }

  Map<String, Object> json(Parsed row) {
    Map<String, Object> out = new LinkedHashMap<>();
    if (!(row instanceof Example example)) {
      out.put("dropped", ((Drop) row).reason());
      return out;
    }
    out.put("id", example.id());
    out.put(
        "prompt",
        example.prompt() instanceof Prompt.Chat chat ? turns(chat) : example.prompt().asText());
    List<String> names = names(example);
    for (int i = 0; i < names.size(); i++) {
      Turn answer = example.answers().get(i);
      out.put(names.get(i), answer.message().isEmpty() ? answer.content() : answer.json());
    }
    if (example instanceof LabelledResponse labelled) {
      out.put("desirable", labelled.desirable());
    }
    tokenizer.ifPresent(known -> addTokens(out, known.tokenize(example), names));
    return out;
  }

  private static void addTokens(Map<String, Object> out, Tokenized tokens, List<String> names) {
    if (!(tokens instanceof TokenizedExample tokenized)) {
      out.put("dropped", ((Drop) tokens).reason());
      return;
    }
    Map<String, Object> ids = new LinkedHashMap<>();
    ids.put("prompt", tokenized.tokens().prompt().toArray());
    for (int i = 0; i < names.size(); i++) {
      ids.put(names.get(i), tokenized.tokens().responses().get(i).toArray());
    }
    TokenGroup group = tokenized.tokens();
    if (!group.skipped().isEmpty()) {
      for (int i = 0; i < names.size(); i++) {
        ids.put(names.get(i) + "_not_learnt", group.skipped().get(i).stream().toArray());
      }
    }
    out.put("tokens", ids);
  }

  private static List<JsonNode> turns(Prompt.Chat chat) {
    return chat.turns().stream().map(Turn::json).toList();
  }
}
