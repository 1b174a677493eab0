/** Legal transitions: from each state to the states that may follow. */
export type StateTable<S extends string = string> = { readonly [State in S]: readonly S[] };

export function mayBecome<S extends string>(table: StateTable<S>, from: S, to: S): boolean {
  return table[from].includes(to);
}

/** Every state from which `to` may be reached in one step; for the guard in a WHERE. */
export function statesBefore<S extends string>(table: StateTable<S>, to: S): S[] {
  return (Object.keys(table) as S[]).filter((from) => table[from].includes(to));
}

/** Marks a branch the compiler proved impossible. @throws always. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
