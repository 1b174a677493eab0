const SWEEP_EVERY_MS = 500;
const PRUNE_EVERY_MS = 60 * 60 * 1000;

/** What a payment stand-in does by itself, at once and then again and again, until it is disposed of. */
export function doChores(api: { readonly sweep: () => void; readonly prune: () => void }): Disposable {
  api.prune();
  api.sweep();
  const timers = [setInterval(() => api.sweep(), SWEEP_EVERY_MS), setInterval(() => api.prune(), PRUNE_EVERY_MS)];
  for (const timer of timers) timer.unref();
  return {
    [Symbol.dispose]: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
