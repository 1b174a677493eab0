/**
 * The JSON of a request: the body itself, or the part `input` of a form, which is how evidence travels beside its files.
 * Empty when a form has no such part.
 */
export function inputOf(contentType: string, body: string): string {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]{1,200})/i.exec(contentType)?.[1];
  if (boundary === undefined) return body;
  for (const part of body.split(`--${boundary}`)) {
    const end = part.indexOf("\r\n\r\n");
    if (end >= 0 && /\bname="input"/i.test(part.slice(0, end))) return part.slice(end + 4).trimEnd();
  }
  return "";
}
