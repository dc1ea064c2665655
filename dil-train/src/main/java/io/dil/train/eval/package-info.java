/**
 * Benchmarks as the field counts them: tasks, requests, metrics and the engine that answers them.
 * The rules are those of EleutherAI's lm-evaluation-harness 0.4.13 unless a task says otherwise.
 */
@NullMarked
package io.dil.train.eval;

import org.jspecify.annotations.NullMarked;
