import { ID_LENGTH } from "../../protocol/frame.ts";
import type { Random } from "../../random.ts";
import type { DiskQueuePolicy } from "../../storage/policy.ts";

/** What a topic or channel does with messages that are partly in memory and partly on disk. */
export interface BacklogPolicy {
  readonly diskQueue: DiskQueuePolicy;
  /** What a disk refuses is held in memory and tried again. Else it is lost (surprises 14). */
  readonly holdsUnwritten: boolean;
  /**
   * A delayed message stays in the memory of its topic, full or not, as it will in that of its channels. Else it may have
   * to go through the topic's disk queue, where it loses its delay (nsqd-semantics §6).
   */
  readonly holdsDelayed: boolean;
  /** Whether the next message comes from memory, when there are messages on disk, too. Asked with the ids of both. */
  isMemoryNext(memory: Uint8Array, memoryIdAt: number, disk: Uint8Array, diskIdAt: number): boolean;
}

/** The message that was published first. So a queue that spills to disk and drains keeps its order. */
export function isOlder(one: Uint8Array, oneIdAt: number, other: Uint8Array, otherIdAt: number): boolean {
  for (let index = 0; index < ID_LENGTH; index += 1) {
    const difference = one[oneIdAt + index]! - other[otherIdAt + index]!;
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** Either, with equal chances (nsqd-semantics §1.2, §1.5). */
export function eitherAtRandom(random: Random): BacklogPolicy["isMemoryNext"] {
  return () => random.integer(0, 1) === 0;
}
