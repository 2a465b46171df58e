/** The name with its mark: four stems side by side. */
export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2.5 font-display font-semibold text-xl tracking-tight">
      <svg
        viewBox="0 0 28 28"
        aria-hidden="true"
        className="size-7"
        fill="none"
        strokeLinecap="round"
        strokeWidth="3.4"
      >
        <path className="stroke-stem-vocals" d="M4 11v6" />
        <path className="stroke-stem-drums" d="M10.7 5v18" />
        <path className="stroke-stem-other" d="M17.3 8.5v11" />
        <path className="stroke-stem-bass" d="M24 12v4" />
      </svg>
      PureMusic
    </span>
  );
}
