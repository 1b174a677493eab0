import { Link } from "@tanstack/react-router";
import { Card } from "../../ui/card.tsx";
import type { Saga } from "../sagas/saga.ts";
import { SagaView } from "../sagas/saga-view.tsx";

/** Sagas that gave up after all their tries and wait for somebody to look. */
export function StuckSagas({ sagas }: { readonly sagas: readonly Saga[] }) {
  return (
    <Card title="Stuck sagas" aside={<span className="text-[13px] text-ink-faint">{sagas.length}</span>}>
      {sagas.length === 0 ? (
        <p className="text-ink-soft">None. Every order has either been finished or left no trace.</p>
      ) : (
        <div className="grid grid-cols-1 gap-6">
          {sagas.map((saga) => (
            <div key={saga.id} className="grid gap-1">
              {saga.key.startsWith("ord_") ? (
                <Link
                  to="/orders/$orderId"
                  params={{ orderId: saga.key }}
                  className="w-fit text-[13px] text-accent hover:underline"
                >
                  Go to its order
                </Link>
              ) : null}
              <SagaView saga={saga} />
            </div>
          ))}
        </div>
      )}
    </Card>
  );
}
