import { type Model, Quality } from '@/api/gen/puremusic/separation/v1/separation_pb';

/** A way to take a song apart, for people who don't know models. */
export interface QualityChoice {
  readonly quality: Quality;
  readonly label: string;
  readonly hint: string;
  readonly model: Model;
}

const CHOICES = [
  { quality: Quality.DRAFT, label: 'Draft', what: 'To hear quickly whether the song is any good for a mix.' },
  { quality: Quality.STANDARD, label: 'Standard', what: 'What most songs are best made with.' },
  { quality: Quality.BEST, label: 'Best', what: 'The cleanest stems that can be made here.' },
] as const;

/** The qualities that can be had here, with the model that each chooses; a model that is not installed is not offered. */
export function qualityChoices(models: readonly Model[]): readonly QualityChoice[] {
  return CHOICES.flatMap(({ quality, label, what }) => {
    const model = models.find((one) => one.present && one.qualities.includes(quality));
    return model ? [{ quality, label, hint: `${what} ${costWords(model.relativeCost)}`, model }] : [];
  });
}

/** What a model costs, beside the cheapest. */
export function costWords(relativeCost: number): string {
  if (relativeCost < 1.25) return 'The fastest.';
  if (relativeCost < 1.75) return 'Takes a little longer than the fastest.';
  return `Takes about ${Math.round(relativeCost)} times as long as the fastest.`;
}

/** What is to be expected of a model's stems, in plain words, from its published signal-to-distortion ratio. */
export function artefactWords({ sdrDb, verified }: Pick<Model, 'sdrDb' | 'verified'>): string {
  const heard = verified ? '' : ' Nobody here has checked how it sounds.';
  if (sdrDb <= 0) return `How clean its stems are has not been published: listen before you rely on them.${heard}`;
  if (sdrDb >= 9) return `Clean stems: traces of other instruments are seldom heard, mostly in quiet places.${heard}`;
  if (sdrDb >= 7.5)
    return `Good stems: alone, some let other instruments shine through softly; in a mix that is hardly heard.${heard}`;
  if (sdrDb >= 6)
    return `Usable stems: alone, other instruments and a slight watery sound are heard; in a mix less so.${heard}`;
  return `Rough stems: other instruments and a watery sound are heard. Good for trying things out.${heard}`;
}
