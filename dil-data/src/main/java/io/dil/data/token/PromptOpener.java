package io.dil.data.token;

import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.data.template.ChatTemplate;
import java.util.List;
import java.util.Optional;

/** Tokenises prompts, plain and conversational, and the responses to them. */
final class PromptOpener {
  private final TextTokenizer tokenizer;
  private final SpecialTokens specials;
  private final Optional<ChatTemplate> template;
  private final Boundary boundary;

  PromptOpener(TextTokenizer tokenizer, SpecialTokens specials, Optional<ChatTemplate> template) {
    this.tokenizer = tokenizer;
    this.specials = specials;
    this.template = template;
    this.boundary = new Boundary(tokenizer);
  }

  /**
   * Tokenises a prompt.
   *
   * @throws io.dil.data.template.TemplateRefusal if the chat template does not take it
   */
  OpenedPrompt open(Prompt prompt) {
    return prompt instanceof Prompt.Chat chat ? chat(chat.turns()) : plain(prompt.asText());
  }

  private OpenedPrompt plain(String text) {
    Boundary.Opening opening = boundary.open(text);
    Tokens body = opening.tokens();
    // A text that spells the BOS itself does not get a second one.
    Tokens prefix = specials.prefix();
    boolean begun = body.size() >= prefix.size() && body.slice(0, prefix.size()).equals(prefix);
    return new Plain(begun ? body : prefix.then(body), opening);
  }

  private OpenedPrompt chat(List<Turn> turns) {
    ChatTemplate known =
        template.orElseThrow(
            () ->
                new InputException(
                    "model has no chat template, which a conversation needs; give one with"
                        + " chat_template"));
    String start = known.render(turns, true);
    return new Rendered(known, turns, start, boundary.open(start));
  }

  private final class Plain implements OpenedPrompt {
    private final Tokens tokens;
    private final Boundary.Opening opening;

    Plain(Tokens tokens, Boundary.Opening opening) {
      this.tokens = tokens;
      this.opening = opening;
    }

    @Override
    public Tokens tokens() {
      return tokens;
    }

    @Override
    public Optional<Tokens> response(String text) {
      Tokens response = boundary.continuation(opening, text);
      boolean ended = !response.isEmpty() && specials.isEnd(response.get(response.size() - 1));
      return Optional.of(ended ? response : response.then(Tokens.of(specials.eos())));
    }
  }

  private final class Rendered implements OpenedPrompt {
    private final ChatTemplate known;
    private final List<Turn> turns;
    private final String start;
    private final Boundary.Opening opening;

    Rendered(ChatTemplate known, List<Turn> turns, String start, Boundary.Opening opening) {
      this.known = known;
      this.turns = turns;
      this.start = start;
      this.opening = opening;
    }

    @Override
    public Tokens tokens() {
      return opening.tokens();
    }

    @Override
    public Optional<Tokens> response(String text) {
      return known.response(start, turns, text).map(rest -> ended(rest, text));
    }

    private Tokens ended(String rest, String answer) {
      Tokens response = boundary.continuation(opening, rest);
      // What the template writes after the answer ends the turn if a special token is in it.
      String core = answer.strip();
      int at = rest.lastIndexOf(core);
      String tail = at < 0 ? rest : rest.substring(at + core.length());
      boolean ended = tokenizer.encode(tail).stream().anyMatch(specials::isSpecialOrEnd);
      return ended ? response : response.then(Tokens.of(specials.eos()));
    }
  }
}
