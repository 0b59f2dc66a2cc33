import type { PullRequest } from '../../src/contract/index.ts';
import { smallPager, smallWorld } from './small-world.ts';

/** The small pager, whose log entries come only once they are let go. */
export function heldPager() {
  const pager = smallPager(smallWorld());
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: free, resolve: release } = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  const streams = pager.streams.map((stream) =>
    stream.spec.id === 'log_entries'
      ? {
          ...stream,
          async *pull(client: unknown, request: PullRequest<never>) {
            signals.push(request.signal);
            reach();
            await Promise.race([free, new Promise((resolve) => request.signal.addEventListener('abort', resolve))]);
            request.signal.throwIfAborted();
            yield* stream.pull(client, request);
          },
        }
      : stream,
  );
  return { connector: { ...pager, streams }, asked: pager.asked, reached, release, signals };
}
