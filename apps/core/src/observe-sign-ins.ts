import type { Logger, Metrics } from "@stoa/runtime";
import type { OnThrottled } from "./services/users/index.ts";

/** What an operator watches of those who guess passwords: how many tries had to wait, not whose account they were for. */
export function signInObserver(logger: Logger, metrics: Metrics): OnThrottled {
  const throttled = metrics.counter({
    name: "sign_ins_throttled_total",
    help: "Sign-ins that had to wait, by door and by what had too many tries: an account from one address, or from all strangers",
    labels: ["door", "limit"],
  });
  return ({ door, limit, waitSeconds, isFirst }) => {
    throttled({ door, limit });
    if (isFirst) logger.warn("somebody has tried to sign in too often and has to wait", { door, limit, waitSeconds });
  };
}
