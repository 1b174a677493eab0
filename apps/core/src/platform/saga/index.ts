export { type RunResult, runSaga, type SagaEngineOptions, type SagaObserver } from "./engine.ts";
export { defaultRetryPolicy, type RetryPolicy } from "./failure.ts";
export * from "./plan.ts";
export * from "./queries.ts";
export { abortSaga, sagaRun, startSaga, wakeSaga } from "./start.ts";
export { sweepSagas } from "./sweep.ts";
