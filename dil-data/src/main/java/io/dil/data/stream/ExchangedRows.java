package io.dil.data.stream;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.Drop;
import io.dil.data.TokenizedExample;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/** What became of a batch's rows, from the processes that worked on them to all others. */
final class ExchangedRows {
  private static final byte EXAMPLE = 0;
  private static final byte DROP = 1;
  private static final byte ERROR = 2;

  private ExchangedRows() {}

  /**
   * Returns the outcomes of all rows of a batch.
   *
   * @param own this process's outcomes, {@link RowWork.Outcome#ELSEWHERE} where a row is another's
   */
  static List<RowWork.Outcome> exchange(List<RowWork.Outcome> own, DataShare share) {
    try {
      List<RowWork.Outcome> all = new ArrayList<>(own);
      byte[][] messages = share.gather().apply(written(own));
      for (int r = 0; r < messages.length; r++) {
        if (r != share.rank()) {
          read(messages[r], all);
        }
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] written(List<RowWork.Outcome> own) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int i = 0; i < own.size(); i++) {
      RowWork.Outcome outcome = own.get(i);
      if (outcome.isKnown()) {
        out.writeInt(i);
        write(outcome, out);
      }
    }
    return bytes.toByteArray();
  }

  private static void read(byte[] message, List<RowWork.Outcome> all) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(message));
    while (in.available() > 0) {
      int i = in.readInt();
      RowWork.Outcome outcome = read(in);
      if (!all.get(i).isKnown()) {
        all.set(i, outcome);
      }
    }
  }

  private static void write(RowWork.Outcome outcome, DataOutputStream out) throws IOException {
    ContentKey key = outcome.key();
    out.writeBoolean(key != null);
    if (key != null) {
      out.writeLong(key.high());
      out.writeLong(key.low());
    }
    InputException error = outcome.error();
    if (error != null) {
      out.writeByte(ERROR);
      text(String.valueOf(error.getMessage()), out);
    } else if (outcome.result() instanceof TokenizedExample example) {
      out.writeByte(EXAMPLE);
      write(example, out);
    } else {
      out.writeByte(DROP);
      out.writeUTF(((Drop) Objects.requireNonNull(outcome.result())).name());
    }
  }

  private static RowWork.Outcome read(DataInputStream in) throws IOException {
    ContentKey key = in.readBoolean() ? new ContentKey(in.readLong(), in.readLong()) : null;
    return switch (in.readByte()) {
      case ERROR -> new RowWork.Outcome(null, key, new InputException(text(in)));
      case EXAMPLE -> new RowWork.Outcome(example(in), key, null);
      default -> new RowWork.Outcome(Drop.valueOf(in.readUTF()), key, null);
    };
  }

  private static void write(TokenizedExample example, DataOutputStream out) throws IOException {
    text(example.id(), out);
    out.writeBoolean(example.desirable());
    out.writeDouble(example.margin());
    TokenGroup group = example.tokens();
    write(group.prompt(), out);
    out.writeInt(group.responses().size());
    for (Tokens response : group.responses()) {
      write(response, out);
    }
    out.writeBoolean(!group.skipped().isEmpty());
    for (BitSet skipped : group.skipped()) {
      byte[] bits = skipped.toByteArray();
      out.writeInt(bits.length);
      out.write(bits);
    }
  }

  private static TokenizedExample example(DataInputStream in) throws IOException {
    String id = text(in);
    boolean desirable = in.readBoolean();
    double margin = in.readDouble();
    Tokens prompt = tokens(in);
    List<Tokens> responses = new ArrayList<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      responses.add(tokens(in));
    }
    List<BitSet> skipped = new ArrayList<>();
    if (in.readBoolean()) {
      for (int i = 0; i < count; i++) {
        skipped.add(BitSet.valueOf(in.readNBytes(in.readInt())));
      }
    }
    return new TokenizedExample(id, new TokenGroup(prompt, responses, skipped), desirable, margin);
  }

  private static void write(Tokens tokens, DataOutputStream out) throws IOException {
    out.writeInt(tokens.size());
    for (int i = 0; i < tokens.size(); i++) {
      out.writeInt(tokens.get(i));
    }
  }

  private static Tokens tokens(DataInputStream in) throws IOException {
    int[] ids = new int[in.readInt()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = in.readInt();
    }
    return Tokens.of(ids);
  }

  // A row's id or an error may be longer than what writeUTF takes.
  private static void text(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
