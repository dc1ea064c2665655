package io.dil.data.template.python;

/**
 * What a name or attribute that does not exist stands for. It prints as nothing, is false and
 * empty; anything else that is done with it is an error, which says what is missing.
 */
public final class Undefined {
  private final String message;

  private Undefined(String message) {
    this.message = message;
  }

  /** A variable that is not there. */
  public static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  /** An attribute or element that a value does not have. */
  public static Undefined of(Object owner, Object key) {
    String type = owner == None.NONE ? "None" : Types.name(owner) + " object";
    if (key instanceof String attribute) {
      return new Undefined("'" + type + "' has no attribute '" + attribute + "'");
    }
    return new Undefined(type + " has no such element");
  }

  /** An attribute that templates may not touch, as Jinja's sandbox has it. */
  public static Undefined unsafe(Object owner, String attribute) {
    return because(
        "access to attribute '" + attribute + "' of '" + Types.name(owner) + "' object is unsafe");
  }

  /** Something else that is not there. */
  public static Undefined because(String message) {
    return new Undefined(message);
  }

  /** Returns the error of using it. */
  public RenderError used() {
    return RenderError.undefined(message);
  }
}
