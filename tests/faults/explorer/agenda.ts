/** What happens at a virtual time. */
interface Due {
  readonly at: number;
  /** Breaks ties in the same way on every run. */
  readonly rank: string;
  readonly act: () => void;
}

/** What is to happen, by time. */
export class Agenda {
  readonly #due: Due[] = [];

  add(due: Due): void {
    let place = this.#due.length;
    while (place > 0 && isBefore(due, this.#due[place - 1])) place -= 1;
    this.#due.splice(place, 0, due);
  }

  /** Takes out what comes first; undefined when nothing is left. */
  next(): Due | undefined {
    return this.#due.shift();
  }
}

function isBefore(left: Due, right: Due | undefined): boolean {
  if (!right) return false;
  return left.at < right.at || (left.at === right.at && left.rank < right.rank);
}
