export type FlagType = "string" | "int" | "bool" | "duration" | "list<string>" | "list<float>";

/** One flag of a daemon, as data: the parser, the help text, the configuration file and /config read such a table. */
export interface Flag<Key extends string = string> {
  readonly name: string;
  /** Where its value lives in the daemon's options. */
  readonly key: Key;
  readonly type: FlagType;
  /** Heading in the help text. */
  readonly group: string;
  readonly help: string;
  /** The only values allowed. */
  readonly oneOf?: readonly string[];
  /** Brings other spellings of a text to those of {@link oneOf}. */
  readonly fold?: (text: string) => string;
  /** Smallest integer or duration (µs) allowed; 0 when absent. */
  readonly least?: number;
  readonly most?: number;
  /** The range is checked when the daemon starts, with its own message. */
  readonly checkedAtStart?: true;
  /** Name in a configuration file and under /config, where it is not the flag's with `_` for `-`. */
  readonly configName?: string;
}

/** The name of a flag in a configuration file and under /config. */
export function configKeyOf({ name, configName }: Flag): string {
  return configName ?? name.replaceAll("-", "_");
}

/** What a row may say besides its name, key, type and help. */
type FlagExtras = Partial<Pick<Flag, "oneOf" | "fold" | "least" | "most" | "checkedAtStart" | "configName">>;

type Row<Options> = Omit<Flag<keyof Options & string>, "group">;
type KeyOf<Options, T> = { [K in keyof Options]: Options[K] extends T ? K : never }[keyof Options] & string;
type RowMaker<Options, T> = (name: string, key: KeyOf<Options, T>, help: string, extras?: FlagExtras) => Row<Options>;

/** Makers of rows for a table of flags: the type of a flag must be that of the option it sets. */
interface RowMakers<Options> {
  readonly text: RowMaker<Options, string>;
  readonly integer: RowMaker<Options, number>;
  readonly bool: RowMaker<Options, boolean>;
  readonly duration: RowMaker<Options, number>;
  readonly texts: RowMaker<Options, readonly string[]>;
  readonly numbers: RowMaker<Options, readonly number[]>;
  readonly inGroup: (group: string, rows: readonly Row<Options>[]) => Flag<keyof Options & string>[];
}

export function rowMakers<Options>(): RowMakers<Options> {
  const of =
    (type: FlagType) =>
    (name: string, key: keyof Options & string, help: string, extras: FlagExtras = {}) => ({
      name,
      key,
      type,
      help,
      ...extras,
    });
  return {
    text: of("string"),
    integer: of("int"),
    bool: of("bool"),
    duration: of("duration"),
    texts: of("list<string>"),
    numbers: of("list<float>"),
    inGroup: (group, rows) => rows.map((row) => ({ ...row, group })),
  };
}
