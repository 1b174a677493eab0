import type { Doc } from "../bson/values.ts";
import type { Evaluate } from "../query/expression-fields.ts";
import type { Search } from "../storage/search.ts";
import type { Paused } from "../turns.ts";
import { expressionEvaluator, type Variables } from "./expressions.ts";

/** Reads other collections of the same database for stages that join. */
export interface Reader {
  /**
   * Documents of a collection, each decoded for the caller alone; none when there is no such collection.
   * With `fields`, only those top-level fields are decoded.
   */
  find(collection: string, search: Search, evaluate: Evaluate, fields?: ReadonlySet<string> | null): Iterable<Doc>;
  /** The same with pauses wherever others should have their turn. */
  findInTurns: (...asked: Parameters<Reader["find"]>) => Iterable<Paused<Doc>>;
  /** True when equality on the field is answered by an index. */
  hasIndex(collection: string, field: string): boolean;
}

/** What the stages of one pipeline share. */
export interface Environment {
  readonly variables: Variables;
  readonly evaluate: Evaluate;
  readonly reader: Reader;
}

export function environmentOf(variables: Variables, reader: Reader): Environment {
  return { variables, reader, evaluate: expressionEvaluator(variables) };
}

/** Documents in, documents out; nothing runs before the first one is asked for. */
export type Stage = (input: Iterable<Doc>) => Iterable<Doc>;

/** The same for stages that hand pauses on, so that others have their turn while a long input goes through. */
export interface PausingStage {
  readonly inTurns: (input: Iterable<Paused<Doc>>) => Iterable<Paused<Doc>>;
}
