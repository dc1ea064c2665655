package io.dil.train.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;

/**
 * A JavaScript library that Maven brings as a jar of the {@code org.webjars.npm} group.
 *
 * @param name its name in that group
 * @param version its version, read from the jar, so that it is written down in the build alone
 */
record Webjar(String name, String version) {

  /** Finds a library on the class path, if it is there. */
  static Optional<Webjar> find(String name) throws IOException {
    String place = "/META-INF/maven/org.webjars.npm/" + name + "/pom.properties";
    Properties properties = new Properties();
    try (InputStream in = Webjar.class.getResourceAsStream(place)) {
      if (in == null) {
        return Optional.empty();
      }
      properties.load(in);
    }
    String version = properties.getProperty("version");
    if (version == null) {
      throw new IOException("%s must have a version, got %s".formatted(place, properties));
    }
    return Optional.of(new Webjar(name, version));
  }

  /** Returns the text of one of its files. */
  String read(String file) throws IOException {
    return resource("/META-INF/resources/webjars/%s/%s/%s".formatted(name, version, file));
  }

  /** Returns the text of a resource on the class path. */
  static String resource(String place) throws IOException {
    try (InputStream in = Webjar.class.getResourceAsStream(place)) {
      if (in == null) {
        throw new IOException("class path must have " + place + ", got none");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
