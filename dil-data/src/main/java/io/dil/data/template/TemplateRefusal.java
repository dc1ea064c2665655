package io.dil.data.template;

/** A template's own {@code raise_exception}: it does not take this conversation. */
public final class TemplateRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes a refusal with the template's own words. */
  public TemplateRefusal(String message) {
    super(message);
  }
}
