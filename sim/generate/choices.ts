/**
 * A space of values, described once and used twice: a seed draws one value from it, and fast-check explores and shrinks
 * within it. Every description is finite and every value of the space is legal, so nothing is filtered.
 */
export type Choice =
  | WholeChoice
  | OneOfChoice<unknown>
  | MaybeChoice<Choice>
  | ListChoice<Choice>
  | SubsetChoice<unknown>
  | RecordChoice<ChoiceFields>;

type ChoiceFields = { readonly [name: string]: Choice };

/** An integer from min to max, both included. */
export interface WholeChoice {
  readonly kind: "whole";
  readonly min: number;
  readonly max: number;
}

/** One of these values; the first is the plainest, and what shrinking tends to. */
export interface OneOfChoice<T> {
  readonly kind: "one-of";
  readonly values: readonly T[];
}

/** Present in so many per cent of the cases, else null. */
export interface MaybeChoice<C> {
  readonly kind: "maybe";
  readonly percent: number;
  readonly of: C;
}

export interface ListChoice<C> {
  readonly kind: "list";
  readonly min: number;
  readonly max: number;
  readonly of: C;
}

/** Any of these values, each or not, in their order: which weather a run can have at all. */
export interface SubsetChoice<T> {
  readonly kind: "subset";
  readonly values: readonly T[];
}

export interface RecordChoice<F> {
  readonly kind: "record";
  readonly fields: F;
}

/** The type of the values of a choice. */
export type Chosen<C> = C extends WholeChoice
  ? number
  : C extends OneOfChoice<infer T>
    ? T
    : C extends SubsetChoice<infer T>
      ? readonly T[]
      : C extends MaybeChoice<infer Of>
        ? Chosen<Of> | null
        : C extends ListChoice<infer Of>
          ? readonly Chosen<Of>[]
          : C extends RecordChoice<infer F>
            ? { readonly [K in keyof F]: Chosen<F[K]> }
            : never;

export function whole(min: number, max: number): WholeChoice {
  return { kind: "whole", min, max };
}

export function oneOf<const T extends readonly unknown[]>(...values: T): OneOfChoice<T[number]> {
  return { kind: "one-of", values };
}

export function maybe<C extends Choice>(percent: number, of: C): MaybeChoice<C> {
  return { kind: "maybe", percent, of };
}

export function list<C extends Choice>(min: number, max: number, of: C): ListChoice<C> {
  return { kind: "list", min, max, of };
}

export function subset<T>(values: readonly T[]): SubsetChoice<T> {
  return { kind: "subset", values };
}

export function record<F extends ChoiceFields>(fields: F): RecordChoice<F> {
  return { kind: "record", fields };
}
