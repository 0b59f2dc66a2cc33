import { type Attributes, SpanStatusCode, trace } from '@opentelemetry/api';

/** Runs the task inside a span of the global tracer: nothing where no SDK was started. */
export async function traced<T>(name: string, attributes: Attributes, task: () => Promise<T>): Promise<T> {
  return await trace.getTracer('hindcast').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await task();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}
