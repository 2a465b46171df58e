/** How loud something is, as factors of full scale. */
export interface Level {
  readonly rms: number;
  readonly peak: number;
}

// 46 ms at 44.1 kHz: longer than a frame of the screen, so that no peak is missed.
const WINDOW = 2048;

/** Measures what passes a node, each channel for itself. */
export class LevelTap {
  readonly #analysers: AnalyserNode[];
  readonly #samples = new Float32Array(WINDOW);

  constructor(context: BaseAudioContext, node: AudioNode, channels: number) {
    const splitter = new ChannelSplitterNode(context, { numberOfOutputs: channels });
    node.connect(splitter);
    this.#analysers = Array.from({ length: channels }, (_, channel) => {
      const analyser = new AnalyserNode(context, { fftSize: WINDOW });
      splitter.connect(analyser, channel);
      return analyser;
    });
  }

  /** The level of the last 46 ms: the loudest channel's. */
  read(): Level {
    let rms = 0;
    let peak = 0;
    for (const analyser of this.#analysers) {
      analyser.getFloatTimeDomainData(this.#samples);
      let sum = 0;
      for (const sample of this.#samples) {
        sum += sample * sample;
        peak = Math.max(peak, Math.abs(sample));
      }
      rms = Math.max(rms, Math.sqrt(sum / WINDOW));
    }
    return { rms, peak };
  }
}
