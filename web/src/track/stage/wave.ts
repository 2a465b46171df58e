import type WaveSurfer from 'wavesurfer.js';
import type { Waveform } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import { adoptStyles } from '@/design';
import type { Player } from '@/listening';
import type { Palette } from './palette';
import { PlayerMedia } from './player_media';
import type { ViewStore } from './view';

const FULL_SCALE = 32_768;

/** A waveform on the page, drawn by wavesurfer.js from peaks that the server counted. */
export class Wave {
  readonly #surfer: WaveSurfer;
  readonly #media: PlayerMedia;
  readonly #duration: number;
  readonly #view: ViewStore;
  readonly #scroller: HTMLElement | null;

  /** Draws it into `place`; `height` in CSS pixels. wavesurfer.js is fetched only now. */
  static async draw(
    place: HTMLElement,
    waveform: Waveform,
    player: Player,
    view: ViewStore,
    palette: Palette,
    height: number,
  ): Promise<Wave> {
    const { default: Surfer } = await import('wavesurfer.js');
    const wave = new Wave(Surfer, place, waveform, player, view, palette, height);
    await wave.#surfer.load('', peaksOf(waveform), waveform.durationSeconds);
    return wave;
  }

  private constructor(
    Surfer: typeof WaveSurfer,
    place: HTMLElement,
    waveform: Waveform,
    player: Player,
    view: ViewStore,
    palette: Palette,
    height: number,
  ) {
    this.#duration = waveform.durationSeconds;
    this.#view = view;
    this.#media = new PlayerMedia(player, this.#duration);
    // Not in the page yet: the Content-Security-Policy lets no <style> element in, so its rules come in as a sheet first.
    const container = document.createElement('div');
    this.#surfer = Surfer.create({
      container,
      height,
      media: this.#media as unknown as HTMLMediaElement,
      normalize: true,
      cursorWidth: 0,
      dragToSeek: true,
      ...colours(palette),
    });
    const root = this.#surfer.getWrapper().getRootNode() as ShadowRoot;
    adoptStyles(root, '.scroll { scrollbar-width: thin; }');
    this.#scroller = root.querySelector<HTMLElement>('.scroll');
    place.append(container);
    for (const event of ['scroll', 'redrawcomplete', 'zoom', 'resize', 'ready'] as const)
      this.#surfer.on(event, () => this.#look());
  }

  /** CSS pixels a second; less than what shows the whole song shows the whole song. */
  zoom(scale: number): void {
    if (this.#surfer.getDecodedData()) this.#surfer.zoom(scale);
  }

  /** Brings a moment to the middle, as far as the song's ends allow. */
  centre(seconds: number): void {
    const { start, end } = this.#view.getState();
    this.#surfer.setScrollTime(Math.max(0, seconds - (end - start) / 2));
  }

  paint(palette: Palette): void {
    this.#surfer.setOptions(colours(palette));
  }

  close(): void {
    this.#media.close();
    this.#surfer.destroy();
  }

  /** Says what of the song can be seen now. */
  #look(): void {
    const wrapper = this.#surfer.getWrapper();
    const width = this.#surfer.getWidth();
    const whole = wrapper.clientWidth;
    if (width === 0 || whole === 0) return;
    this.#reachable(whole > width);
    const scale = whole / this.#duration;
    const start = this.#surfer.getScroll() / scale;
    const next = { start, end: Math.min(start + width / scale, this.#duration), width };
    const now = this.#view.getState();
    if (next.start !== now.start || next.end !== now.end || next.width !== now.width) this.#view.setState(next);
  }

  /** What scrolls sideways can be scrolled by keys, without moving in the song. */
  #reachable(scrolls: boolean): void {
    if (!scrolls) {
      for (const name of ['tabindex', 'role', 'aria-label']) this.#scroller?.removeAttribute(name);
      return;
    }
    this.#scroller?.setAttribute('tabindex', '0');
    this.#scroller?.setAttribute('role', 'group');
    this.#scroller?.setAttribute('aria-label', 'Waveform, scrolls sideways');
  }
}

function colours({ wave, accent }: Palette) {
  return { waveColor: wave, progressColor: accent };
}

/** Above the middle the largest samples, below it the smallest. */
function peaksOf({ minima, maxima }: Waveform): Float32Array[] {
  return [
    Float32Array.from(maxima, (value) => Math.max(0, value) / FULL_SCALE),
    Float32Array.from(minima, (value) => Math.min(0, value) / FULL_SCALE),
  ];
}
