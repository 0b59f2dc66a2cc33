import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  createNoopMeter,
  type Meter,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';

export interface RecordedSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Attributes;
  readonly kind: number | undefined;
  readonly isError: boolean;
}

export interface Recorder {
  readonly spans: RecordedSpan[];
  /** `NAME {attributes}` and what was noted under it. */
  readonly noted: Map<string, number[]>;
  stop(): void;
}

/** A provider of OpenTelemetry's own interfaces that keeps what it is told: no SDK is needed to see what one would get. */
export function startRecorder(): Recorder {
  const spans: RecordedSpan[] = [];
  const noted = new Map<string, number[]>();
  const note =
    (name: string) =>
    (value: number, attributes: Attributes = {}) => {
      const key = `${name} ${JSON.stringify(attributes)}`;
      noted.set(key, [...(noted.get(key) ?? []), value]);
    };
  let next = 0;
  const open = (name: string, options: SpanOptions = {}, within: Context = context.active()): Span => {
    const parent = trace.getSpanContext(within);
    next += 1;
    const spanContext: SpanContext = {
      traceId: parent?.traceId ?? next.toString(16).padStart(32, '0'),
      spanId: next.toString(16).padStart(16, '0'),
      traceFlags: 1,
    };
    return spanOf(name, spanContext, parent?.spanId, options, (span) => spans.push(span));
  };
  const start = (name: string, ...rest: readonly unknown[]) => {
    const act = rest.at(-1);
    const span = open(name, rest.length > 1 ? (rest[0] ?? {}) : {});
    return context.with(trace.setSpan(context.active(), span), () => (typeof act === 'function' ? act(span) : undefined));
  };
  const tracer: Tracer = { startSpan: open, startActiveSpan: start };
  const noop = createNoopMeter();
  const meter: Meter = Object.assign(Object.create(noop), {
    createCounter: (name: string) => ({ add: note(name) }),
    createHistogram: (name: string) => ({ record: note(name) }),
    createGauge: (name: string) => ({ record: note(name) }),
  });
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  context.setGlobalContextManager(contextManager());
  const stop = () => {
    for (const api of [trace, metrics, context, propagation]) api.disable();
  };
  return { spans, noted, stop };
}

function spanOf(
  first: string,
  spanContext: SpanContext,
  parent: string | undefined,
  options: SpanOptions,
  keep: (span: RecordedSpan) => void,
): Span {
  let name = first;
  let isError = false;
  const attributes: Attributes = { ...options.attributes };
  const span: Span = {
    spanContext: () => spanContext,
    setAttribute: (key, value) => {
      attributes[key] = value;
      return span;
    },
    setAttributes: (more) => {
      Object.assign(attributes, more);
      return span;
    },
    addEvent: () => span,
    addLink: () => span,
    addLinks: () => span,
    setStatus: ({ code }) => {
      isError = code === 2;
      return span;
    },
    updateName: (better) => {
      name = better;
      return span;
    },
    end: () => keep({ name, parent, attributes, kind: options.kind, isError }),
    isRecording: () => true,
    recordException: () => {},
  };
  return span;
}

function contextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, act, thisArg, ...args) => storage.run(active, () => act.call(thisArg as ThisParameterType<typeof act>, ...args)),
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
