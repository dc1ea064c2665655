package io.dil.data.token;

import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.data.template.ChatTemplate;
import io.dil.data.template.jinja.Span;
import io.dil.data.template.jinja.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the model speaks in a conversation, exactly.
 *
 * <p>A template that has {@code generation} blocks says so itself. For any other, the conversation
 * up to a turn is rendered with the generation prompt, which is where that turn begins, and with
 * the turn, which is where it ends; both must be beginnings of the whole text. A template that
 * writes a turn differently when others follow has no such places, and the conversation is not
 * used.
 *
 * @param text the whole conversation
 * @param spans the parts of it that are learnt, in order; at least one
 * @param marked whether the template's own blocks say so, so that nothing is added at the end
 */
record LearntParts(String text, List<Span> spans, boolean marked) {
  /** Finds them; empty if there are none, or they cannot be told. */
  static Optional<LearntParts> of(ChatTemplate template, Prompt.Chat chat) {
    Template.Rendered whole = template.spoken(chat);
    if (whole.hasLostSpans()) {
      return Optional.empty();
    }
    if (!whole.spoken().isEmpty()) {
      List<Span> spans = whole.spoken().stream().filter(span -> span.to() > span.from()).toList();
      return spans.isEmpty()
          ? Optional.empty()
          : Optional.of(new LearntParts(whole.text(), spans, true));
    }
    return byPrefixes(template, chat, template.withoutPrompt(whole.text()));
  }

  private static Optional<LearntParts> byPrefixes(
      ChatTemplate template, Prompt.Chat chat, String text) {
    List<Span> spans = new ArrayList<>();
    int end = 0;
    for (int i = 0; i < chat.turns().size(); i++) {
      if (!chat.turns().get(i).role().equals(Turn.ASSISTANT)) {
        continue;
      }
      if (i == 0) {
        // Nothing introduces it, and nothing is there to answer.
        return Optional.empty();
      }
      String before = template.render(upTo(chat, i), true);
      String with = template.withoutPrompt(template.render(upTo(chat, i + 1), false));
      boolean inOrder =
          text.startsWith(before)
              && text.startsWith(with)
              && before.length() >= end
              && with.length() > before.length();
      if (!inOrder) {
        return Optional.empty();
      }
      spans.add(new Span(before.length(), with.length()));
      end = with.length();
    }
    return spans.isEmpty() ? Optional.empty() : Optional.of(new LearntParts(text, spans, false));
  }

  private static Prompt.Chat upTo(Prompt.Chat chat, int turns) {
    return new Prompt.Chat(chat.turns().subList(0, turns), chat.tools(), chat.arguments());
  }
}
