/**
 * The shapes of compose files and Kubernetes objects, as far as ours use them, written from the references of both. A
 * field that is not named here is a problem: a misspelt one would be ignored, or refused only when it is too late.
 */
export type Shape =
  | { readonly kind: "text"; readonly pattern?: RegExp }
  | { readonly kind: "integer" }
  | { readonly kind: "boolean" }
  | { readonly kind: "nothing" }
  | { readonly kind: "list"; readonly of: Shape }
  | { readonly kind: "map"; readonly of: Shape }
  | { readonly kind: "fields"; readonly required: Shapes; readonly optional: Shapes }
  | { readonly kind: "either"; readonly of: readonly Shape[] };

type Shapes = Readonly<Record<string, Shape>>;

const TEXT: Shape = { kind: "text" };
const INTEGER: Shape = { kind: "integer" };
const BOOLEAN: Shape = { kind: "boolean" };
const NOTHING: Shape = { kind: "nothing" };

function text(pattern: RegExp): Shape {
  return { kind: "text", pattern };
}

function list(of: Shape): Shape {
  return { kind: "list", of };
}

function map(of: Shape): Shape {
  return { kind: "map", of };
}

function either(...of: Shape[]): Shape {
  return { kind: "either", of };
}

function fields(required: Shapes, optional: Shapes = {}): Shape {
  return { kind: "fields", required, optional };
}

