import type { LogFormat, LogLevel } from "../host.ts";

export type LogSink = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** From the least severe to the most. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "fatal"];

const NAMES: Readonly<Record<LogLevel, string>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "FATAL",
};

/**
 * Where a daemon's log lines go: stderr.
 *
 * @param format `text`, as nsqd writes them, each with the prefix; `json`, as pino does (level as a number, time in Unix
 *   milliseconds), each with the daemon's name
 */
export async function openLog(format: LogFormat, prefix: string, name: string): Promise<LogSink> {
  if (format === "text") return lineLog(prefix);
  // Most daemons log text: those need not load it.
  const { pino } = await import("pino");
  // The host knows which levels are wanted, and may change its mind.
  const logger = pino({ name, level: "debug" }, pino.destination({ fd: process.stderr.fd, sync: true }));
  return (level, message, fields = {}) => logger[level](fields, message);
}

/** Log lines as nsqd writes them: `[nsqd] 2025/01/31 12:00:00.000000 INFO: message`, in local time, on stderr. */
export function lineLog(prefix: string): LogSink {
  return (level, message, fields = {}) => {
    const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
    process.stderr.write(`${prefix}${timestamp(new Date())} ${NAMES[level]}: ${message}${rest.join("")}\n`);
  };
}

function timestamp(date: Date): string {
  const day = [date.getFullYear(), pad(date.getMonth() + 1, 2), pad(date.getDate(), 2)].join("/");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2)).join(":");
  return `${day} ${time}.${pad(date.getMilliseconds(), 3)}000`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
