package io.dil.core.checkpoint;

/** The element types of safetensors files, with the code that torch gives each. */
public enum StorageType {
  /** IEEE double. */
  F64(8, 7),
  /** IEEE single. */
  F32(4, 6),
  /** IEEE half. */
  F16(2, 5),
  /** The upper half of an IEEE single. */
  BF16(2, 15),
  /** Signed 64-bit. */
  I64(8, 4),
  /** Signed 32-bit. */
  I32(4, 3),
  /** Signed 16-bit. */
  I16(2, 2),
  /** Signed 8-bit. */
  I8(1, 1),
  /** Unsigned 8-bit. */
  U8(1, 0),
  /** One byte a truth value. */
  BOOL(1, 11);

  private final int bytes;
  private final int torchCode;

  StorageType(int bytes, int torchCode) {
    this.bytes = bytes;
    this.torchCode = torchCode;
  }

  /** Returns the bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Returns torch's {@code ScalarType} code. */
  public int torchCode() {
    return torchCode;
  }

  /** Returns the type that has torch's code. */
  public static StorageType ofTorch(int code) {
    for (StorageType type : values()) {
      if (type.torchCode == code) {
        return type;
      }
    }
    throw new IllegalArgumentException("no type has torch's code " + code);
  }

  /** Returns whether weights may be of this type. */
  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }
}