/** `path: what is wrong` of everything that does not fit. */
export function problemsOf(value: unknown, shape: Shape, at = "$"): string[] {
  switch (shape.kind) {
    case "text":
      if (typeof value !== "string") return [`${at}: not a text`];
      return shape.pattern?.test(value) === false ? [`${at}: ${value} is not ${String(shape.pattern)}`] : [];
    case "integer":
      return Number.isInteger(value) ? [] : [`${at}: not an integer`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${at}: neither true nor false`];
    case "nothing":
      return value === null ? [] : [`${at}: not empty`];
    case "list":
      if (!Array.isArray(value)) return [`${at}: not a list`];
      return value.flatMap((item, index) => problemsOf(item, shape.of, `${at}[${index}]`));
    case "map":
      if (!isObject(value)) return [`${at}: not a map`];
      return Object.entries(value).flatMap(([key, item]) => problemsOf(item, shape.of, `${at}.${key}`));
    case "either":
      return leastProblems(shape.of.map((each) => problemsOf(value, each, at)));
    case "fields":
      return isObject(value) ? problemsOfFields(value, shape.required, shape.optional, at) : [`${at}: not a map`];
    default:
      return shape satisfies never;
  }
}

function leastProblems(lists: readonly string[][]): string[] {
  return lists.reduce((least, list) => (list.length < least.length ? list : least));
}

function problemsOfFields(value: Record<string, unknown>, required: Shapes, optional: Shapes, at: string): string[] {
  const known: Shapes = { ...required, ...optional };
  const missing = Object.keys(required).filter((key) => !(key in value));
  return [
    ...missing.map((key) => `${at}.${key}: missing`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const shape = Object.hasOwn(known, key) ? known[key] : undefined;
      return shape === undefined ? [`${at}.${key}: unknown`] : problemsOf(item, shape, `${at}.${key}`);
    }),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const SPAN = text(/^(\d+(h|m|s|ms))+$/);

const SERVICE = fields(
  { image: TEXT, command: list(TEXT) },
  {
    build: fields({ context: TEXT, dockerfile: TEXT }),
    ports: list(text(/^127\.0\.0\.1:\d+:\d+$/)),
    volumes: list(text(/^[a-z0-9]+:\/[a-z/]+$/)),
    environment: map(TEXT),
    restart: text(/^(no|always|on-failure|unless-stopped)$/),
    stop_grace_period: SPAN,
    depends_on: either(
      list(TEXT),
      map(fields({ condition: text(/^service_(started|healthy|completed_successfully)$/) })),
    ),
    healthcheck: fields({ test: list(TEXT) }, { interval: SPAN, timeout: SPAN, retries: INTEGER }),
  },
);

const ANYTHING = either(TEXT, INTEGER, BOOLEAN, NOTHING);
const ANY_MAP: Shape = map(either(ANYTHING, list(ANYTHING), map(either(ANYTHING, list(ANYTHING), map(ANYTHING)))));

export const COMPOSE_FILE = fields(
  { name: TEXT, services: map(SERVICE) },
  { volumes: map(NOTHING), "x-build": ANY_MAP, "x-nsqd": ANY_MAP },
);

const NAME = text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const LABELS = map(text(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/));
const METADATA = fields({ name: NAME }, { labels: LABELS, annotations: map(TEXT) });
const QUANTITY = text(/^\d+(m|Ki|Mi|Gi|Ti)?$/);
const RESOURCES = fields({}, { requests: map(QUANTITY), limits: map(QUANTITY) });
const PROBE = fields(
  {},
  {
    httpGet: fields({ path: text(/^\//), port: NAME }),
    tcpSocket: fields({ port: NAME }),
    periodSeconds: INTEGER,
    failureThreshold: INTEGER,
  },
);

const CONTAINER = fields(
  { name: NAME, image: text(/^[a-z0-9]+:\d+\.\d+\.\d+$/), args: list(TEXT) },
  {
    env: list(
      fields(
        { name: text(/^[A-Z_]+$/) },
        { value: TEXT, valueFrom: fields({ fieldRef: fields({ fieldPath: TEXT }) }) },
      ),
    ),
    ports: list(fields({ name: NAME, containerPort: INTEGER })),
    startupProbe: PROBE,
    readinessProbe: PROBE,
    livenessProbe: PROBE,
    lifecycle: fields({ preStop: fields({ exec: fields({ command: list(TEXT) }) }) }),
    volumeMounts: list(fields({ name: NAME, mountPath: text(/^\//) })),
    resources: RESOURCES,
  },
);

const POD = fields({
  metadata: fields({ labels: LABELS }, { annotations: map(TEXT) }),
  spec: fields(
    { containers: list(CONTAINER) },
    {
      securityContext: fields({ runAsNonRoot: BOOLEAN, runAsUser: INTEGER }, { fsGroup: INTEGER }),
      terminationGracePeriodSeconds: INTEGER,
    },
  ),
});

const SELECTOR = fields({ matchLabels: LABELS });
const CLAIM = fields({
  metadata: METADATA,
  spec: fields({
    accessModes: list(text(/^(ReadWriteOnce|ReadWriteOncePod|ReadWriteMany|ReadOnlyMany)$/)),
    resources: RESOURCES,
  }),
});

function object(kind: string, spec: Shape): Shape {
  return fields({ apiVersion: TEXT, kind: text(new RegExp(`^${kind}$`)), metadata: METADATA, spec });
}

/** By apiVersion and kind. */
export const KUBERNETES: Readonly<Record<string, Shape>> = {
  "v1 Service": object(
    "Service",
    fields({ selector: LABELS, ports: list(fields({ name: NAME, port: INTEGER })) }, { clusterIP: text(/^None$/) }),
  ),
  "policy/v1 PodDisruptionBudget": object(
    "PodDisruptionBudget",
    fields({ maxUnavailable: INTEGER, selector: SELECTOR }),
  ),
  "apps/v1 Deployment": object("Deployment", fields({ selector: SELECTOR, template: POD }, { replicas: INTEGER })),
  "apps/v1 StatefulSet": object(
    "StatefulSet",
    fields(
      { serviceName: NAME, selector: SELECTOR, template: POD },
      {
        replicas: INTEGER,
        podManagementPolicy: text(/^(OrderedReady|Parallel)$/),
        volumeClaimTemplates: list(CLAIM),
      },
    ),
  ),
};
