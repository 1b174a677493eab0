/** A request the queue refuses: answered as `{"error": …}` with this status, as the hosted service does. */
export class QstashRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
