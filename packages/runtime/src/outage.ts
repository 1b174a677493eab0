/** What a client that reconnects by itself says of its connection. */
interface Connection {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "ready", listener: () => void): unknown;
}

/**
 * Tells why a connection is lost when the first try fails, and then nothing until it has been there again: a client that tries
 * several times a second would fill the log with one and the same cause. A client without a listener would end the process.
 */
export function onceAnOutage(connection: Connection, onLost: (error: Error) => void): void {
  let isLost = false;
  connection.on("ready", () => {
    isLost = false;
  });
  connection.on("error", (error) => {
    if (!isLost) onLost(error);
    isLost = true;
  });
}
