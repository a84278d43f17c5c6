/**
 * An example of a consumer for the compose file and Kubernetes: prints each message. Settings come from the environment:
 * NSQD_ADDRESSES (`host:port`, separated by commas), TOPIC, CHANNEL. SIGTERM stops it: it answers what it has first.
 */
import { createConsumer } from "../client.ts";

const { NSQD_ADDRESSES = "127.0.0.1:4150", TOPIC = "orders", CHANNEL = "billing" } = process.env;

const consumer = createConsumer({
  topic: TOPIC,
  channel: CHANNEL,
  addresses: NSQD_ADDRESSES.split(","),
  maxInFlight: 10,
});
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void consumer.close());
await consumer.run((message) => {
  console.log(`${message.id} attempt ${message.attempts}: ${message.text}`);
});
