import { Checkbox, Field, Select, Slider, Switch, TextInput } from '@/design';
import { type Choices, LOUDNESS_RANGE } from './choices';
import { Fold } from './Fold';
import { FORMATS, type FormatName, formatNamed } from './formats';
import { choose } from './fuse_state';

const LOUDNESSES: readonly { value: string; label: string }[] = [
  { value: '-14', label: 'As streaming services play it (−14 LUFS)' },
  { value: '-9', label: 'Loud, for parties (−9 LUFS)' },
  { value: '-18', label: 'Gentle, with room for loud moments (−18 LUFS)' },
  { value: 'given', label: 'Another loudness' },
  { value: 'as-is', label: 'As loud as the mix comes out' },
];
const LONGEST_ARTIST = 200;

/** What becomes of the song: files, loudness, what is written into them. The usual will do for most people. */
export function FileChoices({ choices }: { readonly choices: Choices }) {
  const { formats, qualities } = choices;
  const toggle = (name: FormatName, wanted: boolean) => {
    const next = FORMATS.map((format) => format.name).filter((each) =>
      each === name ? wanted : formats.includes(each),
    );
    choose({ formats: next });
  };
  return (
    <Fold title="Files and loudness" summary={`${filesWords(formats)}; ${loudnessWords(choices.loudness)}`}>
      <fieldset className="min-w-0">
        <legend className="mb-3 font-medium">Files</legend>
        <ul className="flex flex-col gap-4">
          {FORMATS.map(({ name, label, use, qualities: offered }) => (
            <li key={name} className="flex flex-wrap items-start gap-x-6 gap-y-2">
              <Checkbox
                className="min-w-60 flex-1"
                label={
                  <>
                    <span className="font-medium">{label}</span>
                    <span className="block text-muted text-sm">{use}</span>
                  </>
                }
                checked={formats.includes(name)}
                onChange={(wanted) => toggle(name, wanted)}
                disabled={formats.length === 1 && formats.includes(name)}
              />
              {offered.length > 0 && formats.includes(name) && (
                <Select
                  aria-label={`Quality of ${label}`}
                  className="max-w-56"
                  value={qualities[name] ?? offered[0]?.id ?? ''}
                  options={offered.map(({ id, label: words }) => ({ value: id, label: words }))}
                  onChange={(id) => choose({ qualities: { ...qualities, [name]: id } })}
                />
              )}
            </li>
          ))}
        </ul>
      </fieldset>
      <Loudness loudness={choices.loudness} />
      <Field label="Artist" hint="Written into the files. You may leave it empty." className="max-w-sm">
        <TextInput
          value={choices.artist}
          maxLength={LONGEST_ARTIST}
          onChange={(event) => choose({ artist: event.target.value })}
        />
      </Field>
      <Switch
        label="A cover"
        hint="A picture is drawn from how the song sounds, and put into the files."
        checked={choices.cover}
        onChange={(cover) => choose({ cover })}
      />
    </Fold>
  );
}

const FIRST_GIVEN = -12;

function Loudness({ loudness }: { readonly loudness: number | undefined }) {
  const preset = loudness === undefined ? 'as-is' : String(loudness);
  const chosen = LOUDNESSES.some(({ value }) => value === preset) ? preset : 'given';
  return (
    <div className="flex flex-col gap-3">
      <Field label="Loudness" className="max-w-sm">
        <Select
          value={chosen}
          options={LOUDNESSES}
          onChange={(value) => {
            if (value === 'as-is') choose({ loudness: undefined });
            else choose({ loudness: value === 'given' ? FIRST_GIVEN : Number(value) });
          }}
        />
      </Field>
      {chosen === 'given' && loudness !== undefined && (
        <div className="max-w-sm">
          <Slider
            label="Loudness in LUFS"
            value={loudness}
            min={LOUDNESS_RANGE.low}
            max={LOUDNESS_RANGE.high}
            step={0.5}
            format={lufs}
            onChange={(next) => choose({ loudness: next })}
          />
          <p className="text-muted text-sm">{lufs(loudness)}</p>
        </div>
      )}
    </div>
  );
}

function lufs(value: number): string {
  return `−${Math.abs(value)} LUFS`;
}

function filesWords(formats: readonly FormatName[]): string {
  return formats.map((name) => formatNamed(name).label).join(', ');
}

function loudnessWords(loudness: number | undefined): string {
  return loudness === undefined ? 'as loud as the mix comes out' : lufs(loudness);
}
