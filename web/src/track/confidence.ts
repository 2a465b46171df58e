import type { Tone } from '@/design';

/** How sure a finding is, for people. */
export interface Sureness {
  readonly words: string;
  readonly tone: Tone;
  /** Whether a person had better listen and decide. */
  readonly doubtful: boolean;
}

// Of what is told with this confidence or more, 95 % is right: the API promises it.
const SURE = 0.8;
const FAIR = 0.5;
const POOR = 0.25;

/** A confidence, 0 to 1, in words. 1 is what a person said. */
export function sureness(confidence: number): Sureness {
  if (confidence >= SURE) return { words: 'Sure', tone: 'success', doubtful: false };
  if (confidence >= FAIR) return { words: 'Fairly sure', tone: 'accent', doubtful: false };
  if (confidence >= POOR) return { words: 'Not sure', tone: 'warning', doubtful: true };
  return { words: 'Only a guess', tone: 'danger', doubtful: true };
}

/** A share or confidence, 0 to 1, as percent: `87 %`. What is not quite certain is never called 100 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return `${rounded === 100 && share < 0.9995 ? 99 : rounded} %`;
}
