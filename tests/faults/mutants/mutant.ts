/** A mistake somebody could make: one piece of source text in place of another. */
export interface Mutant {
  /** Short and unique; names it on the command line. */
  readonly name: string;
  /** What the mistake would do to a shop. */
  readonly what: string;
  /** From the root. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** Tests, from the root, that have to notice; without any, the explorer has to. */
  readonly tests?: readonly string[];
  /** Why nobody can notice: another guard stands behind this one. Such a mutant has to stay alive. */
  readonly equivalent?: string;
}

/** The mutated text. @throws when the piece does not stand exactly once: the mutant has to follow the code. */
export function mutate({ name, file, from, to }: Mutant, source: string): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`mutant ${name}: its text stands ${parts.length - 1} times in ${file}`);
  return parts.join(to);
}
