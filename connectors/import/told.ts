import type { Kit, PullItem, PullRequest } from '../../src/contract/index.ts';

/** Where what files told is read from: nobody is asked. */
export interface Files {
  readonly told: Kit['told'];
}

/** Reads what was told from the store: the same in every stream. */
export function pullStream(stream: string) {
  return async function* pull({ told }: Files, { window }: PullRequest<unknown>): AsyncGenerator<PullItem> {
    for (const record of (await told?.({ stream, keys: [], window })) ?? []) yield { kind: 'record', record };
  };
}
