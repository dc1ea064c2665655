package io.dil.train.eval;

import io.dil.core.InputException;
import io.dil.data.token.ContinuationTokenizer.Bos;

/**
 * How tasks are run. The first six change numbers, the rest does not.
 *
 * @param limit the most rows of a task, its first ones; {@link #ALL} for all
 * @param chat whether and how contexts are put into the model's chat template
 * @param bos whether sequences begin with a BOS; a task's own rule stands behind {@code AUTO}
 * @param maxLength the longest sequence in tokens, longer ones losing their start; 0 for what the
 *     model was made for
 * @param maxNewTokens the most tokens that are written; 0 for what the task says
 * @param fewshots the number of shots; {@link #AS_TASK} for what the task says
 * @param batchTokens tokens that are computed at once; 0 for what keeps the device busy
 * @param samples whether requests are written with the answers
 */
public record EvaluationOptions(
    int limit,
    Chat chat,
    Bos bos,
    int maxLength,
    int maxNewTokens,
    int fewshots,
    long batchTokens,
    boolean samples) {
  /** All rows. */
  public static final int ALL = Integer.MAX_VALUE;

  /** As many shots as the task says. */
  public static final int AS_TASK = -1;

  /** As every task says, without a chat template. */
  public static final EvaluationOptions DEFAULT =
      new EvaluationOptions(ALL, Chat.NONE, Bos.AUTO, 0, 0, AS_TASK, 0, false);

  /** How a context is put into the chat template. */
  public enum Chat {
    /** It is not: the context is plain text. */
    NONE,
    /** Shots and question are one user turn. */
    ONE_TURN,
    /** Every shot is a user turn with its answer. */
    TURNS
  }

  /** Checks the ranges. */
  public EvaluationOptions {
    if (limit < 1) {
      throw new InputException("limit must be at least 1, got " + limit);
    }
    if (maxLength < 0 || maxNewTokens < 0 || batchTokens < 0 || fewshots < AS_TASK) {
      throw new InputException(
          "max length, max new tokens, shots and batch tokens must not be negative, got "
              + maxLength
              + ", "
              + maxNewTokens
              + ", "
              + fewshots
              + ", "
              + batchTokens);
    }
  }

  /** Returns these options for the first rows alone. */
  public EvaluationOptions withLimit(int rows) {
    return new EvaluationOptions(
        rows, chat, bos, maxLength, maxNewTokens, fewshots, batchTokens, samples);
  }

  /** Returns these options with other bounds on lengths. */
  public EvaluationOptions withLengths(int longest, int newTokens) {
    return new EvaluationOptions(
        limit, chat, bos, longest, newTokens, fewshots, batchTokens, samples);
  }
}
