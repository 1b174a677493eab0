/** The backing services a shop needs, by the name used in the start-up table and in log lines. */
export type ServiceName = "postgres" | "mongodb" | "redis" | "typesense" | "qstash" | "stripe" | "paypal" | "mail";

/** Which step of the ladder a service stands on: a hosted one named by URL, a real binary we started, or our own stand-in. */
export type Rung = "url" | "binary" | "embedded";

/** A service that answers. Stopping it twice is harmless; stopping one that is not ours (rung "url") does nothing. */
export interface RunningService extends AsyncDisposable {
  readonly name: ServiceName;
  readonly rung: Rung;
  /** One short phrase for the start-up table, e.g. "PostgreSQL 18.4 (embedded)". */
  readonly description: string;
  /** What a client connects to: `postgres://…`, `redis://…`, `mongodb://…`, `http://…`. */
  readonly url: string;
  /** Where people look at what it holds; only some have such a page. */
  readonly pageUrl?: string;
  stop(): Promise<void>;
}

/** What every stand-in takes. */
export interface StandInOptions {
  /** 0 picks a free port. Always bound to 127.0.0.1. */
  readonly port: number;
  /** Folder for this stand-in's own files; null keeps everything in memory. */
  readonly dataDir: string | null;
  /** Fault knobs exist only when this is given; without it the control paths answer 404. */
  readonly faults?: { readonly seed: number } | undefined;
}
