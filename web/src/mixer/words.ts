/** A gain in words: `−3 dB`, `+2.5 dB`, `0 dB`. */
export function gainWords(decibels: number): string {
  if (decibels <= -60) return 'silent';
  const sign = decibels > 0 ? '+' : decibels < 0 ? '−' : '';
  return `${sign}${Math.abs(decibels)} dB`;
}

/** A place between left and right in words: `30 % left`, `centre`. */
export function panWords(pan: number): string {
  const percent = Math.round(Math.abs(pan) * 100);
  if (percent === 0) return 'centre';
  return `${percent} % ${pan < 0 ? 'left' : 'right'}`;
}
