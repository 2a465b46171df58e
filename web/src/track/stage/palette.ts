import { useEffect, useState } from 'react';
import { STEM_NAMES, type StemName } from '@/listening';

/** The colours of the page as a canvas takes them. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly wave: string;
  readonly stems: Readonly<Record<StemName, string>>;
  readonly dark: boolean;
}

// Written out, because Tailwind finds classes by their whole names.
const CLASSES = {
  ink: 'text-ink',
  muted: 'text-muted',
  line: 'text-line',
  accent: 'text-accent',
  wave: 'text-outline',
  vocals: 'text-stem-vocals',
  drums: 'text-stem-drums',
  bass: 'text-stem-bass',
  other: 'text-stem-other',
  guitar: 'text-stem-guitar',
  piano: 'text-stem-piano',
} as const;

/** Reads the colours as they are now; light or dark is decided by the page. */
function readPalette(): Palette {
  const probe = document.createElement('span');
  document.body.append(probe);
  const colour = (name: keyof typeof CLASSES) => {
    probe.className = CLASSES[name];
    return getComputedStyle(probe).color;
  };
  const palette = {
    ink: colour('ink'),
    muted: colour('muted'),
    line: colour('line'),
    accent: colour('accent'),
    wave: colour('wave'),
    stems: Object.fromEntries(STEM_NAMES.map((name) => [name, colour(name)])) as Record<StemName, string>,
    dark: isDark(),
  };
  probe.remove();
  return palette;
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen ? chosen === 'dark' : matchMedia(DARK).matches;
}

const DARK = '(prefers-color-scheme: dark)';

/** The colours of the page; the component is drawn anew when they change. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(readPalette);
  useEffect(() => {
    const look = () => setPalette(readPalette());
    look();
    const system = matchMedia(DARK);
    system.addEventListener('change', look);
    const chosen = new MutationObserver(look);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      system.removeEventListener('change', look);
      chosen.disconnect();
    };
  }, []);
  return palette;
}

/** A colour for a part of the song with this letter; parts that sound alike have one. `strength`: 0 to 1. */
export function sectionColour(label: string, dark: boolean, strength = 1): string {
  const number = Math.max(0, label.toUpperCase().charCodeAt(0) - 65);
  const hue = (165 + number * 137.5) % 360;
  return `oklch(${dark ? 0.74 : 0.6} 0.11 ${hue} / ${strength})`;
}
