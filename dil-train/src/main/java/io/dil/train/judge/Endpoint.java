package io.dil.train.judge;

import io.dil.data.Turn;
import java.util.List;

/** Something that answers a conversation: a server, or a model in this process. */
public interface Endpoint extends AutoCloseable {
  /**
   * An answer.
   *
   * @param text what it says
   * @param model the model that the endpoint says it was
   * @param version what else the endpoint says of it; empty for nothing
   * @param promptTokens tokens read; 0 where the endpoint does not say
   * @param replyTokens tokens written; 0 where the endpoint does not say
   */
  record Reply(String text, String model, String version, long promptTokens, long replyTokens) {}

  /**
   * Answers conversations, in their order.
   *
   * @throws io.dil.core.InputException if the call is at fault, so that asking again is of no use
   * @throws io.dil.train.TrainingException if no answer could be had
   */
  List<Reply> ask(List<List<Turn>> conversations);

  /** Returns how many conversations are best asked at once. */
  int batch();

  @Override
  void close();
}
