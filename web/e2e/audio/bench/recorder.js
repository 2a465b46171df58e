// Hands everything that passes to the page, block by block.
registerProcessor(
  'recorder',
  class extends AudioWorkletProcessor {
    process([input]) {
      const left = input?.[0];
      const right = input?.[1] ?? left;
      const block = new Float32Array(256);
      if (left && right) {
        block.set(left);
        block.set(right, 128);
      }
      this.port.postMessage({ frame: currentFrame, block }, [block.buffer]);
      return true;
    }
  },
);
