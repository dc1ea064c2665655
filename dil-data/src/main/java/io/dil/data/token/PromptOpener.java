package io.dil.data.token;

import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.data.template.ChatTemplate;
import io.dil.data.template.TemplateRefusal;
import io.dil.data.template.jinja.Span;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Tokenises prompts, plain and conversational, and the responses to them. */
final class PromptOpener {
  /** A text this long is found in another only if it is there. */
  private static final int TELLING = 8;

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
   * @throws TemplateRefusal if the chat template does not take it
   */
  OpenedPrompt open(Prompt prompt) {
    return prompt instanceof Prompt.Chat chat ? chat(chat) : plain(prompt.asText());
  }

  private OpenedPrompt plain(String text) {
    Boundary.Opening opening = boundary.open(text);
    Tokens body = opening.tokens();
    // A text that spells the BOS itself does not get a second one.
    Tokens prefix = specials.prefix();
    boolean begun = body.startsWith(prefix);
    return new Plain(begun ? body : prefix.then(body), opening);
  }

  private OpenedPrompt chat(Prompt.Chat chat) {
    return open(chat, List.of());
  }

  /**
   * Tokenises a conversation up to the answers that are given to it.
   *
   * <p>Some templates open the model's turn in another way when they ask for it than when it is
   * there, with {@code <think>} for instance. What the answers' own renderings begin with is then
   * the prompt, as in TRL.
   *
   * @throws TemplateRefusal if the chat template does not take it
   */
  OpenedPrompt open(Prompt.Chat chat, List<Turn> answers) {
    ChatTemplate known = template();
    String asked = known.render(chat, true);
    requireTraces(known, chat, asked);
    String start = known.shared(chat, asked, answers);
    return new Rendered(known, chat, start, boundary.open(start));
  }

  private ChatTemplate template() {
    return template.orElseThrow(
        () ->
            new InputException(
                "model has no chat template, which a conversation needs; give one with"
                    + " --chat-template FILE, or chat_template_path in a configuration"));
  }

  /** Checks that every turn of a prompt is in its text. */
  private static void requireTraces(ChatTemplate known, Prompt.Chat chat, String rendered) {
    int at = 0;
    for (int i = 0; i < chat.turns().size(); i++) {
      Turn turn = chat.turns().get(i);
      String core = turn.content().strip();
      int found = core.isEmpty() ? -1 : rendered.indexOf(core, at);
      boolean usual = turn.role().equals(Turn.USER) || turn.role().equals(Turn.ASSISTANT);
      boolean plain = usual && core.length() >= TELLING && found >= 0;
      if (!plain && !known.leavesTrace(chat, i, rendered, true)) {
        throw new UnseenTurn(turn.role());
      }
      at = found < 0 ? at : found + core.length();
    }
  }

  /**
   * A demonstration of which every assistant turn is learnt.
   *
   * @param prompt what stands before the first learnt token
   * @param response the rest, up to the last learnt token
   * @param skipped the places in the response that are not learnt
   */
  record Whole(Tokens prompt, Tokens response, BitSet skipped) {}

  /** Tokenises a conversation of which every assistant turn is learnt; empty if that cannot be. */
  Optional<Whole> whole(Prompt.Chat chat) {
    ChatTemplate known = template();
    Optional<LearntParts> found = LearntParts.of(known, chat);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    LearntParts parts = found.get();
    String text = parts.text();
    Tokens prompt = boundary.open(text.substring(0, parts.spans().get(0).from())).tokens();
    Tokens all = prompt;
    BitSet skipped = new BitSet();
    int at = parts.spans().get(0).from();
    for (Span span : parts.spans()) {
      Tokens between = continued(text, at, span.from(), all);
      skipped.set(all.size() - prompt.size(), all.size() - prompt.size() + between.size());
      all = all.then(between);
      Tokens spoken = continued(text, span.from(), span.to(), all);
      all = all.then(spoken);
      at = span.to();
    }
    Tokens response = all.slice(prompt.size(), all.size());
    if (!parts.marked()) {
      Span last = parts.spans().get(parts.spans().size() - 1);
      String answer = chat.turns().get(lastAnswer(chat)).content();
      response = ended(response, text.substring(last.from(), last.to()), answer);
    }
    return response.isEmpty()
        ? Optional.empty()
        : Optional.of(new Whole(prompt, response, skipped));
  }

  private static int lastAnswer(Prompt.Chat chat) {
    int last = chat.turns().size() - 1;
    while (!chat.turns().get(last).role().equals(Turn.ASSISTANT)) {
      last--;
    }
    return last;
  }

  private Tokens continued(String text, int from, int to, Tokens before) {
    return boundary.continuation(
        new Boundary.Opening(text.substring(0, from), before), text.substring(from, to));
  }

  /** Adds the EOS unless what the template writes after the answer ends the turn already. */
  private Tokens ended(Tokens response, String rest, String answer) {
    String core = answer.strip();
    int at = rest.lastIndexOf(core);
    String tail = at < 0 ? rest : rest.substring(at + core.length());
    boolean ended = tokenizer.encode(tail).stream().anyMatch(specials::isSpecialOrEnd);
    return ended ? response : response.then(Tokens.of(specials.eos()));
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
    public Optional<Tokens> response(Turn answer) {
      Tokens response = boundary.continuation(opening, answer.content());
      boolean ended = !response.isEmpty() && specials.isEnd(response.get(response.size() - 1));
      return Optional.of(ended ? response : response.then(Tokens.of(specials.eos())));
    }
  }

  private final class Rendered implements OpenedPrompt {
    private final ChatTemplate known;
    private final Prompt.Chat chat;
    private final String start;
    private final Boundary.Opening opening;

    Rendered(ChatTemplate known, Prompt.Chat chat, String start, Boundary.Opening opening) {
      this.known = known;
      this.chat = chat;
      this.start = start;
      this.opening = opening;
    }

    @Override
    public Tokens tokens() {
      return opening.tokens();
    }

    @Override
    public Optional<Tokens> response(Turn answer) {
      Optional<String> rest = known.response(start, chat, answer);
      rest.ifPresent(text -> requireTrace(answer, text));
      return rest.map(text -> ended(boundary.continuation(opening, text), text, answer.content()));
    }

    private void requireTrace(Turn answer, String rest) {
      String core = answer.content().strip();
      if (core.isEmpty() || !rest.contains(core)) {
        List<Turn> whole = new ArrayList<>(chat.turns());
        whole.add(answer);
        Prompt.Chat all = new Prompt.Chat(whole, chat.tools(), chat.arguments());
        if (!known.leavesTrace(all, whole.size() - 1, known.render(all, false), false)) {
          throw new UnseenTurn(answer.role());
        }
      }
    }
  }
}
