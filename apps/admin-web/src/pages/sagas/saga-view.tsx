import { RotateCw } from "lucide-react";
import { formatDuration, inWords } from "../../format.ts";
import { useRefusal } from "../../shell/me.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Ago, CopyId } from "../../ui/data.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { durationOf, hasOutput, type Saga, type SagaStep } from "./saga.ts";
import { SagaWaitNote } from "./saga-wait.tsx";
import { useRetrySaga } from "./use-retry-saga.ts";

const stateTones: Readonly<Record<Saga["state"], Tone>> = {
  running: "info",
  waiting: "info",
  unwinding: "warn",
  done: "good",
  unwound: "neutral",
  stuck: "bad",
};

const stepTones: Readonly<Record<SagaStep["state"], Tone>> = {
  started: "info",
  waiting: "info",
  done: "good",
  refused: "bad",
  undoing: "warn",
  undone: "neutral",
};

const stuckOnly: Readonly<Record<Exclude<Saga["state"], "stuck">, string>> = {
  running: "It is running",
  waiting: "It waits, and goes on by itself",
  unwinding: "It is being taken back",
  done: "It is done",
  unwound: "It has been taken back",
};

/** A run of a plan, step by step: how far it came, how often it tried, what each step left or refused with. */
export function SagaView({ saga }: { readonly saga: Saga }) {
  const retry = useRetrySaga();
  const missingRight = useRefusal("system:write");
  const refusal = saga.state === "stuck" ? missingRight : stuckOnly[saga.state];
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-medium">{inWords(saga.type)}</h3>
        <Badge tone={stateTones[saga.state]}>{inWords(saga.state)}</Badge>
        <CopyId id={saga.id} />
        <span className="text-[13px] text-ink-faint">
          <Ago at={saga.updatedAt} />
        </span>
        {saga.state === "stuck" ? (
          <Button
            size="sm"
            className="ml-auto"
            disabledReason={refusal}
            isBusy={retry.isPending}
            onClick={() => retry.mutate({ id: saga.id })}
          >
            <RotateCw aria-hidden="true" className="size-3.5" />
            Try again
          </Button>
        ) : null}
      </div>
      {saga.failure ? (
        <p className="rounded-md bg-bad-soft px-3 py-2 text-[13px] text-bad">
          <code>{saga.failure.code}</code>
          {saga.failure.detail ? `: ${saga.failure.detail}` : null}
        </p>
      ) : null}
      <SagaWaitNote saga={saga} />
      <ol className="overflow-hidden rounded-md border border-line">
        {saga.steps.map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </ol>
    </div>
  );
}

function Step({ step }: { readonly step: SagaStep }) {
  const duration = durationOf(step);
  return (
    <li className="border-b border-line/70 px-3 py-2 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-24 font-medium">{inWords(step.name)}</span>
        <Badge tone={stepTones[step.state]}>{inWords(step.state)}</Badge>
        <span className="ml-auto text-[13px] text-ink-soft tabular-nums">
          {step.attempts > 1 ? `${step.attempts} attempts · ` : null}
          {duration === null ? "not finished" : formatDuration(duration)}
        </span>
      </div>
      {step.lastError ? (
        <Disclosure summary={<span className="text-bad">Last error</span>}>
          <Payload text={step.lastError} />
        </Disclosure>
      ) : null}
      {hasOutput(step) ? (
        <Disclosure summary="Output">
          <Payload text={JSON.stringify(step.output, null, 2)} />
        </Disclosure>
      ) : null}
    </li>
  );
}

function Payload({ text }: { readonly text: string }) {
  return (
    <pre className="max-h-64 overflow-auto rounded-md bg-sunken p-2 font-mono text-[12px] break-words whitespace-pre-wrap">
      {text}
    </pre>
  );
}
