import { fields, isRecord, number, pick, refine, type Check } from "./shape.ts";

const ms = number(0, 1e10);

const uniform: Check = (value, path, problems) => {
  const right =
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((one) => typeof one === "number" && one >= 0 && one <= 1e10);
  if (!right || value[0] > value[1])
    problems.push({ path, value, expected: "two numbers of at least 0, the smaller one first" });
};

const exponential = refine(
  fields({ meanMs: ms, maxMs: ms }),
  ({ meanMs, maxMs }: { readonly meanMs: number; readonly maxMs: number }, path, problems) => {
    if (maxMs < meanMs) problems.push({ path: `${path}.maxMs`, value: maxMs, expected: `at least meanMs, ${meanMs}` });
  },
);

/** The shape of a `DurationSpec`. */
export const duration: Check = pick((value) => {
  if (typeof value === "number") return ms;
  if (!isRecord(value)) return null;
  return "exponential" in value ? fields({ exponential }) : fields({ uniform });
}, "milliseconds: a number, { uniform: [min, max] } or { exponential: { meanMs, maxMs } }");
