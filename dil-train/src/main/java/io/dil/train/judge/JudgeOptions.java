package io.dil.train.judge;

/**
 * How comparisons are judged.
 *
 * @param prompt what the judge is asked
 * @param judge what identifies the judge: its name, its server's host and all parameters
 * @param seed decides, with the row's id, which answer stands first
 * @param bothOrders whether every pair is judged twice, each answer first once
 * @param concurrency questions at once
 * @param priceIn of a million tokens read
 * @param priceOut of a million tokens written
 * @param maxCost where judging stops; 0 for nowhere
 * @param replyTokens the longest answer, for the estimate of costs
 */
public record JudgeOptions(
    JudgePrompt prompt,
    String judge,
    long seed,
    boolean bothOrders,
    int concurrency,
    double priceIn,
    double priceOut,
    double maxCost,
    int replyTokens) {}
