export { SagaCarrier } from "./carry.ts";
export {
  type BegunSaga,
  beginSaga,
  FirstTurnFailed,
  type RunResult,
  runSaga,
  type SagaEngineOptions,
  type SagaObserver,
} from "./engine.ts";
export { defaultRetryPolicy, type RetryPolicy } from "./failure.ts";
export * from "./plan.ts";
export * from "./queries.ts";
export { abortSaga, isUnwinding, type StartSaga, sagaRun, startSaga, wakeSaga } from "./start.ts";
export { sweepSagas } from "./sweep.ts";
