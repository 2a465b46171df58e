import { type Analysis, Finding as Kind } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { absenceReason, absentThing } from '../absences';

// What has a place of its own says there why it is missing.
const TOLD_ELSEWHERE: ReadonlySet<Kind> = new Set([
  Kind.TEMPO,
  Kind.KEY,
  Kind.TIME_SIGNATURE,
  Kind.BEATS,
  Kind.LOUDNESS,
  Kind.TUNING,
]);

/** What could not be heard, and why: nothing is guessed. */
export function Absences({ analysis }: { readonly analysis: Analysis }) {
  const rest = analysis.absences.filter(({ finding }) => !TOLD_ELSEWHERE.has(finding));
  if (rest.length === 0) return null;
  return (
    <div className="rounded-card border border-line border-dashed p-4">
      <h3 className="font-medium">What could not be heard</h3>
      <ul className="mt-1 text-muted">
        {rest.map((absence) => (
          <li key={absence.finding}>
            {absentThing(absence)}: {absenceReason(absence)}.
          </li>
        ))}
      </ul>
    </div>
  );
}
