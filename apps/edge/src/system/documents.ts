import { endpointById } from "@stoa/contract";
import openapi from "@stoa/contract/openapi.json";
import { publicAnswer } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { etagOf } from "../http/etag.ts";
import { docsPage, docsStyleHash } from "./docs-page.ts";

const freshness = { maxAgeSeconds: 300, staleSeconds: 3_600 };
const openapiText = JSON.stringify(openapi);
const openapiEtag = etagOf(openapiText);
const page = docsPage();
const pageEtag = etagOf(page);

const document = { body: openapiText, etag: openapiEtag, freshness };

export const openapiDocument = route(endpointById("system.openapi"), (_, { request }) =>
  publicAnswer(request, document),
);

export const docs = route(endpointById("system.docs"), (_, { request }) => {
  const contentType = "text/html; charset=utf-8";
  const answer = publicAnswer(request, { body: page, etag: pageEtag, freshness, contentType });
  answer.headers.set(
    "content-security-policy",
    `default-src 'none'; style-src '${docsStyleHash}'; frame-ancestors 'none'; base-uri 'none'`,
  );
  return answer;
});
