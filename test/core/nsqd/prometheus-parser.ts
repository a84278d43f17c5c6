/**
 * A parser of Prometheus's text format 0.0.4, written from its description and stricter than Prometheus itself: it also
 * refuses what the description asks of writers, such as samples of one family apart from each other.
 */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const HELP = new RegExp(`^# HELP (${NAME}) (.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)(?: (-?\\d+))?$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/gy;

/** @throws Error with the number of the line that is wrong */
export function parsePrometheus(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const series = new Set<string>();
  let help: RegExpExecArray | null = null;
  let current: Family | null = null;
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  for (const [index, line] of text.slice(0, -1).split("\n").entries()) {
    const wrong = (reason: string): Error => new Error(`line ${index + 1}: ${reason}: ${line}`);
    const helped = HELP.exec(line);
    const typed = TYPE.exec(line);
    if (helped !== null) {
      if (families.has(helped[1]!)) throw wrong("a family twice");
      help = helped;
    } else if (typed !== null) {
      const [, name = "", type = ""] = typed;
      if (help?.[1] !== name) throw wrong("TYPE without its HELP before");
      current = { name, type, help: help[2]!, samples: [] };
      families.set(name, current);
    } else {
      const sample = SAMPLE.exec(line);
      if (sample === null) throw wrong("neither HELP, TYPE nor a sample");
      if (current === null || sample[1] !== current.name) throw wrong("a sample outside its family");
      const labels = labelsOf(sample[2] ?? "");
      if (labels === null) throw wrong("bad labels");
      const key = `${current.name} ${JSON.stringify(labels, Object.keys(labels).sort())}`;
      if (series.has(key)) throw wrong("a series twice");
      series.add(key);
      const value = valueOf(sample[3]!);
      if (Number.isNaN(value) && sample[3] !== "NaN") throw wrong("bad value");
      if (current.type === "counter" && !(value >= 0 && current.name.endsWith("_total"))) throw wrong("bad counter");
      current.samples.push({ labels, value });
    }
  }
  for (const { name, samples } of families.values()) if (samples.length === 0) throw new Error(`${name} is empty`);
  return families;
}

function labelsOf(text: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
    const [, name = "", value = ""] = match;
    if (name in labels || name.startsWith("__")) return null;
    labels[name] = value.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
    end = LABEL.lastIndex;
  }
  return end === text.length ? labels : null;
}

function valueOf(text: string): number {
  const special: Record<string, number> = { "+Inf": Infinity, "-Inf": -Infinity };
  return special[text] ?? (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN);
}
