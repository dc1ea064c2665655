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
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
  private final PromptOpener prompts;
  private final Truncation truncation;
  private final boolean everyTurn;
  private final int largestId;

  private ExampleTokenizer(
      NativeTokenizer tokenizer,
      SpecialTokens specials,
      PromptOpener prompts,
      Truncation truncation,
      boolean everyTurn,
      int largestId) {
    this.tokenizer = tokenizer;
    this.specials = specials;
    this.prompts = prompts;
    this.truncation = truncation;
    this.everyTurn = everyTurn;
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
    return load(folder, truncation, ChatOptions.of(chatTemplate));
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param folder a Hugging Face model folder with at least {@code tokenizer.json}
   * @param truncation how long an example may be
   * @param chats how conversations become text and what of them is learnt
   * @throws InputException if there is no tokenizer, or it cannot be used
   */
  public static ExampleTokenizer load(Path folder, Truncation truncation, ChatOptions chats) {
    TokenizerFolder files = TokenizerFolder.read(folder);
    NativeTokenizer tokenizer = NativeTokenizer.load(folder.resolve("tokenizer.json"));
    SpecialTokens specials = SpecialTokens.of(files, tokenizer);
    Map<String, String> names = TemplateTokens.of(files);
    names.putIfAbsent("eos_token", specials.eosText());
    Optional<ChatTemplate> template =
        chats
            .template()
            .or(files::chatTemplate)
            .map(source -> ChatTemplate.of(source, names).with(chats.arguments()));
    PromptOpener prompts =
        new PromptOpener(TextTokenizer.of(tokenizer, files.tokenizer()), specials, template);
    return new ExampleTokenizer(
        tokenizer, specials, prompts, truncation, chats.everyTurn(), files.largestId());
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
    try {
      return known(example);
    } catch (TemplateRefusal e) {
      return Drop.TEMPLATE_REFUSED;
    } catch (UnseenTurn e) {
      return Drop.TURN_NOT_RENDERED;
    }
  }

  private Tokenized known(Example example) {
    if (example instanceof PreferencePair pair) {
      return pair(pair);
    }
    if (example instanceof LabelledResponse labelled) {
      return single(labelled, labelled.response(), labelled.desirable());
    }
    if (example instanceof Demonstration demonstration) {
      if (everyTurn && demonstration.prompt() instanceof Prompt.Chat chat) {
        return everyTurn(demonstration, chat);
      }
      return single(demonstration, demonstration.response(), true);
    }
    throw new IllegalArgumentException("example must be of a known kind, got " + example);
  }

  private Tokenized pair(PreferencePair pair) {
    OpenedPrompt prompt = opened(pair);
    Optional<Tokens> chosen = prompt.response(pair.chosen());
    Optional<Tokens> rejected = prompt.response(pair.rejected());
    if (chosen.isEmpty() || rejected.isEmpty()) {
      return Drop.TEMPLATE_BOUNDARY;
    }
    if (prompt.tokens().isEmpty()) {
      return Drop.EMPTY_PROMPT;
    }
    if (chosen.equals(rejected)) {
      return Drop.IDENTICAL_RESPONSES;
    }
    List<Tokens> responses = List.of(chosen.get(), rejected.get());
    return new TokenizedExample(
        pair.id(), new TokenGroup(prompt.tokens(), responses), true, pair.margin());
  }

  private OpenedPrompt opened(Example example) {
    return example.prompt() instanceof Prompt.Chat chat
        ? prompts.open(chat, example.answers())
        : prompts.open(example.prompt());
  }

  private Tokenized everyTurn(Demonstration example, Prompt.Chat chat) {
    // The prompt's own check: every turn must be in the text.
    prompts.open(chat);
    List<Turn> turns = new ArrayList<>(chat.turns());
    turns.add(example.response());
    Optional<PromptOpener.Whole> whole =
        prompts.whole(new Prompt.Chat(turns, chat.tools(), chat.arguments()));
    if (whole.isEmpty() || whole.get().prompt().isEmpty()) {
      return Drop.NO_LEARNT_TURN;
    }
    PromptOpener.Whole found = whole.get();
    return new TokenizedExample(
        example.id(),
        new TokenGroup(found.prompt(), List.of(found.response()), List.of(found.skipped())),
        true);
  }

  private Tokenized single(Example example, Turn text, boolean desirable) {
    OpenedPrompt opened = opened(example);
    Tokens prompt = opened.tokens();
    Optional<Tokens> whole = opened.response(text);
    if (whole.isEmpty()) {
      return Drop.TEMPLATE_BOUNDARY;
    }
    Tokens response = whole.get();
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
    List<BitSet> skipped = example.tokens().skipped();
    if (!skipped.isEmpty() && skipped.get(0).nextClearBit(0) >= cut.get(0).size()) {
      return Drop.PROMPT_FILLS_MAX_LENGTH;
    }
    if (cut.size() == 2 && cut.get(0).equals(cut.get(1))) {
      return Drop.IDENTICAL_AFTER_TRUNCATION;
    }
    return new TokenizedExample(
        example.id(), new TokenGroup(kept, cut, skipped), example.desirable(), example.margin());
  }

  private boolean startsWithBos(Tokens tokens) {
    return specials.bos().isPresent() && tokens.get(0) == specials.bos().get();
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

  /**
   * Returns the id that fills sequences up to one length where something does: the tokenizer's
   * {@code pad_token}, or else that which ends a response, as in TRL.
   */
  public int padId() {
    return specials.pad();
  }

  /** Returns every id at which generation stops. */
  public Set<Integer> endIds() {
    return specials.ends();
  }

  /**
   * Returns the ids of a prompt, up to where the model begins to write.
   *
   * @throws InputException if it is a conversation and the model has no chat template, or its
   *     template refuses it
   */
  public Tokens encodePrompt(Prompt prompt) {
    try {
      return prompts.open(prompt).tokens();
    } catch (UnseenTurn e) {
      throw new InputException(String.valueOf(e.getMessage()), e);
    } catch (TemplateRefusal e) {
      throw new InputException("chat template refuses the conversation: " + e.getMessage(), e);
    }
  }

  /** Returns the ids of a plain prompt, with the BOS where the model wants one. */
  public Tokens encodePrompt(String text) {
    return encodePrompt(new Prompt.Plain(text));
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
}
