package io.dil.data.token;

/** A turn that the chat template passes over: nothing of it is in the text. */
final class UnseenTurn extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnseenTurn(String role) {
    super(
        "chat template must write every turn, got a turn of role '"
            + role.replaceAll("\\R", " ")
            + "' of which nothing is in the text");
  }
}
