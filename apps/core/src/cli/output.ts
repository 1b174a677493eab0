/** Where a command writes; a test passes its own. */
export interface Output {
  write(text: string): void;
  /** Whether a line can be written over. */
  readonly isTerminal: boolean;
}

export const terminal: Output = {
  write: (text) => {
    process.stdout.write(text);
  },
  isTerminal: process.stdout.isTTY === true,
};

const SILENCE_MS = 3_000;

/** Shows how far a command is: on a terminal one line that changes, elsewhere a line every few seconds. */
export class ProgressLine {
  #width = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly output: Output,
    readonly now: () => number,
  ) {}

  show(text: string): void {
    if (this.output.isTerminal) {
      this.output.write(`\r${text.padEnd(this.#width)}`);
      this.#width = text.length;
      return;
    }
    if (this.now() - this.#toldAt < SILENCE_MS) return;
    this.#toldAt = this.now();
    this.output.write(`${text}\n`);
  }

  /** Ends the line, so that what follows stands below it. */
  end(): void {
    if (this.output.isTerminal && this.#width > 0) this.output.write("\n");
    this.#width = 0;
  }
}

/** Names on the left, figures on the right. */
export function table(rows: readonly (readonly [name: string, value: string | number])[]): string {
  const texts = rows.map(
    ([name, value]) => [name, typeof value === "number" ? value.toLocaleString("en-US") : value] as const,
  );
  const nameWidth = Math.max(...texts.map(([name]) => name.length));
  const valueWidth = Math.max(...texts.map(([, value]) => value.length));
  return texts.map(([name, value]) => `  ${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}\n`).join("");
}
