/** Tells listeners that something changed. */
export class Announcer {
  readonly #listeners = new Set<() => void>();

  /** Returns how to stop listening. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
