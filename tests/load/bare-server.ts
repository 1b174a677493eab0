// A child process that answers the bytes of a file, whatever is asked: what Bun can do here without a shop behind it.
const bytes = await Bun.file(process.argv[2] ?? "").arrayBuffer();
const init = { headers: { "content-type": "application/json" } };
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(bytes, init) });
process.send?.(server.url.href);
