package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a task, one a row, made as they are asked for.
 *
 * <p>A context is the description, then every shot with its answer, then the question. Between a
 * question and its answer stands a blank, behind an answer an empty line, behind the description
 * nothing. In a chat the description is the system's turn, and a continuation begins without the
 * blank, since the template has begun the model's turn.
 */
final class Requests implements Iterable<Request> {
  private static final String ANSWER = " ";
  private static final String SHOT = "\n\n";

  private final Task task;
  private final List<TaskData.Located> rows;
  private final List<Item> pool;
  private final int shots;
  private final int limit;
  private final EvaluationOptions.Chat chat;
  private final Function<List<Turn>, String> template;

  private Requests(
      Task task,
      List<TaskData.Located> rows,
      List<Item> pool,
      int shots,
      EvaluationOptions options,
      Function<List<Turn>, String> template) {
    this.task = task;
    this.rows = rows;
    this.pool = pool;
    this.shots = shots;
    this.limit = Math.min(options.limit(), rows.size());
    this.chat = options.chat();
    this.template = template;
  }

  /**
   * Reads a task's rows.
   *
   * @param place where the data lie, see {@link TaskData#read}
   * @param template renders a conversation; called for chats only
   */
  static Requests of(
      Task task,
      @Nullable String place,
      EvaluationOptions options,
      Function<List<Turn>, String> template) {
    List<TaskData.Located> rows = task.data().read(task.name(), place, "test");
    Shots shots = task.shots();
    int count =
        options.fewshots() == EvaluationOptions.AS_TASK ? shots.count() : options.fewshots();
    List<Item> pool = new ArrayList<>();
    if (count > 0 && !shots.rows().isEmpty()) {
      int number = 0;
      for (JsonNode row : shots.rows()) {
        pool.add(task.layout().read(row, task + ": shot " + number++));
      }
    } else if (count > 0 && !shots.from().isEmpty()) {
      for (TaskData.Located row : task.data().read(task.name(), place, shots.from())) {
        pool.add(task.layout().read(row.columns(), row.place()));
      }
    }
    if (pool.size() < count) {
      throw new InputException(
          task + ": shots must be at least " + count + ", got " + pool.size() + " to choose from");
    }
    return new Requests(task, rows, pool, count, options, template);
  }

  /** Returns the rows that are asked for, by their numbers in the file, in the order asked. */
  List<Integer> rows() {
    int[] order = order(random());
    return IntStream.range(0, limit).map(at -> order.length == 0 ? at : order[at]).boxed().toList();
  }

  private boolean isShuffled() {
    return task.shots().draw() == Shots.Draw.SHUFFLED;
  }

  private PythonRandom random() {
    return new PythonRandom(isShuffled() ? Shots.SEED_2023 : Shots.SEED);
  }

  /** Returns the order of all rows, or nothing for the file's. */
  private int[] order(PythonRandom random) {
    return isShuffled() ? random.shuffled(rows.size()) : new int[0];
  }

  @Override
  public Iterator<Request> iterator() {
    PythonRandom random = random();
    int[] order = order(random);
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        return at < limit;
      }

      @Override
      public Request next() {
        if (at >= limit) {
          throw new NoSuchElementException();
        }
        int row = order.length == 0 ? at : order[at];
        at++;
        return request(row, drawn(random));
      }
    };
  }

  private List<Item> drawn(PythonRandom random) {
    if (task.shots().draw() == Shots.Draw.FIRST || shots == 0) {
      return pool.subList(0, shots);
    }
    List<Item> chosen = new ArrayList<>();
    for (int index : random.sample(pool.size(), shots)) {
      chosen.add(pool.get(index));
    }
    return chosen;
  }

  private Request request(int row, List<Item> examples) {
    TaskData.Located found = rows.get(row);
    Item item = task.layout().read(found.columns(), found.place());
    boolean plain = chat == EvaluationOptions.Chat.NONE;
    String context =
        plain
            ? task.description() + solved(examples) + item.text()
            : template.apply(turns(item, examples));
    List<String> continuations =
        task.generation().isPresent()
            ? List.of()
            : item.choices().stream().map(choice -> plain ? ANSWER + choice : choice).toList();
    return new Request(row, item, context, continuations);
  }

  private static String solved(List<Item> examples) {
    StringBuilder text = new StringBuilder();
    for (Item example : examples) {
      text.append(example.text()).append(ANSWER).append(example.answer()).append(SHOT);
    }
    return text.toString();
  }

  private List<Turn> turns(Item item, List<Item> examples) {
    List<Turn> turns = new ArrayList<>();
    if (!task.description().isEmpty()) {
      turns.add(new Turn(Turn.SYSTEM, task.description()));
    }
    if (chat == EvaluationOptions.Chat.ONE_TURN) {
      turns.add(new Turn(Turn.USER, solved(examples) + item.text()));
      return turns;
    }
    for (Item example : examples) {
      turns.add(new Turn(Turn.USER, example.text()));
      turns.add(new Turn(Turn.ASSISTANT, example.answer()));
    }
    turns.add(new Turn(Turn.USER, item.text()));
    return turns;
  }
}
