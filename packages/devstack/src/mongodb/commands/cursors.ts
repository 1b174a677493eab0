import { MongoError } from "../errors.ts";
import { atOnce, inTurns, type Later, PAUSE, type Paused, type Steps } from "../turns.ts";
import type { CursorReply } from "../wire/message.ts";

/** As in MongoDB: what a first batch holds when the client does not say. */
const FIRST_BATCH_DEFAULT = 101;

/** What a later batch holds when the client does not say: more would only take memory twice. */
const BATCH_DOCUMENTS_DEFAULT = 2_000;
const BATCH_BYTES_MAX = 16 * 1024 * 1024;
const IDLE_MS_MAX = 10 * 60 * 1_000;
const CURSORS_MAX = 1_000;

interface OpenCursor {
  readonly namespace: string;
  readonly documents: Iterator<Paused<Uint8Array>>;
  /** The document after the last batch: having it means that the cursor must stay open. */
  next: IteratorResult<Paused<Uint8Array>>;
  readonly timesOut: boolean;
  usedAt: number;
}

export interface CursorOptions {
  readonly batchSize?: number | undefined;
  readonly singleBatch?: boolean | undefined;
  readonly noCursorTimeout?: boolean | undefined;
}

/** Results that did not fit into one answer, until the client has fetched or forgotten them. */
export class CursorRegistry {
  readonly #cursors = new Map<number, OpenCursor>();

  constructor(readonly now: () => Date) {}

  get size(): number {
    return this.#cursors.size;
  }

  /** Answers the first batch and keeps a cursor for the rest. Where the documents pause, others have their turn. */
  open(namespace: string, documents: Iterable<Paused<Uint8Array>>, options: CursorOptions = {}): Later<CursorReply> {
    return inTurns(this.#open(namespace, documents, options));
  }

  /** The same for documents that are there. */
  openAll(namespace: string, documents: readonly Uint8Array[], options: CursorOptions = {}): CursorReply {
    return atOnce(this.#open(namespace, documents, options));
  }

  *#open(namespace: string, documents: Iterable<Paused<Uint8Array>>, options: CursorOptions): Steps<CursorReply> {
    const iterator = documents[Symbol.iterator]();
    const cursor: OpenCursor = {
      namespace,
      documents: iterator,
      next: iterator.next(),
      timesOut: options.noCursorTimeout !== true,
      usedAt: this.now().getTime(),
    };
    const batch = yield* takeBatch(cursor, options.batchSize ?? FIRST_BATCH_DEFAULT);
    const id = cursor.next.done || options.singleBatch ? 0 : this.#keep(cursor);
    return { id, namespace, batchName: "firstBatch", batch };
  }

  #keep(cursor: OpenCursor): number {
    if (this.#cursors.size >= CURSORS_MAX)
      throw new MongoError("BadValue", `More than ${CURSORS_MAX} cursors are open`);
    let id = 0;
    // A JavaScript number holds the id exactly, so it may travel as one.
    while (id === 0 || this.#cursors.has(id)) id = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
    this.#cursors.set(id, cursor);
    return id;
  }

  /** @throws CursorNotFound */
  more(id: number, namespace: string, batchSize: number | undefined): Later<CursorReply> {
    return inTurns(this.#more(id, namespace, batchSize));
  }

  *#more(id: number, namespace: string, batchSize: number | undefined): Steps<CursorReply> {
    const cursor = this.#cursors.get(id);
    if (cursor?.namespace !== namespace) throw new MongoError("CursorNotFound", `cursor id ${id} not found`);
    cursor.usedAt = this.now().getTime();
    let batch: Uint8Array[];
    try {
      batch = yield* takeBatch(cursor, batchSize || BATCH_DOCUMENTS_DEFAULT);
    } catch (error) {
      this.#cursors.delete(id);
      throw error;
    }
    if (cursor.next.done) this.#cursors.delete(id);
    return { id: cursor.next.done ? 0 : id, namespace, batchName: "nextBatch", batch };
  }

  kill(id: number): boolean {
    return this.#cursors.delete(id);
  }

  /** Ends the cursors on a collection whose tables change under them. */
  killAll(namespace: string): void {
    for (const [id, cursor] of this.#cursors) if (cursor.namespace === namespace) this.#cursors.delete(id);
  }

  /** Forgets cursors that no client has used for ten minutes. */
  sweep(): void {
    const oldest = this.now().getTime() - IDLE_MS_MAX;
    for (const [id, cursor] of this.#cursors) if (cursor.timesOut && cursor.usedAt < oldest) this.#cursors.delete(id);
  }
}

function* takeBatch(cursor: OpenCursor, count: number): Steps<Uint8Array[]> {
  const batch: Uint8Array[] = [];
  let bytes = 0;
  yield* pass(cursor);
  while (!cursor.next.done && batch.length < count) {
    const document = cursor.next.value;
    if (document === PAUSE) throw new Error("a pause is no document");
    if (batch.length > 0 && bytes + document.length > BATCH_BYTES_MAX) break;
    batch.push(document);
    bytes += document.length;
    cursor.next = cursor.documents.next();
    yield* pass(cursor);
  }
  return batch;
}

function* pass(cursor: OpenCursor): Steps<void> {
  while (!cursor.next.done && cursor.next.value === PAUSE) {
    yield PAUSE;
    cursor.next = cursor.documents.next();
  }
}
