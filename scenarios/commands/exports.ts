import { nearestName } from "../../core/nearest.ts";
import { exportJepsen } from "../../reports/export/jepsen.ts";
import { exportShiViz, SHIVIZ_REGEX } from "../../reports/export/shiviz.ts";
import type { History } from "../../sim/history.ts";
import { InputError } from "./command.ts";

/** A file to write, in the form that another tool reads. */
export interface Export {
  readonly file: string;
  /** What of the file's name stands for the format where it is a directory. */
  readonly ending: string;
  /** Said when it is written. */
  readonly remark: string;
  readonly render: (history: History) => string;
}

const FORMATS: Readonly<Record<string, Omit<Export, "file">>> = {
  jepsen: { ending: "edn", remark: "", render: exportJepsen },
  shiviz: { ending: "log", remark: `; in ShiViz its regular expression is ${SHIVIZ_REGEX}`, render: exportShiViz },
};

/** The help of `--export`. */
export const EXPORT_HELP = `\
  --export jepsen=FILE  write the history as Jepsen operations (EDN): enqueue and dequeue by channel, faults as nemesis
  --export shiviz=FILE  write it as a log for ShiViz, with vector clocks`;

/**
 * What `--export FORMAT=FILE` asks for.
 *
 * @throws InputError for an unknown format (with the nearest), or without a file
 */
export function parseExports(words: readonly string[]): readonly Export[] {
  return words.map((word) => {
    const equals = word.indexOf("=");
    const name = equals === -1 ? word : word.slice(0, equals);
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
    if (format === undefined) {
      const names = Object.keys(FORMATS);
      const nearest = nearestName(name, names);
      const hint = nearest === null ? `known are ${names.join(", ")}` : `did you mean ${nearest}?`;
      throw new InputError(`--export ${name}: unknown format; ${hint}`);
    }
    if (equals === -1 || equals === word.length - 1) throw new InputError(`--export ${word}: expected ${name}=FILE`);
    return { ...format, file: word.slice(equals + 1) };
  });
}
