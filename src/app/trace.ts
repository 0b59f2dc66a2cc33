import { type Attributes, context, metrics, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const NAME = 'hindcast';

/** Runs the task inside a span of the global tracer: nothing where no SDK was started. */
export async function traced<T>(name: string, attributes: Attributes, task: () => Promise<T>): Promise<T> {
  return await trace.getTracer(NAME).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await task();
    } catch (error) {
      const kind = error instanceof Error ? error.name : 'error';
      span.setStatus({ code: SpanStatusCode.ERROR, message: kind }).setAttribute('error.type', kind);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The same for work that does not wait. */
export function tracedNow<T>(name: string, attributes: Attributes, task: () => T): T {
  return trace.getTracer(NAME).startActiveSpan(name, { attributes }, (span) => {
    try {
      return task();
    } finally {
      span.end();
    }
  });
}

/** Adds one to a count: of gaps, of jobs. A name is `hindcast.` and a plural; what it is counted by are attributes of few values. */
export function count(name: string, attributes: Attributes): void {
  metrics.getMeter(NAME).createCounter(`hindcast.${name}`).add(1, attributes);
}

/** Notes one length of time, in seconds as the conventions ask. */
export function noteSeconds(name: string, seconds: number, attributes: Attributes = {}): void {
  metrics.getMeter(NAME).createHistogram(name, { unit: 's' }).record(seconds, attributes);
}

/** A request that the API answers. */
export interface ServedSpan {
  /** Whatever the callback starts belongs to the request. */
  within(act: () => void): void;
  end(answer: { readonly route: string | undefined; readonly status: number; readonly seconds: number }): void;
}

/** Opens the span of a request by the conventions for HTTP servers; where the caller sent its own trace, it goes on in it. */
export function openServed(method: string, path: string, headers: Readonly<Record<string, unknown>>): ServedSpan {
  const caller = propagation.extract(context.active(), headers);
  const attributes = { 'http.request.method': method, 'url.path': path, 'url.scheme': 'http' };
  const span: Span = trace.getTracer(NAME).startSpan(method, { kind: SpanKind.SERVER, attributes }, caller);
  return {
    within: (act) => context.with(trace.setSpan(caller, span), act),
    end: ({ route, status, seconds }) => {
      const told = { 'http.response.status_code': status, ...(route !== undefined && { 'http.route': route }) };
      if (route !== undefined) span.updateName(`${method} ${route}`);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', String(status));
      span.setAttributes(told).end();
      noteSeconds('http.server.request.duration', seconds, { 'http.request.method': method, 'url.scheme': 'http', ...told });
    },
  };
}
