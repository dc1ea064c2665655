package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.data.hub.HubSettings;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir Path folder;

  @Test
  void foldersAreTakenAsTheyAre() {
    assertEquals(folder, Models.folder(folder.toString()));
  }

  @Test
  void whatPythonToolsDownloadedIsFound() throws IOException {
    Path repository = folder.resolve("models--org--tiny");
    Quickstart.unpack(folder.resolve("input"));
    Files.createDirectories(repository.resolve("refs"));
    Files.writeString(repository.resolve("refs/main"), COMMIT);
    Files.createDirectories(repository.resolve("snapshots"));
    Files.move(folder.resolve("input/model"), repository.resolve("snapshots/" + COMMIT));
    HubSettings offline =
        new HubSettings(URI.create("http://127.0.0.1:1"), Optional.empty(), folder, true);
    Path found = Models.folder("hf://org/tiny", offline);
    assertEquals(found, Models.folder("hf://models/org/tiny@main", offline));
    assertTrue(ModelFolder.open(found).tensors().size() > 10);
    InputException error =
        assertThrows(InputException.class, () -> Models.folder("hf://org/other", offline));
    assertTrue(error.getMessage().contains("org/other"), error::getMessage);
  }
}
