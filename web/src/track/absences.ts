import { type Absence, AbsenceReason, Finding } from '@/api/gen/puremusic/mir/v1/mir_pb';

const WHAT: Readonly<Partial<Record<Finding, string>>> = {
  [Finding.TEMPO]: 'Tempo',
  [Finding.GRID]: 'An even grid of beats',
  [Finding.BEATS]: 'Beats',
  [Finding.TIME_SIGNATURE]: 'Time signature',
  [Finding.KEY]: 'Key',
  [Finding.TUNING]: 'Tuning',
  [Finding.CHORDS]: 'Chords',
  [Finding.SECTIONS]: 'Parts of the song',
  [Finding.PASSAGES]: 'Hard passages',
  [Finding.LOUDNESS]: 'Loudness',
};

const WHY: Readonly<Partial<Record<AbsenceReason, string>>> = {
  [AbsenceReason.SILENT]: 'there is only silence',
  [AbsenceReason.TOO_SHORT]: 'the song is too short to tell',
  [AbsenceReason.NO_PULSE]: 'there is no pulse that goes on evenly',
  [AbsenceReason.TEMPO_VARIES]: 'the tempo changes on the way',
  [AbsenceReason.NO_PITCH]: 'nothing in it has a clear pitch',
  [AbsenceReason.NO_CLEAR_KEY]: 'no key stands out from the others',
  [AbsenceReason.NO_FORM]: 'nothing in it repeats or changes clearly enough',
};

/** What could not be heard, for a heading: `Tempo`. */
export function absentThing({ finding }: Absence): string {
  return WHAT[finding] ?? 'Something';
}

/** Why, to go on a sentence with: `there is only silence`. */
export function absenceReason({ reason }: Absence): string {
  return WHY[reason] ?? 'it could not be told';
}

/** Why this was not found, as a sentence; undefined where nothing is said of it. */
export function whyAbsent(absences: readonly Absence[], finding: Finding): string | undefined {
  const absence = absences.find((one) => one.finding === finding);
  return absence && `Not heard: ${absenceReason(absence)}.`;
}
