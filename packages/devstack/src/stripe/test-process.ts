import { startTestStripe } from "./test-support.ts";

const [dataDir = null, webhookUrl = null] = process.argv.slice(2);
const server = await startTestStripe({ dataDir, webhookUrl });
console.log(server.port);
