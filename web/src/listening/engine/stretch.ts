import moduleUrl from 'signalsmith-stretch?url';
import SignalsmithStretch, { type StretchNode } from 'signalsmith-stretch';

// As a file of the build: by itself the library would make a blob: of its source, which the page's policy forbids.
SignalsmithStretch.moduleUrl = moduleUrl;

// Sound that is played slower has lower tones, which a block must tell apart: with the library's 120 ms a bass of 55 Hz came
// out 32 cents too high at half speed, with these it is 13, and tones from 440 Hz on less than one.
const BLOCKS = { blockMs: 200, intervalMs: 25, splitComputation: true };

/** A pitch shifter for stereo sound that passes through it. */
export async function openStretch(context: BaseAudioContext): Promise<StretchNode> {
  const node = await SignalsmithStretch(context, { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [2] });
  await node.configure(BLOCKS);
  return node;
}
