/** What the package for storefronts exports: the client and its types, without the schemas behind them (`pack.ts`). */
export {
  type Answer,
  type AnswerBody,
  type CallInput,
  type Client,
  type ClientOptions,
  createClient,
} from "./client.ts";
export { ApiProblem, type ProblemBody, Unreachable } from "./client-errors.ts";
export type { EndpointId } from "./endpoints.ts";
