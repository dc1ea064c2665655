package io.dil.train.rank;

import io.dil.core.InputException;
import io.dil.core.collective.HostLink;
import io.dil.core.collective.TcpLink;
import java.util.Map;

/** Where ranks meet that no MPI has brought together: the address in torchrun's variables. */
final class Rendezvous {
  private static final String ADDRESS = "MASTER_ADDR";
  private static final String PORT = "MASTER_PORT";

  /** Machines of a cluster do not begin at the same second. */
  private static final int PATIENCE_SECONDS = 300;

  private Rendezvous() {}

  static boolean isNamed(Map<String, String> variables) {
    return variables.containsKey(ADDRESS) && variables.containsKey(PORT);
  }

  /** Meets the others. Where one ends without leaving, this process does too. */
  static HostLink meet(Launch launch, Map<String, String> variables) {
    return TcpLink.join(
        launch.rank(),
        launch.size(),
        variables.getOrDefault(ADDRESS, ""),
        port(variables),
        PATIENCE_SECONDS,
        rank -> {
          System.err.println(
              "dil: rank "
                  + launch.rank()
                  + " of "
                  + launch.size()
                  + ": rank "
                  + rank
                  + " has ended, so this one does");
          Runtime.getRuntime().halt(1);
        });
  }

  /** Returns the port; that beside it where torchrun itself listens. */
  static int port(Map<String, String> variables) {
    String text = variables.getOrDefault(PORT, "");
    boolean taken = "True".equals(variables.get("TORCHELASTIC_USE_AGENT_STORE"));
    int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65_534) {
      throw new InputException(PORT + " must be a port from 1 to 65534, got '" + text + "'");
    }
    return taken ? port + 1 : port;
  }
}
