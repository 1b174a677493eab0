import { afterEach } from "bun:test";
import { GlobalRegistrator } from "@happy-dom/global-registrator";

// The page's globals must stand before Testing Library is loaded. Bun's own network stays, for the tests of the server.
const native = { fetch, Request, Response, Headers, URL, AbortController, AbortSignal, ReadableStream };
GlobalRegistrator.register({ url: "http://localhost/" });
Object.assign(globalThis, native);

const { cleanup } = await import("@testing-library/react");
afterEach(() => cleanup());
