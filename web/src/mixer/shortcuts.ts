import { STEM_NAMES, type StemName } from '@/listening';

/** What a key does on the mix page. */
export type Action =
  | { readonly kind: 'toggle' | 'loop-start' | 'loop-end' | 'loop' | 'help' }
  | { readonly kind: 'solo' | 'mute'; readonly type: StemName }
  /** Seconds. */
  | { readonly kind: 'skip'; readonly by: number }
  | { readonly kind: 'song'; readonly by: 1 | -1 }
  | { readonly kind: 'speed'; readonly by: 1 | -1 };

type Pressed = Pick<
  KeyboardEvent,
  'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey' | 'defaultPrevented' | 'target'
>;

/** Keys and what they do, for people. */
export const SHORTCUTS: readonly (readonly [string, string])[] = [
  ['Space', 'Play or pause'],
  ['← →', 'Back or on by 5 seconds'],
  ['↑ ↓', 'Choose the song that the number keys are for'],
  ['1 – 6', 'Hear only vocals, drums, bass, other, guitar or piano of that song'],
  ['Shift + 1 – 6', 'Mute it'],
  ['[', 'Begin the loop here'],
  [']', 'End the loop here'],
  ['L', 'Loop on or off'],
  ['S', 'Slower by 10 %, after 50 % back to full speed'],
  ['Shift + S', 'Faster by 10 %'],
  ['?', 'This help'],
];

/** What a key does, if it does something: not while somebody types, nor where the focused thing uses the key itself. */
export function actionOf(pressed: Pressed): Action | undefined {
  const { key, code, shiftKey } = pressed;
  if (pressed.defaultPrevented || pressed.ctrlKey || pressed.altKey || pressed.metaKey || takesText(pressed.target)) {
    return undefined;
  }
  const digit = /^(?:Digit|Numpad)([1-6])$/.exec(code)?.[1];
  if (digit) {
    const type = STEM_NAMES[Number(digit) - 1];
    return type && { kind: shiftKey ? 'mute' : 'solo', type };
  }
  if (key === ' ') return isPressable(pressed.target) ? undefined : { kind: 'toggle' };
  if (key === 's' || key === 'S') return { kind: 'speed', by: shiftKey ? 1 : -1 };
  if (key === 'l' || key === 'L') return { kind: 'loop' };
  return KEYS[key];
}

const KEYS: Readonly<Record<string, Action>> = {
  ArrowLeft: { kind: 'skip', by: -5 },
  ArrowRight: { kind: 'skip', by: 5 },
  ArrowUp: { kind: 'song', by: -1 },
  ArrowDown: { kind: 'song', by: 1 },
  '[': { kind: 'loop-start' },
  ']': { kind: 'loop-end' },
  '?': { kind: 'help' },
};

function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="menu"]') !== null)
  );
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, summary, [role="button"]') !== null;
}
