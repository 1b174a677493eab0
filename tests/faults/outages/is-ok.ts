export async function isOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000), keepalive: false });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
