import { Field, Select, Switch } from '@/design';
import { BARS_RANGE, BPM_RANGE, type Choices, type LengthPolicy, type Matching, matchesKeys } from './choices';
import { Fold } from './Fold';
import { choose } from './fuse_state';
import { NumberField } from './NumberField';
import { Radios } from './Radios';
import { type Songs, titleOf } from './songs';
import { KEYS, keyFrom, keyId } from './target_keys';

const MATCHINGS: readonly { value: Matching; label: string; hint: string }[] = [
  { value: 'none', label: 'Not at all', hint: 'They start together and stay as they are.' },
  { value: 'tempo', label: 'In tempo', hint: 'One beat: songs are played a little faster or slower.' },
  { value: 'key', label: 'In tempo and key', hint: 'Also in one key, so that melodies go together. Usual.' },
  { value: 'full', label: 'Fully', hint: 'Also section by section: verse over verse, chorus over chorus.' },
];

const LENGTHS: readonly { value: LengthPolicy; label: string }[] = [
  { value: 'longest', label: 'As the longest stem' },
  { value: 'shortest', label: 'As the shortest stem' },
  { value: 'bars', label: 'So many bars' },
];

interface MatchingChoicesProps {
  readonly choices: Choices;
  readonly trackIds: readonly string[];
  readonly songs: Songs;
}

/** How songs are brought together; what few people change is folded away. */
export function MatchingChoices({ choices, trackIds, songs }: MatchingChoicesProps) {
  const { matching, length } = choices;
  return (
    <div className="flex flex-col gap-4">
      <Radios
        legend="How to bring the songs together"
        hideLegend
        value={matching}
        options={MATCHINGS}
        onChange={(next) => choose({ matching: next })}
        className="sm:grid-cols-2"
      />
      <Fold title="More about matching" summary={summaryOf(choices, songs)}>
        {matching !== 'none' && <TempoTarget choices={choices} trackIds={trackIds} songs={songs} />}
        {matchesKeys(matching) && <KeyTarget choices={choices} trackIds={trackIds} songs={songs} />}
        <Switch
          label="Keep singers apart"
          hint="Where two singers, basses or drummers meet, they take turns, or one is turned down."
          checked={choices.arrange}
          onChange={(arrange) => choose({ arrange })}
        />
        <Switch
          label="Balance the songs"
          hint="Brings them to where none buries the other, before your faders. Each must have been listened to."
          checked={choices.balance}
          onChange={(balance) => choose({ balance })}
        />
        <Field
          label="Length"
          hint={matching === 'none' ? 'Bars can be counted only where songs are matched.' : undefined}
          className="max-w-sm"
        >
          <Select
            value={matching === 'none' && length === 'bars' ? 'longest' : length}
            options={LENGTHS.map((each) => ({ ...each, disabled: matching === 'none' && each.value === 'bars' }))}
            onChange={(next) => choose({ length: next })}
          />
        </Field>
        {length === 'bars' && matching !== 'none' && (
          <NumberField
            label="How many bars"
            value={choices.bars}
            {...BARS_RANGE}
            whole
            unit="bars"
            onChange={(bars) => choose({ bars })}
          />
        )}
      </Fold>
    </div>
  );
}

const FIRST_BPM = 120;

function TempoTarget({ choices, trackIds, songs }: MatchingChoicesProps) {
  const { tempo } = choices;
  return (
    <div className="flex flex-wrap items-start gap-4">
      <Field label="Tempo" className="w-full max-w-sm">
        <Select
          value={tempo.by === 'track' ? tempo.trackId : tempo.by}
          options={[
            { value: 'automatic', label: 'The one that bends least' },
            ...trackIds.map((trackId) => ({ value: trackId, label: `As in “${titleOf(songs, trackId)}”` })),
            { value: 'bpm', label: 'A given tempo' },
          ]}
          onChange={(by) => {
            if (by === 'automatic') choose({ tempo: { by } });
            else if (by === 'bpm') choose({ tempo: { by, bpm: firstBpm(trackIds, songs) } });
            else choose({ tempo: { by: 'track', trackId: by } });
          }}
        />
      </Field>
      {tempo.by === 'bpm' && (
        <NumberField
          label="Beats per minute"
          value={tempo.bpm}
          {...BPM_RANGE}
          unit="BPM"
          onChange={(bpm) => choose({ tempo: { by: 'bpm', bpm } })}
        />
      )}
    </div>
  );
}

function KeyTarget({ choices, trackIds, songs }: MatchingChoicesProps) {
  const { key } = choices;
  return (
    <div className="flex flex-wrap items-start gap-4">
      <Field label="Key" className="w-full max-w-sm">
        <Select
          value={key.by === 'track' ? key.trackId : key.by}
          options={[
            { value: 'automatic', label: 'The one that bends least' },
            ...trackIds.map((trackId) => ({ value: trackId, label: `As in “${titleOf(songs, trackId)}”` })),
            { value: 'key', label: 'A given key' },
          ]}
          onChange={(by) => {
            if (by === 'automatic') choose({ key: { by } });
            else if (by === 'key') choose({ key: { by, tonic: 0, minor: false } });
            else choose({ key: { by: 'track', trackId: by } });
          }}
        />
      </Field>
      {key.by === 'key' && (
        <Field label="Which key" className="w-full max-w-40">
          <Select
            value={keyId(key)}
            options={KEYS.map((each) => ({ value: keyId(each), label: each.label }))}
            onChange={(id) => choose({ key: { by: 'key', ...keyFrom(id) } })}
          />
        </Field>
      )}
    </div>
  );
}

function firstBpm(trackIds: readonly string[], songs: Songs): number {
  const heard = trackIds.map((trackId) => songs.get(trackId)?.tempoBpm).find((bpm) => bpm !== undefined);
  return heard === undefined ? FIRST_BPM : Math.round(Math.min(BPM_RANGE.high, Math.max(BPM_RANGE.low, heard)));
}

function summaryOf(choices: Choices, songs: Songs): string {
  const { matching, tempo, key, length } = choices;
  const words: string[] = [];
  if (matching !== 'none') {
    if (tempo.by === 'bpm') words.push(`${tempo.bpm} BPM`);
    else words.push(tempo.by === 'track' ? `tempo of “${titleOf(songs, tempo.trackId)}”` : 'tempo automatic');
  }
  if (matchesKeys(matching)) {
    if (key.by === 'key') words.push(KEYS.find((each) => keyId(each) === keyId(key))?.label ?? '');
    else words.push(key.by === 'track' ? `key of “${titleOf(songs, key.trackId)}”` : 'key automatic');
  }
  words.push(choices.arrange ? 'singers kept apart' : 'singers as they are');
  words.push(choices.balance ? 'balanced' : 'not balanced');
  if (length === 'bars' && matching !== 'none') words.push(`${choices.bars} bars`);
  else words.push(length === 'shortest' ? 'as long as the shortest stem' : 'as long as the longest stem');
  const said = words.join(', ');
  return said.charAt(0).toUpperCase() + said.slice(1);
}
