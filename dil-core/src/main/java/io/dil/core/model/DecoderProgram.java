package io.dil.core.model;

import ai.djl.ndarray.NDManager;
import io.dil.core.torch.TorchProgram;
import java.util.LinkedHashMap;
import java.util.Map;

/** A decoder's TorchScript program: what every family shares, and then the family's own methods. */
public final class DecoderProgram {
  private DecoderProgram() {}

  /**
   * Compiles the program of {@code spec}.
   *
   * @param manager owns the program and names the device that it runs on
   * @param asTorch whether it rounds as transformers does, see {@link DecoderLm#loadToCompare}
   * @return the program, which the caller closes
   */
  public static TorchProgram compile(NDManager manager, ModelSpec spec, boolean asTorch) {
    Map<String, Object> constants = new LinkedHashMap<>();
    constants.put("training", false);
    constants.put("logit_cap", 0.0);
    constants.put("embed_scale", 1.0);
    constants.put("attention_cap", 0.0);
    constants.put("norm_offset", 0.0);
    constants.put("as_torch", asTorch);
    // With soft caps, scores are computed by hand, one key head for every query head.
    constants.put("grouped_attention", asTorch && !spec.constants().containsKey("attention_cap"));
    constants.putAll(spec.constants());
    return TorchProgram.compile(
        manager,
        TorchProgram.resource(DecoderProgram.class, "layers.py")
            + PackedWeights.program(asTorch)
            + spec.program(),
        constants);
  }
}
