import { Notice } from '@/design';
import type { Correcting } from '../correcting';
import type { Correction } from '../corrections';

interface CorrectionFailureProps {
  readonly correcting: Correcting;
  readonly field: Correction['field'];
}

// Where the API speaks to programs, people are told this.
const SAID_TO_PEOPLE: Readonly<Record<string, string>> = {
  TEMPO_OUT_OF_RANGE: 'A tempo lies between 20 and 400 BPM. Type one in that range.',
  TEMPO_NOT_HEARD: 'No tempo was heard that could be doubled or halved. Type one, or tap along.',
  DOWNBEAT_OUT_OF_RANGE: 'That place is not within the song. Choose one in the waveform.',
  ANALYSIS_NOT_FOUND: 'This song has not been listened to yet. Wait until that has begun, then say it again.',
  TIME_SIGNATURE_INVALID: 'That is no time signature. Choose one like 4/4, 3/4 or 6/8.',
};

/** Why the last correction of this kind did not hold. */
export function CorrectionFailure({ correcting: { failure }, field }: CorrectionFailureProps) {
  if (failure?.field !== field) return null;
  const { reason, message } = failure.failure;
  return (
    <Notice kind="error" title="Not changed">
      {SAID_TO_PEOPLE[reason] ?? message}
    </Notice>
  );
}
