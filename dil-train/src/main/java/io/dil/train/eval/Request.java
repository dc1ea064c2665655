package io.dil.train.eval;

import java.util.List;

/**
 * What a model is asked for one row.
 *
 * @param row the row's number in its file's order, from 0
 * @param item the row
 * @param context what the model reads
 * @param continuations what it scores after it; empty where it writes
 */
record Request(int row, Item item, String context, List<String> continuations) {
  Request {
    continuations = List.copyOf(continuations);
  }
}
