import type { Citation } from '../core/citation.ts';
import type { Draft } from '../core/draft/model.ts';
import type { TimelineEvent } from '../core/events.ts';
import { codeSpan, escapeInline, linkOf } from './escape.ts';
import { openNotes, type Piece } from './notes.ts';

/** The notes of a Markdown document. */
export interface Sources {
  /** `[^3] [^4]` for these citations. */
  refer(cites: readonly Citation[]): string;
  /** The event of a citation, where the timeline holds it. */
  eventOf(cite: Citation): TimelineEvent | undefined;
  /** One definition a line for each note that was referred to. */
  list(): readonly string[];
}

export function openSources(draft: Draft): Sources {
  const notes = openNotes(draft);
  return {
    refer: (cites) =>
      notes
        .numbersOf(cites)
        .map((number) => `[^${number}]`)
        .join(' '),
    eventOf: notes.eventOf,
    list: () => notes.all().map(({ number, pieces }) => `[^${number}]: ${writePieces(pieces)}`),
  };
}

/** Pieces as inert Markdown, in a line that has begun. */
export function writePieces(pieces: readonly Piece[]): string {
  return pieces.map(write).join('');
}

function write(piece: Piece): string {
  if ('text' in piece) return escapeInline(piece.text);
  if ('code' in piece) return codeSpan(piece.code);
  return 'anchor' in piece ? `[${piece.anchor}](#${piece.to})` : linkOf(piece.link, piece.url);
}
