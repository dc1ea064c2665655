package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A Reddit post as the summarisation papers show it to the model (Stiennon et al. 2020, "Learning
 * to summarize from human feedback", appendix on the SFT set; the same text as trl-lib/tldr).
 */
final class TldrPrompt {
  private TldrPrompt() {}

  static String of(JsonNode post) {
    if (post.hasNonNull("article")) {
      // The CNN/DM part of the comparisons, as the same authors' code shows it.
      return "Article:\n\n" + Columns.text(post, "article") + "\n\nTL;DR:\n\n";
    }
    return "SUBREDDIT: r/"
        + Columns.text(post, "subreddit")
        + "\n\nTITLE: "
        + Columns.text(post, "title")
        + "\n\nPOST: "
        + Columns.text(post, "post")
        + "\n\nTL;DR:";
  }
}
