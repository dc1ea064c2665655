package io.dil.data.token;

import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.data.Turn;
import io.dil.data.template.ChatTemplate;
import io.dil.data.template.TemplateRefusal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tokenises a context and what may follow it by the rule of EleutherAI's lm-evaluation-harness
 * ({@code _encode_pair}), which is not that of training ({@link ExampleTokenizer}).
 *
 * <p>White space at the context's end moves to the continuation's start. With {@code whole} the
 * tokens of both texts together and {@code c} those of the context alone, the continuation's tokens
 * are {@code whole[len(c):]}, and the model reads {@code c} before them. Where the texts' border
 * lies inside a token that is no tokenisation of the text; the published numbers were made so.
 *
 * <p>Safe for use by several threads at once.
 */
public final class ContinuationTokenizer {
  /** Whether a sequence begins with a BOS. */
  public enum Bos {
    /** As the tokenizer's own files say. */
    AUTO,
    /** Wherever the model has one. */
    TRUE,
    /** Never; the harness's default until version 0.4.9.1 of 2025. */
    FALSE
  }

  /**
   * A context and its continuations.
   *
   * @param context the tokens that the model reads first
   * @param continuations the tokens that are scored, one entry a text
   */
  public record Encoded(Tokens context, List<Tokens> continuations) {
    /** Copies the list. */
    public Encoded {
      continuations = List.copyOf(continuations);
    }
  }

  private final NativeTokenizer library;
  private final TextTokenizer tokenizer;
  private final SpecialTokens specials;
  private final Optional<ChatTemplate> template;
  private final Tokens prefix;
  private final int largestId;

  private ContinuationTokenizer(
      NativeTokenizer library,
      TextTokenizer tokenizer,
      SpecialTokens specials,
      Optional<ChatTemplate> template,
      Tokens prefix,
      int largestId) {
    this.library = library;
    this.tokenizer = tokenizer;
    this.specials = specials;
    this.template = template;
    this.prefix = prefix;
    this.largestId = largestId;
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param folder a Hugging Face model folder with at least {@code tokenizer.json}
   * @param bos whether sequences begin with a BOS
   * @param chatTemplate the Jinja source of a chat template to use instead of the model's own
   * @throws InputException if there is no tokenizer, it cannot be used, or it names no EOS
   */
  public static ContinuationTokenizer load(Path folder, Bos bos, Optional<String> chatTemplate) {
    TokenizerFolder files = TokenizerFolder.read(folder);
    NativeTokenizer library = NativeTokenizer.load(folder.resolve("tokenizer.json"));
    SpecialTokens specials = SpecialTokens.of(files, library);
    Optional<ChatTemplate> template =
        chatTemplate
            .or(files::chatTemplate)
            .map(source -> ChatTemplate.of(source, specials.bosText(), specials.eosText()));
    return new ContinuationTokenizer(
        library,
        TextTokenizer.of(library, files.tokenizer()),
        specials,
        template,
        prefix(specials, bos),
        files.largestId());
  }

  private static Tokens prefix(SpecialTokens specials, Bos bos) {
    return switch (bos) {
      case AUTO -> specials.prefix();
      case TRUE -> specials.bos().map(Tokens::of).orElse(Tokens.of());
      case FALSE -> Tokens.of();
    };
  }

  /** Returns this tokenizer with another rule for the BOS. */
  public ContinuationTokenizer with(Bos bos) {
    return new ContinuationTokenizer(
        library, tokenizer, specials, template, prefix(specials, bos), largestId);
  }

  /** Returns whether sequences begin with a BOS. */
  public boolean addsBos() {
    return !prefix.isEmpty();
  }

  /** Returns the ids of a text, with the BOS where one is wanted and the text has none. */
  public Tokens encode(String text) {
    Tokens body = tokenizer.encode(text);
    String bos = specials.bosText();
    return !bos.isEmpty() && text.startsWith(bos) ? body : prefix.then(body);
  }

  /**
   * Tokenises a context and texts that may follow it.
   *
   * @throws InputException if a text adds no token to its context
   */
  public Encoded encode(String context, List<String> continuations) {
    List<Tokens> all = new ArrayList<>();
    if (context.isEmpty()) {
      Tokens start = Tokens.of(specials.bos().orElse(specials.eos()));
      for (String continuation : continuations) {
        Tokens own = tokenizer.encode(continuation);
        boolean begun = !own.isEmpty() && own.get(0) == start.get(0);
        all.add(required(begun ? own.slice(1, own.size()) : own, continuation));
      }
      return new Encoded(start, all);
    }
    int end = context.length();
    while (end > 0 && isPythonSpace(context.charAt(end - 1))) {
      end--;
    }
    String kept = context.substring(0, end);
    String moved = context.substring(end);
    Tokens before = encode(kept);
    for (String continuation : continuations) {
      Tokens whole = encode(kept + moved + continuation);
      int from = Math.min(before.size(), whole.size());
      all.add(required(whole.slice(from, whole.size()), continuation));
    }
    return new Encoded(before, all);
  }

  private static Tokens required(Tokens tokens, String text) {
    if (tokens.isEmpty()) {
      throw new InputException(
          "continuation must add a token to its context, got '" + text + "', which adds none");
    }
    return tokens;
  }

  /** Returns whether Python's {@code str.isspace} holds: no-break spaces are white space there. */
  static boolean isPythonSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /**
   * Renders a conversation up to where the model begins to write. Where the template refuses a
   * system message, it is left out, as the harness does.
   *
   * @throws InputException if the model has no chat template, or its template refuses the rest
   */
  public String chat(List<Turn> turns) {
    ChatTemplate known =
        template.orElseThrow(
            () ->
                new InputException(
                    "model has no chat template, which --chat needs; give one with"
                        + " --chat-template"));
    try {
      return known.render(turns, true);
    } catch (TemplateRefusal e) {
      List<Turn> rest = turns.stream().filter(turn -> !turn.role().equals(Turn.SYSTEM)).toList();
      if (rest.size() == turns.size()) {
        throw new InputException("chat template refuses the conversation: " + e.getMessage(), e);
      }
      return chat(rest);
    }
  }

  /** Returns the text that the ids spell, special tokens left out. */
  public String decode(Tokens tokens) {
    return library.decode(tokens, true);
  }

  /** Returns the text that the ids spell, special tokens included. */
  public String decodeWhole(Tokens tokens) {
    return library.decode(tokens, false);
  }

  /** Returns every id at which generation stops. */
  public Set<Integer> endIds() {
    return specials.ends();
  }

  /** Returns the EOS as text. */
  public String eosText() {
    return specials.eosText();
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
}
