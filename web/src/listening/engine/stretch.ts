import moduleUrl from 'signalsmith-stretch?url';
import SignalsmithStretch, { type StretchNode } from 'signalsmith-stretch';

// As a file of the build: by itself the library would make a blob: of its source, which the page's policy forbids.
SignalsmithStretch.moduleUrl = moduleUrl;

/** A pitch shifter for stereo sound that passes through it. */
export function openStretch(context: BaseAudioContext): Promise<StretchNode> {
  return SignalsmithStretch(context, { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [2] });
}
