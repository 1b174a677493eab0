import { formatDuration, formatNumber } from "../../format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { Ago } from "../../ui/data.tsx";
import { Figures } from "./figures.tsx";
import { type Health, isMailBehind } from "./health.ts";

/** Whether mails leave, and what stands in their way. */
export function Mail({ mail }: { readonly mail: Health["mail"] }) {
  const { waiting, oldestSeconds, failing, lastError, dead, sentAt } = mail;
  const isBehind = isMailBehind(mail);
  return (
    <Card title="Mail" aside={<MailState mail={mail} />} isFlush>
      {lastError === null ? null : (
        <p className="px-4 pb-2 text-[13px] [overflow-wrap:anywhere] text-bad">{lastError}</p>
      )}
      <Figures
        figures={[
          { term: "Last sent", value: sentAt ? <Ago at={sentAt} /> : "None yet" },
          { term: "Waiting", value: formatNumber(waiting), isBad: isBehind },
          { term: "Oldest", value: waiting === 0 ? "–" : formatDuration(oldestSeconds * 1_000), isBad: isBehind },
          { term: "Tried again", value: formatNumber(failing), isBad: failing > 0 },
          { term: "Given up, 7 days", value: formatNumber(dead), isBad: dead > 0 },
        ]}
      />
    </Card>
  );
}

function MailState({ mail }: { readonly mail: Health["mail"] }) {
  if (!mail.hasServer) return <Badge tone="warn">No mail server: mails are kept</Badge>;
  if (mail.failing > 0) return <Badge tone="bad">The mail server does not take them</Badge>;
  return isMailBehind(mail) ? <Badge tone="warn">Behind</Badge> : <Badge tone="good">Up to date</Badge>;
}
