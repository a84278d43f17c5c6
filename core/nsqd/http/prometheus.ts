export type Labels = Readonly<Record<string, string>>;

/**
 * Metrics in Prometheus's text format, version 0.0.4. Families appear in the order of their {@link family}; samples of
 * one family stay together, as the format wants, in whichever order they are added.
 */
export class PrometheusText {
  private readonly families = new Map<string, string[]>();

  /** Declares a family. Names of counters end in `_total`. */
  family(name: string, type: "counter" | "gauge", help: string): void {
    this.families.set(name, [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]);
  }

  add(name: string, value: number, labels: Labels = {}): void {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    this.families.get(name)!.push(`${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`);
  }

  /** Without the families that have no sample. */
  toString(): string {
    let text = "";
    for (const lines of this.families.values()) if (lines.length > 2) text += `${lines.join("\n")}\n`;
    return text;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}
