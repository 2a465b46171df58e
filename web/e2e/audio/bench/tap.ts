import recorderUrl from './recorder.js?url';

interface Block {
  readonly frame: number;
  readonly block: Float32Array;
}

const STARTING = 16;
let blocks: Block[] = [];

/** From now on everything that is sent to the loudspeakers is recorded as well. */
export function tap(): void {
  const Plain = window.AudioContext;
  class TappedContext extends Plain {
    constructor(options?: AudioContextOptions) {
      super(options);
      const outlet = new GainNode(this);
      outlet.connect(this.destination);
      Object.defineProperty(this, 'destination', { value: outlet });
      void this.audioWorklet.addModule(recorderUrl).then(() => {
        const recorder = new AudioWorkletNode(this, 'recorder', { numberOfOutputs: 0 });
        recorder.port.onmessage = ({ data }: MessageEvent<Block>) => blocks.push(data);
        outlet.connect(recorder);
      });
    }
  }
  window.AudioContext = TappedContext;
}

/** What was sent since the last call, one array per side, without gaps. */
export function recording(): { left: Float32Array; right: Float32Array } {
  // The first blocks may be of a clock that does not run yet.
  const running = blocks.findLastIndex(
    ({ frame }, i) => i > 0 && i < STARTING && frame !== (blocks[i - 1]?.frame ?? 0) + 128,
  );
  blocks = blocks.slice(Math.max(0, running));
  const first = blocks[0]?.frame ?? 0;
  const last = blocks.at(-1)?.frame ?? 0;
  const left = new Float32Array(blocks.length === 0 ? 0 : last + 128 - first);
  const right = new Float32Array(left.length);
  for (const { frame, block } of blocks) {
    left.set(block.subarray(0, 128), frame - first);
    right.set(block.subarray(128), frame - first);
  }
  const missing = left.length - blocks.length * 128;
  blocks = [];
  if (missing !== 0) throw new Error(`${missing} samples were not recorded`);
  return { left, right };
}
