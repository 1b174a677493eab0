/** One undelivered message as the dispatcher sees it; its content stays in the store until it is sent. */
export interface Entry {
  readonly id: string;
  readonly seq: number;
  readonly queue: string | null;
  readonly flow: string | null;
  dueAt: number;
  state: "held" | "delayed" | "ready" | "parked" | "running" | "gone";
  /** It has been overtaken once, which is enough. */
  overtaken: boolean;
}

export interface QueueState {
  readonly name: string;
  parallelism: number;
  paused: boolean;
  /** Undelivered messages in order of arrival. The first `parallelism` of them may run; a retry keeps its place. */
  readonly order: Entry[];
}
