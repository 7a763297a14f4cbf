/** Work that looks after something for as long as the sidecar runs: one round after another, never two at once. */
export class Rounds {
  private readonly act: () => Promise<number>;
  private readonly trouble: (message: string) => void;
  private readonly longestMs: number;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private ended = false;

  /**
   * @param act one round; gives how long until the next one, milliseconds
   * @param longestMs until the next round at most, and after one that failed
   */
  constructor(act: () => Promise<number>, trouble: (message: string) => void, longestMs: number) {
    this.act = act;
    this.trouble = trouble;
    this.longestMs = longestMs;
  }

  get closed(): boolean {
    return this.ended;
  }

  /** A round now, after the one under way; the next one by itself. */
  look(): Promise<void> {
    clearTimeout(this.timer);
    this.working = this.working
      .then(() => this.act())
      .catch((error: unknown) => {
        this.trouble(error instanceof Error ? error.message : String(error));
        return this.longestMs;
      })
      .then((wait) => {
        clearTimeout(this.timer);
        if (!this.ended) {
          this.timer = setTimeout(() => void this.look(), Math.max(1, Math.min(this.longestMs, wait)));
        }
      });
    return this.working;
  }

  /** Ends when the round under way has. */
  async close(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.working;
  }
}
