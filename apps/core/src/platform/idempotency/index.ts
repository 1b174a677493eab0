export { forgetAnswers, forgetAnswersAtEdge } from "./forget-answers.ts";
export { IDEMPOTENCY_TTL_MS, type Replayable, type ReplayableRequest, replayable } from "./replayable.ts";
export * from "./replayable-write.ts";
