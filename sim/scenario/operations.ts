import { channelName, topicName } from "./clients.ts";
import { fields, isRecord, list, number, pick, word, type Check } from "./shape.ts";

const ON_NSQD = ["create", "delete", "empty", "pause", "unpause"];
const ON_LOOKUPD = ["create", "delete", "tombstone"];
const LOG_LEVELS = ["debug", "info", "warn", "error", "fatal"];

/** The shape of an operation; the names are those of the scenario's daemons. */
export function operationShape(nsqds: readonly string[], lookupds: readonly string[]): Check {
  const nsqd = word(nsqds, "an nsqd of the scenario");
  const lookupd = word(lookupds, "an nsqlookupd of the scenario");
  const atMs = number(0);
  const place = { atMs, topic: topicName };
  const configured = pick((value) => {
    if (!isRecord(value)) return null;
    return "logLevel" in value
      ? fields({ logLevel: word(LOG_LEVELS, "a log level") })
      : fields({ lookupd: list(lookupd) });
  }, "an object with lookupd, or with logLevel");
  const tombstone = fields({ ...place, lookupd, nsqd, do: word(["tombstone"], "an operation") });
  const config = fields({ atMs, nsqd, set: configured, do: word(["config"], "an operation") });
  const onLookupd = fields(
    { ...place, lookupd, do: word(ON_LOOKUPD, "an operation of an nsqlookupd") },
    { channel: channelName },
  );
  const onNsqd = fields(
    { ...place, nsqd, do: word([...ON_NSQD, "tombstone", "config"], "an operation") },
    { channel: channelName },
  );
  return pick((value) => {
    if (!isRecord(value)) return null;
    if (value["do"] === "tombstone") return tombstone;
    if (value["do"] === "config") return config;
    return "lookupd" in value ? onLookupd : onNsqd;
  }, "an operation: an object with atMs, do, and whom it is asked of");
}
