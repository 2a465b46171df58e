// The library comes without types; this is what is used of it.
declare module 'signalsmith-stretch' {
  export interface StretchNode extends AudioWorkletNode {
    /** Seconds. */
    latency(): Promise<number>;
    /** Milliseconds; `splitComputation` spreads the work evenly. */
    configure(blocks: { blockMs: number; intervalMs: number; splitComputation: boolean }): Promise<void>;
    schedule(change: { active?: boolean; output?: number; semitones?: number; tonalityHz?: number }): Promise<unknown>;
  }

  interface OpenStretch {
    (context: BaseAudioContext, options?: AudioWorkletNodeOptions): Promise<StretchNode>;
    /** Where the worklet's module is; made of the library's own source if absent. */
    moduleUrl?: string;
  }

  const SignalsmithStretch: OpenStretch;
  export default SignalsmithStretch;
}
