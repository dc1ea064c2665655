package io.dil.examples.reproduction;

/**
 * A distribution of preference pairs over a small world: exact, or the shares of a sample.
 *
 * <p>Entry i says that prompt {@code prompt[i]} with the chosen answer {@code chosen[i]} and the
 * rejected answer {@code rejected[i]} has the probability {@code weight[i]}. Entries are in the
 * order of prompt, chosen, rejected, without those of weight 0; weights sum to 1.
 */
record PairCells(int[] prompt, int[] chosen, int[] rejected, double[] weight) {

  /** Returns the number of entries. */
  int size() {
    return weight.length;
  }

  /**
   * Returns the entries that are not 0.
   *
   * @param dense weights in the order of prompt, chosen, rejected, of any sum above 0
   * @param answers how many answers a prompt has
   */
  static PairCells of(double[] dense, int answers) {
    int size = 0;
    double sum = 0;
    for (double weight : dense) {
      size += weight > 0 ? 1 : 0;
      sum += weight;
    }
    PairCells cells = new PairCells(new int[size], new int[size], new int[size], new double[size]);
    int next = 0;
    for (int i = 0; i < dense.length; i++) {
      if (dense[i] > 0) {
        cells.prompt[next] = i / (answers * answers);
        cells.chosen[next] = i / answers % answers;
        cells.rejected[next] = i % answers;
        cells.weight[next++] = dense[i] / sum;
      }
    }
    return cells;
  }
}
