import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";

/** Where a command's text goes. */
export interface Output {
  /** The result. */
  print(text: string): void;
  /** Remarks, progress, errors: never part of a result. */
  remark(text: string): void;
  /** Replaces the progress line; on a terminal only. "" clears it. */
  progress(text: string): void;
  /** Someone watches. */
  readonly isTerminal: boolean;
  /** Results may have colours: they go to a terminal, and NO_COLOR is not set. */
  readonly isColoured: boolean;
  /** Characters per line. */
  readonly columns: number;
}

/** A result could not be written: full disk, closed pipe, missing directory. Exit code 1. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** Where the width is not known, in a file or a pipe, nothing has to be left out. */
const DEFAULT_COLUMNS = 240;
const ERASE_LINE = "\r\u001B[2K";

/** Output to the standard streams. Writes are synchronous: nothing is lost when the process exits. */
export function standardOutput(): Output {
  let progressShown = false;
  const clear = (): void => {
    if (progressShown) writeAll(2, ERASE_LINE, "standard error");
    progressShown = false;
  };
  const isTerminal = process.stderr.isTTY;
  return {
    print: (text) => {
      clear();
      writeAll(1, `${text}\n`, "standard output");
    },
    remark: (text) => {
      clear();
      writeAll(2, `${text}\n`, "standard error");
    },
    progress: (text) => {
      clear();
      if (!isTerminal || text === "") return;
      writeAll(2, text.slice(0, (process.stderr.columns || DEFAULT_COLUMNS) - 1), "standard error");
      progressShown = true;
    },
    isTerminal,
    isColoured: process.stdout.isTTY && !process.env["NO_COLOR"],
    columns: process.stdout.columns || DEFAULT_COLUMNS,
  };
}

/** The same output, with results sent where remarks go: for `--json`, which keeps standard output to one document. */
export function remarksOnly(output: Output): Output {
  return { ...output, print: (text) => output.remark(text) };
}

/**
 * Writes a whole file.
 *
 * @throws OutputError when that fails, naming the file and the reason
 */
export function writeOutputFile(path: string, text: string): void {
  let file: number;
  try {
    file = openSync(path, "w");
  } catch (error) {
    throw cannotWrite(path, error);
  }
  try {
    writeAll(file, text, path);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a directory and those above it.
 *
 * @throws OutputError when that fails
 */
export function makeOutputDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function writeAll(file: number, text: string, name: string): void {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(file, bytes, offset);
    } catch (error) {
      // A pipe that is set to non-blocking and full: its reader is slower than we are.
      if (codeOf(error) === "EAGAIN") waitForReader();
      else throw cannotWrite(name, error);
    }
  }
}

function waitForReader(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such directory",
  ENOTDIR: "part of the path is not a directory",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EPIPE: "its reader has closed the pipe",
  EFBIG: "the file is larger than allowed",
  EEXIST: "a file of that name is in the way",
};

function cannotWrite(name: string, error: unknown): OutputError {
  const code = codeOf(error);
  return new OutputError(`cannot write ${name}: ${REASONS[code] ?? (error as Error).message}${code && ` (${code})`}`);
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}
