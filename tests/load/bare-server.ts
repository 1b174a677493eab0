// A child process that answers the bytes of a file, whatever is asked: what Bun can do here without a shop behind it.
const [file = "", status = "200"] = process.argv.slice(2);
const bytes = await Bun.file(file).arrayBuffer();
const isRefusal = status === "503";
const headers = { "content-type": "application/json", ...(isRefusal && { "retry-after": "1" }) };
const init = { status: Number(status), headers };
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(bytes, init) });
process.send?.(server.url.href);
