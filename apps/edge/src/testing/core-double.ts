import { Problem, type ProblemCode, type ProblemMembers } from "@stoa/kernel";
import { initTRPC, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { INTERNAL_TOKEN_HEADER } from "../http/forward.ts";

const paths = [
  "carts.create",
  "carts.get",
  "carts.update",
  "carts.addItem",
  "carts.setQuantity",
  "carts.applyPromotion",
  "carts.removePromotion",
  "carts.applyGiftCard",
  "carts.removeGiftCard",
  "carts.useStoreCredit",
  "carts.shippingMethods",
  "carts.claim",
  "carts.restore",
  "orders.place",
  "orders.view",
  "orders.cancel",
  "orders.papers.invoice",
  "orders.papers.documents",
  "orders.papers.document",
  "orders.lookUp",
  "orders.paymentLink",
  "orders.payLink",
  "orders.mine",
  "orders.returns.request",
  "orders.returns.ofOrder",
  "orders.returns.get",
  "orders.returns.cancel",
  "payments.giftCardBalance",
  "payments.storeCredit",
  "payments.savedMethods",
  "payments.removeSavedMethod",
  "users.session",
  "users.me",
  "users.updateMe",
  "users.deleteMe",
  "users.exportMe",
  "users.addresses.list",
  "users.addresses.create",
  "users.addresses.update",
  "users.addresses.delete",
] as const;
export type CorePath = (typeof paths)[number];
const queries: ReadonlySet<CorePath> = new Set([
  "carts.get",
  "carts.shippingMethods",
  "orders.view",
  "orders.papers.invoice",
  "orders.papers.documents",
  "orders.papers.document",
  "orders.lookUp",
  "orders.paymentLink",
  "orders.mine",
  "orders.returns.ofOrder",
  "orders.returns.get",
  "payments.giftCardBalance",
  "payments.storeCredit",
  "payments.savedMethods",
  "users.session",
  "users.me",
  "users.exportMe",
  "users.addresses.list",
]);

export interface CoreInvocation {
  readonly path: CorePath;
  readonly input: unknown;
  /** Claims of edge's token. */
  readonly claims: JWTPayload;
  readonly idempotencyKey: string | null;
}
export type CoreAnswer = (invocation: CoreInvocation) => unknown;

/** Stands in for core over real HTTP: each procedure answers what the test says, and every call is on record. */
export class CoreDouble {
  readonly answers = new Map<CorePath, CoreAnswer>();
  readonly calls: CoreInvocation[] = [];
  /** Requests to the doors that are not tRPC, with their bodies as text. */
  readonly raw: { readonly request: Request; readonly body: string }[] = [];
  answerRaw: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 404 });
  #server: Bun.Server<undefined> | null = null;
  #router = buildRouter(this);
  /** By key id; the newest last. */
  readonly #keys = new Map([["k1", newKeys()]]);
  /** How often the keys were asked for. */
  keyRequests = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#server?.port}`;
  }

  start(port = 0): this {
    this.#server = Bun.serve({
      port,
      hostname: "127.0.0.1",
      idleTimeout: 60,
      fetch: (request) => this.#answer(request),
    });
    return this;
  }

  /** Goes away; answers the port, so that it can come back there. */
  async stop(): Promise<number> {
    const port = this.#server?.port ?? 0;
    await this.#server?.stop(true);
    return port;
  }

  on(path: CorePath, answer: CoreAnswer): this {
    this.answers.set(path, answer);
    return this;
  }

  refuse(path: CorePath, code: ProblemCode, members: ProblemMembers = {}): this {
    return this.on(path, () => {
      throw new Problem(code, members);
    });
  }

  callsOf(path: CorePath): CoreInvocation[] {
    return this.calls.filter((call) => call.path === path);
  }

  /** A token as better-auth's JWT plugin signs it. */
  async signJwt(claims: JWTPayload, key?: CryptoKey, kid = [...this.#keys.keys()].at(-1) ?? "k1"): Promise<string> {
    const { privateKey } = await (this.#keys.get(kid) ?? newKeys());
    return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid }).sign(key ?? privateKey);
  }

  /** Tokens are signed by another key from now on; the older ones stay published. */
  rotateKeys(): void {
    this.#keys.set(`k${this.#keys.size + 1}`, newKeys());
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/readyz") return Response.json({ status: "ready" });
    if (pathname === "/v1/auth/jwks") {
      this.keyRequests += 1;
      const keys = [...this.#keys].map(async ([kid, pair]) => ({
        ...(await exportJWK((await pair).publicKey)),
        kid,
        alg: "EdDSA",
      }));
      return Response.json({ keys: await Promise.all(keys) });
    }
    const isMachine = request.headers.get("authorization")?.startsWith("Bearer sk_") ?? false;
    if (!pathname.startsWith("/trpc/") || isMachine) {
      this.raw.push({
        request: new Request(request.url, { method: request.method, headers: request.headers }),
        body: await request.text(),
      });
      return this.answerRaw(request);
    }
    return fetchRequestHandler({
      endpoint: "/trpc",
      req: request,
      router: this.#router,
      allowMethodOverride: true,
      createContext: () => ({
        claims: decodeJwt(request.headers.get("authorization")?.slice(7) ?? ""),
        idempotencyKey: request.headers.get("idempotency-key"),
      }),
    });
  }
}

function newKeys() {
  return generateKeyPair("EdDSA", { extractable: true });
}

function buildRouter(double: CoreDouble) {
  const trpc = initTRPC.context<{ claims: JWTPayload; idempotencyKey: string | null }>().create({
    errorFormatter: ({ shape, error }) => {
      const { code, members } = error.cause instanceof Problem ? error.cause : { code: "internal_error", members: {} };
      return { ...shape, data: { code: shape.data.code, httpStatus: 400, problem: { code, members } } };
    },
  });
  const procedureOf = (path: CorePath) => {
    const run = async ({
      ctx,
      input,
    }: {
      ctx: { claims: JWTPayload; idempotencyKey: string | null };
      input: unknown;
    }) => {
      const invocation = { path, input, ...ctx };
      double.calls.push(invocation);
      const answer = double.answers.get(path);
      if (!answer) throw new TRPCError({ code: "NOT_FOUND", cause: new Problem("not_found") });
      try {
        return await answer(invocation);
      } catch (error) {
        throw new TRPCError({ code: "BAD_REQUEST", cause: error });
      }
    };
    const procedure = trpc.procedure.input((value: unknown) => value);
    return queries.has(path) ? procedure.query(run) : procedure.mutation(run);
  };
  const of = (prefix: string) =>
    Object.fromEntries(
      paths
        .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("."))
        .map((path) => [path.slice(prefix.length), procedureOf(path)]),
    );
  return trpc.router({
    carts: trpc.router(of("carts.")),
    orders: trpc.router({
      ...of("orders."),
      papers: trpc.router(of("orders.papers.")),
      returns: trpc.router(of("orders.returns.")),
    }),
    payments: trpc.router(of("payments.")),
    users: trpc.router({ ...of("users."), addresses: trpc.router(of("users.addresses.")) }),
  });
}

/** The header by which core knows edge, for assertions. */
export { INTERNAL_TOKEN_HEADER };
