import { type Instant, SourceError } from '../../src/contract/index.ts';

/** Whether GraphQL is worth asking, for all questions of one run: what one of them learns holds for the others. */
export interface GraphRefusal {
  /** Throws what an earlier question of the run met, where that was GraphQL's own refusal. */
  throwIfRefused(run: Instant): void;
  /** Keeps why a call failed, unless that only says that the host is busy, or concerns the token both ways. */
  watch<T>(run: Instant, signal: AbortSignal, call: () => Promise<T>): Promise<T>;
}

/** A run is known by its time. */
export function watchGraph(): GraphRefusal {
  let refused: { readonly run: Instant; readonly error: SourceError } | undefined;
  return {
    throwIfRefused: (run) => {
      if (refused?.run === run) throw refused.error;
    },
    watch: async (run, signal, call) => {
      try {
        return await call();
      } catch (error) {
        if (error instanceof SourceError && !signal.aborted && isLasting(error)) refused = { run, error };
        throw error;
      }
    },
  };
}

function isLasting({ reason, isSilent }: SourceError): boolean {
  return isSilent || reason === 'forbidden' || reason === 'unexpected_response';
}
