package io.dil.train.eval;

/**
 * A benchmark of one's own that has a name: {@code dil eval --tasks} and {@code eval_tasks} take
 * it.
 *
 * <p>The class has a public constructor without arguments, and its name stands in {@code
 * META-INF/services/io.dil.train.eval.TaskProvider}. Without a class, a task file is named by its
 * path.
 */
public interface TaskProvider {
  /** Returns the name, and the {@code task} of the file. */
  String name();

  /** Returns the task file's content, a YAML map; {@code docs/evaluation.md} lists the keys. */
  String yaml();
}
