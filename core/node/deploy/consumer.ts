/**
 * An example of a consumer for the compose file and Kubernetes: prints each message of a topic, from all the nsqds that
 * nsqlookupd knows to have it. Settings come from the environment: LOOKUPD_HTTP_ADDRESSES (`host:port`, separated by
 * commas), TOPIC, CHANNEL. SIGTERM stops it: it answers what it has first.
 */
import { createConsumer } from "../client.ts";

const { LOOKUPD_HTTP_ADDRESSES = "127.0.0.1:4161", TOPIC = "orders", CHANNEL = "billing" } = process.env;

const consumer = createConsumer({
  topic: TOPIC,
  channel: CHANNEL,
  lookupds: LOOKUPD_HTTP_ADDRESSES.split(","),
  maxInFlight: 10,
  // So that it finds a topic soon that did not exist when it started.
  settings: { lookupd_poll_interval: "10s" },
  // Until then nsqlookupd says that it does not know the topic, which is no reason to stop.
  onError: (error) => console.error(error.message),
});
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void consumer.close());
await consumer.run((message) => {
  console.log(`${message.id} attempt ${message.attempts}: ${message.text}`);
});
