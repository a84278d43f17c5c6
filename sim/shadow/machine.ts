import { decodeUtf8 } from "../../core/protocol/text.ts";
import { surveyQueue, type QueueFiles, type QueueSurvey, type ShadowRules } from "./queue.ts";

/** The files of one nsqd, read by somebody else. */
export interface MachineSurvey {
  /** By topic or topic/channel, sorted. */
  readonly queues: ReadonlyMap<string, QueueSurvey>;
  /** Topics and channels of nsqd.dat, as topic and topic/channel; null: there is none that can be read. */
  readonly listed: readonly string[] | null;
}

const METADATA_FILE = "nsqd.dat";
const QUEUE_FILE = /^(.+)\.diskqueue\.(?:(\d{6,})\.dat(\.bad)?|meta\.dat)$/;

/** Reads every disk queue, and nsqd.dat (diskqueue §2, nsqd-semantics §11). */
export function surveyMachine(files: ReadonlyMap<string, Uint8Array>, rules: ShadowRules): MachineSurvey {
  const queues = new Map<string, QueueSurvey>();
  const byQueue = new Map<string, { state: Uint8Array | null; data: Files; bad: Files }>();
  for (const [name, bytes] of files) {
    const [, queue = "", number, bad] = QUEUE_FILE.exec(name) ?? [];
    if (queue === "") continue;
    let its = byQueue.get(queue);
    if (its === undefined) byQueue.set(queue, (its = { state: null, data: new Map(), bad: new Map() }));
    if (number === undefined) its.state = bytes;
    else (bad === undefined ? its.data : its.bad).set(Number(number), bytes);
  }
  for (const [queue, its] of [...byQueue].sort(([one], [other]) => (one < other ? -1 : 1)))
    queues.set(queue.replace(":", "/"), surveyQueue(its satisfies QueueFiles, rules));
  const metadata = files.get(METADATA_FILE);
  return { queues, listed: metadata === undefined ? null : listedIn(metadata) };
}

type Files = Map<number, Uint8Array>;

interface Named {
  readonly name: string;
  readonly channels?: readonly Named[] | null;
}

function listedIn(bytes: Uint8Array): string[] | null {
  let whole: { readonly topics?: readonly Named[] | null } | null;
  try {
    whole = JSON.parse(decodeUtf8(bytes)) as typeof whole;
  } catch {
    return null;
  }
  return (whole?.topics ?? []).flatMap(({ name, channels }) => {
    return [name, ...(channels ?? []).map((channel) => `${name}/${channel.name}`)];
  });
}
