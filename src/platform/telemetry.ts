import { context, isSpanContextValid, metrics, trace } from '@opentelemetry/api';
import { AppError } from '../app/errors.ts';

/** An SDK that was started. */
export interface Telemetry {
  /** Sends what is left. */
  close(): Promise<void>;
}

const SDK = '@opentelemetry/sdk-node';
const ASKS = /^OTEL_(?:EXPORTER_OTLP_(?:(?:TRACES|METRICS)_)?ENDPOINT|TRACES_EXPORTER|METRICS_EXPORTER)$/;

/**
 * Starts the OpenTelemetry SDK where a variable such as OTEL_EXPORTER_OTLP_ENDPOINT says where spans and metrics go, and nothing
 * otherwise. The SDK is no dependency of ours: throws AppError('config') where it is asked for and not installed.
 */
export async function startTelemetry(
  env: Readonly<Record<string, string | undefined>>,
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<Telemetry | undefined> {
  const asked = Object.entries(env).find(([name, value]) => ASKS.test(name) && value && value !== 'none')?.[0];
  if (asked === undefined || env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const loaded = await load(SDK).catch((error: unknown) => {
    throw new AppError('config', `${asked} is set, and ${SDK} is not installed: npm install ${SDK}, or unset ${asked}`, { cause: error });
  });
  if (!isSdk(loaded)) throw new AppError('config', `${asked} is set, and the installed ${SDK} has no NodeSDK: install a newer one`);
  const sdk = new loaded.NodeSDK({ serviceName: env['OTEL_SERVICE_NAME'] || 'hindcast' });
  sdk.start();
  return { close: () => sdk.shutdown() };
}

interface Sdk {
  readonly NodeSDK: new (options: { readonly serviceName: string }) => { start(): void; shutdown(): Promise<void> };
}

function isSdk(loaded: unknown): loaded is Sdk {
  return typeof loaded === 'object' && loaded !== null && 'NodeSDK' in loaded && typeof loaded.NodeSDK === 'function';
}

/** The ids of the span that is open here, as OpenTelemetry names them in logs; nothing where there is none. */
export function traceIds(): { readonly trace_id?: string; readonly span_id?: string } {
  const spanContext = trace.getSpan(context.active())?.spanContext();
  return spanContext && isSpanContextValid(spanContext) ? { trace_id: spanContext.traceId, span_id: spanContext.spanId } : {};
}

/** Counts a call to a vendor by what came of it, with the time from its turn to its answer. */
export async function metered<T>(source: string, call: () => Promise<T>, reasonOf: (error: unknown) => string): Promise<T> {
  const started = performance.now();
  const note = (outcome: string) => {
    const meter = metrics.getMeter('hindcast');
    meter.createCounter('hindcast.source.calls').add(1, { source, outcome });
    meter
      .createHistogram('hindcast.source.call.duration', { unit: 's' })
      .record((performance.now() - started) / 1_000, { source, outcome });
  };
  try {
    const answer = await call();
    note('ok');
    return answer;
  } catch (error) {
    note(reasonOf(error));
    throw error;
  }
}

/** The share of an account's calls a minute that have begun in the last minute, from 0 to 1. */
export function noteBudget(source: string, share: number): void {
  metrics.getMeter('hindcast').createGauge('hindcast.source.budget.used', { unit: '1' }).record(share, { source });
}
