import { parseMessageNumber } from "../apps/body.ts";
import { microsToMs } from "../../core/time.ts";
import { FIN, OPENED, RST } from "../network/pipe.ts";
import { CommandScanner, FrameScanner } from "../network/wire.ts";
import { firstFree, Schedule, type Chooser, type Moment, type Move, type Parcel } from "./move.ts";

const MARKS: ReadonlyMap<Uint8Array, string> = new Map([
  [OPENED, "the connection is open"],
  [FIN, "the end of the connection"],
  [RST, "a reset"],
]);
/** Size, frame type, timestamp, attempts, id (protocol §2). */
const ATTEMPTS_AT = 16;
const ID_AT = 18;
const BODY_AT = 34;
const ID_CHARACTERS = 16;
/** FIN, REQ, TOUCH and a space in front of the id. */
const ABOUT_MESSAGE = /^(FIN|REQ|TOUCH) (.{16})/;

/** Follows a schedule and says in words what each choice was. */
export class TellingSchedule implements Chooser {
  /** As far as the schedule goes; what it decides is marked. */
  readonly lines: string[] = [];
  /** Of all moves until the end. */
  cost = 0;
  moves = 0;
  private readonly names: readonly string[];
  private readonly schedule: Schedule;
  /** Names of processes that speak as nsqd does. */
  private readonly nsqds: readonly string[];
  /** Message id to what it is called. */
  private readonly messages = new Map<string, string>();

  constructor(names: readonly string[], nsqds: readonly string[]) {
    this.names = names;
    this.schedule = new Schedule(names);
    this.nsqds = nsqds;
  }

  choose(moves: readonly Move[], moment: Moment): Move {
    const move = this.schedule.choose(moves);
    const mark = move === firstFree(moves) ? " " : "!";
    if (this.moves < this.names.length)
      this.lines.push(`${mark} ${seconds(moment.now)}  ${this.tell(move, moves, moment)}`);
    this.moves += 1;
    this.cost += move.cost;
    return move;
  }

  private tell(move: Move, moves: readonly Move[], moment: Moment): string {
    if (move.kind === "fault") return `fault: ${move.name}`;
    if (move.kind === "arrival") return this.tellParcel(moment.parcel(move));
    const kept = moves.filter(({ kind }) => kind === "arrival").map((one) => this.tellParcel(moment.parcel(one)));
    const rest = kept.length === 0 ? "" : `; not yet: ${kept.join("; ")}`;
    return `time goes on to ${seconds(moment.after(move))}${rest}`;
  }

  private tellParcel({ from, to, bytes }: Parcel): string {
    if (bytes === null) return `${to} hears from ${from} (outside of a connection)`;
    const what = MARKS.get(bytes) ?? (this.nsqds.includes(from) ? this.frames(bytes) : this.commands(bytes));
    return `${to} gets from ${from}: ${what}`;
  }

  private frames(bytes: Uint8Array): string {
    const units: string[] = [];
    new FrameScanner().scan(bytes, (unit, start, end) => {
      units.push(unit === "message" ? this.message(bytes.subarray(start, end)) : unit);
    });
    return units.join(", ");
  }

  private message(frame: Uint8Array): string {
    const attempts = (frame[ATTEMPTS_AT]! << 8) | frame[ATTEMPTS_AT + 1]!;
    const name = `message ${parseMessageNumber(frame, BODY_AT)}`;
    this.messages.set(ascii(frame.subarray(ID_AT, ID_AT + ID_CHARACTERS)), name);
    return `${name}, attempt ${attempts}`;
  }

  private commands(bytes: Uint8Array): string {
    const units: string[] = [];
    const scanner = new CommandScanner();
    const hello = ascii(bytes.subarray(0, 4)) === "  V2";
    if (!hello) scanner.scan(new Uint8Array(4), () => {});
    scanner.scan(bytes, (unit, start, end) => {
      const [, verb, id] = ABOUT_MESSAGE.exec(ascii(bytes.subarray(start, end))) ?? [];
      units.push(verb === undefined || id === undefined ? unit : `${verb} of ${this.messages.get(id) ?? id}`);
    });
    return units.join(", ");
  }
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function seconds(us: number): string {
  return `${(microsToMs(us) / 1_000).toFixed(3)} s`;
}
