package io.dil.data.token;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.Demonstration;
import io.dil.data.Drop;
import io.dil.data.Example;
import io.dil.data.LabelledResponse;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.Turn;
import io.dil.data.template.ChatTemplate;
import io.dil.data.template.TemplateRefusal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns examples into the token ids that one model expects.
 *
 * <ul>
 *   <li>The prompt is tokenised once, so its tokens are the same before every response ({@link
 *       Boundary} has the rule).
 *   <li>Plain text begins with one BOS where the model wants one; a rendered conversation has what
 *       its template writes.
 *   <li>A response ends with one EOS. None is added where text or template has ended it already,
 *       nor after a response that was cut.
 *   <li>{@link Truncation} says what is cut; what cannot be used is a {@link Drop}.
 * </ul>
 *
 * <p>Safe for use by several threads at once.
 */
public final class ExampleTokenizer {
  private final NativeTokenizer tokenizer;
  private final SpecialTokens specials;
  private final Boundary boundary;
  private final Optional<ChatTemplate> template;
  private final Truncation truncation;
  private final int largestId;

  private ExampleTokenizer(
      NativeTokenizer tokenizer,
      SpecialTokens specials,
      Optional<ChatTemplate> template,
      Truncation truncation,
      int largestId) {
    this.tokenizer = tokenizer;
    this.specials = specials;
    this.boundary = new Boundary(tokenizer);
    this.template = template;
    this.truncation = truncation;
    this.largestId = largestId;
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param folder a Hugging Face model folder with at least {@code tokenizer.json}
   * @param truncation how long an example may be
   * @throws InputException if there is none, or it cannot be used
   */
  public static ExampleTokenizer load(Path folder, Truncation truncation) {
    return load(folder, truncation, Optional.empty());
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param folder a Hugging Face model folder with at least {@code tokenizer.json}
   * @param truncation how long an example may be
   * @param chatTemplate the Jinja source of a chat template to use instead of the model's own
   * @throws InputException if there is no tokenizer, or it cannot be used
   */
  public static ExampleTokenizer load(
      Path folder, Truncation truncation, Optional<String> chatTemplate) {
    TokenizerFolder files = TokenizerFolder.read(folder);
    NativeTokenizer tokenizer = NativeTokenizer.load(folder.resolve("tokenizer.json"));
    SpecialTokens specials = SpecialTokens.of(files, tokenizer);
    Optional<ChatTemplate> template =
        chatTemplate
            .or(files::chatTemplate)
            .map(source -> ChatTemplate.of(source, specials.bosText(), specials.eosText()));
    return new ExampleTokenizer(tokenizer, specials, template, truncation, files.largestId());
  }

  /** Tokenises an example, or says why it cannot be used. */
  public Tokenized tokenize(Example example) {
    Tokenized whole = tokenizeWhole(example);
    return whole instanceof TokenizedExample uncut ? cut(uncut) : whole;
  }

  /** Tokenises an example in full length, or says why it cannot be used. */
  public Tokenized tokenizeWhole(Example example) {
    Optional<Drop> unusable = example.unusable();
    if (unusable.isPresent()) {
      return unusable.get();
    }
    if (example instanceof PreferencePair pair) {
      return pair(pair);
    }
    if (example instanceof LabelledResponse labelled) {
      return single(labelled, labelled.response(), labelled.desirable());
    }
    if (example instanceof Demonstration demonstration) {
      return single(demonstration, demonstration.response(), true);
    }
    throw new IllegalArgumentException("example must be of a known kind, got " + example);
  }

  private Tokenized pair(PreferencePair pair) {
    Continuation chosen = continuation(pair.prompt(), pair.chosen());
    Continuation rejected = continuation(pair.prompt(), pair.rejected());
    if (chosen.drop() != null || rejected.drop() != null) {
      return chosen.drop() != null ? chosen.drop() : Objects.requireNonNull(rejected.drop());
    }
    if (chosen.prompt().isEmpty()) {
      return Drop.EMPTY_PROMPT;
    }
    if (chosen.response().equals(rejected.response())) {
      return Drop.IDENTICAL_RESPONSES;
    }
    List<Tokens> responses = List.of(chosen.response(), rejected.response());
    return new TokenizedExample(pair.id(), new TokenGroup(chosen.prompt(), responses), true);
  }

  private Tokenized single(Example example, String text, boolean desirable) {
    Continuation whole = continuation(example.prompt(), text);
    if (whole.drop() != null) {
      return whole.drop();
    }
    Tokens prompt = whole.prompt();
    Tokens response = whole.response();
    if (prompt.isEmpty()) {
      // A text without prompt for a model without BOS: its first token has nothing to predict it.
      if (response.size() < 2) {
        return Drop.EMPTY_PROMPT;
      }
      prompt = response.slice(0, 1);
      response = response.slice(1, response.size());
    }
    return new TokenizedExample(example.id(), new TokenGroup(prompt, List.of(response)), desirable);
  }

  private Continuation continuation(Prompt prompt, String text) {
    return prompt instanceof Prompt.Chat chat
        ? rendered(chat, text)
        : plain(((Prompt.Plain) prompt).text(), text);
  }

  private Continuation plain(String prompt, String text) {
    Tokens body = tokenizer.encode(prompt);
    // A text that spells the BOS itself does not get a second one.
    Tokens start = startsWith(body, specials.prefix()) ? body : specials.prefix().then(body);
    Tokens response = boundary.continuation(prompt, body, text);
    boolean ended = !response.isEmpty() && specials.isEnd(response.get(response.size() - 1));
    return Continuation.of(start, ended ? response : response.then(Tokens.of(specials.eos())));
  }

  private Continuation rendered(Prompt.Chat prompt, String text) {
    ChatTemplate known =
        template.orElseThrow(
            () ->
                new InputException(
                    "model has no chat template, which a conversation needs; give one with"
                        + " chat_template"));
    Optional<ChatTemplate.Rendered> parts;
    try {
      parts = known.split(prompt.turns(), text);
    } catch (TemplateRefusal e) {
      return Continuation.dropped(Drop.TEMPLATE_REFUSED);
    }
    if (parts.isEmpty()) {
      return Continuation.dropped(Drop.TEMPLATE_BOUNDARY);
    }
    String start = parts.get().prompt();
    String rest = parts.get().response();
    Tokens body = tokenizer.encode(start);
    Tokens response = boundary.continuation(start, body, rest);
    return Continuation.of(
        body, isEnded(rest, text) ? response : response.then(Tokens.of(specials.eos())));
  }

  /** Returns whether the template wrote a special token after the answer, which ends the turn. */
  private boolean isEnded(String rest, String answer) {
    int at = rest.lastIndexOf(answer.strip());
    String tail = at < 0 ? rest : rest.substring(at + answer.strip().length());
    return tokenizer.encode(tail).stream().anyMatch(specials::isSpecialOrEnd);
  }

  /** Cuts an example of full length as {@link Truncation} says, or says why that leaves nothing. */
  public Tokenized cut(TokenizedExample example) {
    Tokens prompt = example.tokens().prompt();
    List<Tokens> responses = example.tokens().responses();
    Tokens kept = prompt;
    if (prompt.size() > truncation.maxPromptLength()) {
      int bos = startsWithBos(prompt) ? 1 : 0;
      int rest = truncation.maxPromptLength() - bos;
      kept = prompt.slice(0, bos).then(prompt.slice(prompt.size() - rest, prompt.size()));
    }
    int room = truncation.maxLength() - kept.size();
    if (room < 1) {
      return Drop.PROMPT_FILLS_MAX_LENGTH;
    }
    List<Tokens> cut = new ArrayList<>();
    for (Tokens response : responses) {
      cut.add(response.size() > room ? response.slice(0, room) : response);
    }
    if (cut.size() == 2 && cut.get(0).equals(cut.get(1))) {
      return Drop.IDENTICAL_AFTER_TRUNCATION;
    }
    return new TokenizedExample(example.id(), new TokenGroup(kept, cut), example.desirable());
  }

  private boolean startsWithBos(Tokens tokens) {
    return specials.bos().isPresent() && tokens.get(0) == specials.bos().get();
  }

  private static boolean startsWith(Tokens tokens, Tokens prefix) {
    return tokens.size() >= prefix.size() && tokens.slice(0, prefix.size()).equals(prefix);
  }

  /**
   * Checks that every id the tokenizer can give is one that the model has.
   *
   * @param vocabSize the model's {@code vocab_size}
   * @throws InputException if the tokenizer's vocabulary is larger
   */
  public void checkFits(int vocabSize) {
    if (largestId >= vocabSize) {
      throw new InputException(
          "tokenizer must fit the model's vocabulary of "
              + vocabSize
              + " tokens, got a tokenizer whose largest id is "
              + largestId);
    }
  }

  /** Returns the id that ends a response. */
  public int eosId() {
    return specials.eos();
  }

  /** Returns every id at which generation stops. */
  public Set<Integer> endIds() {
    return specials.ends();
  }

  /** Returns the ids of a plain prompt, with the BOS where the model wants one. */
  public Tokens encodePrompt(String text) {
    Tokens body = tokenizer.encode(text);
    return startsWith(body, specials.prefix()) ? body : specials.prefix().then(body);
  }

  /**
   * Returns the ids of a conversation, up to where the model begins to write.
   *
   * @throws InputException if the model has no chat template, or its template refuses the
   *     conversation
   */
  public Tokens encodePrompt(List<Turn> turns) {
    ChatTemplate known =
        template.orElseThrow(() -> new InputException("model has no chat template"));
    try {
      return tokenizer.encode(known.render(turns, true));
    } catch (TemplateRefusal e) {
      throw new InputException("chat template refuses the conversation: " + e.getMessage(), e);
    }
  }

  /** Returns the text that the ids spell, special tokens left out. */
  public String decode(Tokens tokens) {
    return tokenizer.decode(tokens, true);
  }

  /** Returns each token's own text, special tokens included, for people to look at. */
  public List<String> pieces(Tokens tokens) {
    // Decoders treat the first token differently; each is decoded behind one that is known.
    Tokens dot = tokenizer.encode(".");
    int skipped = tokenizer.decode(dot, false).length();
    return tokens.stream()
        .mapToObj(id -> tokenizer.decode(dot.then(Tokens.of(id)), false))
        .map(text -> text.substring(Math.min(skipped, text.length())))
        .toList();
  }

  /**
   * A prompt and one response as tokens, or why there are none.
   *
   * @param prompt the prompt's ids, the same for every response to it
   * @param response the response's ids with what ends it
   * @param drop the reason if they cannot be had
   */
  private record Continuation(Tokens prompt, Tokens response, @Nullable Drop drop) {
    static Continuation of(Tokens prompt, Tokens response) {
      return new Continuation(prompt, response, null);
    }

    static Continuation dropped(Drop drop) {
      return new Continuation(Tokens.of(), Tokens.of(), drop);
    }
  }
}
