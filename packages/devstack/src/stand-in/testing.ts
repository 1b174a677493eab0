const EVENTUALLY_MS = 30_000;

/** Waits until `check` no longer throws, and gives what it returns. */
export async function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  const deadline = Date.now() + EVENTUALLY_MS;
  while (true) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await Bun.sleep(10);
    }
  }
}

/**
 * Receives webhooks at `path` of a port of its own and keeps what `hookOf` makes of each.
 * A test makes it refuse by another `answer.status`.
 */
export function receiveWebhooks<Hook>(path: string, hookOf: (headers: Headers, body: string) => Hook) {
  const hooks: Hook[] = [];
  const answer = { status: 200 };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      hooks.push(hookOf(request.headers, await request.text()));
      return new Response(null, { status: answer.status });
    },
  });
  const url = `http://127.0.0.1:${server.port}${path}`;
  return { url, hooks, answer, [Symbol.asyncDispose]: () => server.stop(true) };
}
