import type { SagaId } from "@stoa/kernel";
import { type BegunSaga, type RunResult, runSaga, type SagaEngineOptions } from "./engine.ts";

export interface SagaCarrierOptions {
  readonly engine: SagaEngineOptions;
  /** So many at once; what is started beyond is left to the queue, which spreads it over all processes. */
  readonly atOnceMax: number;
  /** Told of a run that threw; the sweeper takes the saga up again when its lease is over. */
  readonly failed: (sagaId: SagaId, error: unknown) => void;
}

/**
 * Carries sagas on in the process that started them, at once and without a message. Nothing depends on it: what it leaves
 * unfinished when the process ends, the sweeper finds.
 */
export class SagaCarrier {
  readonly #running = new Set<Promise<unknown>>();

  constructor(readonly options: SagaCarrierOptions) {}

  get engine(): SagaEngineOptions {
    return this.options.engine;
  }

  get hasRoom(): boolean {
    return this.#running.size < this.options.atOnceMax;
  }

  /** Goes on with a saga whose first turn has been committed. Returns at once and never throws. */
  carry(saga: BegunSaga): void {
    this.#run(saga.id, () => saga.goOn());
  }

  /** Runs a saga that has been started, as a delivery would. Returns at once and never throws. */
  run(id: SagaId): void {
    this.#run(id, () => runSaga(this.engine, id));
  }

  /** Resolves when everything under way has come to rest. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run(id: SagaId, run: () => Promise<RunResult>): void {
    const running = run()
      .catch((error: unknown) => this.options.failed(id, error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}
