package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SFT on conversations: what is learnt, and the template that goes with the model. */
class ChatRunTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role }}{{ sign }} {{ m.content }}{{ eos_token }} {% endfor %}"
          + "{% if add_generation_prompt %}assistant{{ sign }}{% endif %}";

  @TempDir Path folder;

  private Map<String, Object> settings(String output) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    Path template = Files.writeString(folder.resolve("mine.jinja"), TEMPLATE);
    Path rows =
        Files.writeString(
            folder.resolve("talks.jsonl"),
            ("{\"talk\":[{\"role\":\"user\",\"content\":\"you pass\"},{\"role\":\"assistant\","
                    + "\"content\":\"hey\"},{\"role\":\"user\",\"content\":\"me\"},"
                    + "{\"role\":\"assistant\",\"content\":\"could you\"}]}\n")
                .repeat(8));
    settings.put("dataset_name", "sft:" + rows);
    settings.put("dataset_columns", Map.of("messages", "talk"));
    settings.put("loss_type", "sft");
    settings.remove("beta");
    settings.put("max_length", 512);
    settings.put("max_prompt_length", 256);
    settings.put("chat_template_path", template.toString());
    settings.put("chat_template_kwargs", Map.of("sign", ":"));
    settings.put("max_steps", 1);
    return settings;
  }

  private JsonNode firstStep(String output) throws IOException {
    Path metrics = folder.resolve(output).resolve("metrics.jsonl");
    return new ObjectMapper().readTree(Files.readAllLines(metrics).get(0));
  }

  @Test
  void learnsEveryTurnAndWritesTheTemplate() throws IOException {
    QuickRun.run(settings("last"));
    Map<String, Object> every = settings("every");
    every.put("assistant_only_loss", true);
    QuickRun.run(every);
    double last = firstStep("last").get("logps/chosen").asDouble();
    double all = firstStep("every").get("logps/chosen").asDouble();
    assertTrue(all < last, () -> "two turns must cost more than one, got " + all + ", " + last);
    for (String output : new String[] {"last", "every"}) {
      assertEquals(
          TEMPLATE, Files.readString(folder.resolve(output).resolve("chat_template.jinja")));
    }
  }

  @Test
  void writesTheTemplateWithAnAdapterAndItsMergedModel() throws IOException {
    Map<String, Object> settings = settings("adapter");
    settings.put("use_peft", true);
    settings.put("merge_adapter", true);
    QuickRun.run(settings);
    for (String part : new String[] {"adapter", "adapter/merged"}) {
      assertEquals(TEMPLATE, Files.readString(folder.resolve(part).resolve("chat_template.jinja")));
    }
  }
}
