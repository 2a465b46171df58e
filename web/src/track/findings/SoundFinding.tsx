import { type Analysis, Finding as Kind } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { whyAbsent } from '../absences';
import { amountWords, loudnessWords, numberWords, tuningWords } from '../words';
import { Finding } from './Finding';

/** How the song sounds as a whole: loudness, tuning, character. */
export function SoundFinding({ analysis }: { readonly analysis: Analysis }) {
  const { loudness, loudnessLufs, tuningCents, character, silence, absences } = analysis;
  return (
    <Finding title="Sound" value={loudnessLufs === undefined ? 'No loudness' : `${numberWords(loudnessLufs)} LUFS`}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        <Fact term="Loudness">
          {loudnessLufs === undefined
            ? (whyAbsent(absences, Kind.LOUDNESS) ?? 'Still being measured.')
            : capital(loudnessWords(loudnessLufs))}
        </Fact>
        {loudness?.rangeLu !== undefined && <Fact term="Soft to loud">{numberWords(loudness.rangeLu)} LU apart</Fact>}
        {loudness?.truePeakDbtp !== undefined && (
          <Fact term="Highest peak">
            {numberWords(loudness.truePeakDbtp)} dBTP
            {loudness.truePeakDbtp > 0 ? ', above full scale: it may distort' : ''}
          </Fact>
        )}
        <Fact term="Tuning">
          {tuningCents === undefined
            ? (whyAbsent(absences, Kind.TUNING) ?? 'Still being listened for.')
            : capital(tuningWords(tuningCents))}
        </Fact>
        {silence && silence.headSeconds + silence.tailSeconds > 0.5 && (
          <Fact term="Silence">
            {numberWords(silence.headSeconds)} s before, {numberWords(silence.tailSeconds)} s after
          </Fact>
        )}
        {character && (
          <>
            <Amount term="Energy" share={character.energy} />
            <Amount term="Brightness" share={character.brightness} />
            <Amount term="Danceability" share={character.danceability} />
            <Fact term="Busyness">{numberWords(character.onsetDensity)} new notes or hits a second</Fact>
          </>
        )}
      </dl>
    </Finding>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function Amount({ term, share }: { readonly term: string; readonly share: number }) {
  return (
    <Fact term={term}>
      <span className="flex items-center gap-3">
        <span aria-hidden className="h-1.5 w-24 overflow-hidden rounded-full bg-ink/12">
          <span
            className="block h-full rounded-full bg-accent"
            style={{ width: `${Math.round(Math.min(1, Math.max(0, share)) * 100)}%` }}
          />
        </span>
        {amountWords(share)}
      </span>
    </Fact>
  );
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
