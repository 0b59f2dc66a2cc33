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

/** How citations are written: as GitHub's footnotes, or as bare numbers of a list, which any editor takes. */
export type Style = 'github' | 'plain';

export function openSources(draft: Draft, style: Style = 'github'): Sources {
  const notes = openNotes(draft);
  if (style === 'plain')
    return {
      // Escaped, so that a definition in the text that it is pasted into makes no link of it.
      refer: (cites) =>
        notes
          .numbersOf(cites)
          .map((number) => `\\[${number}\\]`)
          .join(' '),
      eventOf: notes.eventOf,
      list: () => notes.all().map(({ number, pieces }) => `${number}. ${writePieces(pieces.map(withoutAnchor))}`),
    };
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

/** Another tool gives the headings addresses of its own. */
function withoutAnchor(piece: Piece): Piece {
  return 'anchor' in piece ? { text: piece.anchor } : piece;
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
