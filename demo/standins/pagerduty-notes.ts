import type { World, WorldIncident } from '../world.ts';
import { knownIncidents, notesOf } from './pagerduty-incidents.ts';
import { refusal } from './pagerduty-lists.ts';
import type { Answer, Asked } from './server.ts';

const NOTES = /^\/incidents\/([^/]+)\/notes$/;

/** What a request may do by its token; nothing where the token is not known. */
export function rightsOf({ pagerduty: { token, write_token } }: World, { headers }: Asked): 'read' | 'write' | undefined {
  const [, given] = /^(?:Token token=|Bearer )(.+)$/.exec(headers.authorization ?? '') ?? [];
  if (given === undefined) return undefined;
  return given === write_token ? 'write' : given === token ? 'read' : undefined;
}

/** Whether a request writes a note, by a token that is known. */
export function isNote(world: World, asked: Asked): boolean {
  return asked.method === 'POST' && NOTES.test(asked.url.pathname) && rightsOf(world, asked) !== undefined;
}

/** The answer, and the world with the note in it; the world as it was where it is refused. An account's key must say who writes. */
export function writeNote(world: World, asked: Asked): { readonly world: World; readonly answer: Answer } {
  const refused = (answer: Answer) => ({ world, answer });
  if (rightsOf(world, asked) !== 'write') return refused(refusal(403, 2010, 'Access Denied'));
  const from = asked.headers.from ?? '';
  if (!from.includes('@')) return refused(refusal(400, 1028, 'Malformed "From" header'));
  const author = world.people.find(({ email }) => email === from);
  if (!author) return refused(refusal(400, 1008, 'Requester User Not Found'));
  const [, id = ''] = NOTES.exec(asked.url.pathname) ?? [];
  const found = knownIncidents(world).find((incident) => incident.id === id);
  if (!found) return refused(refusal(404, 5001, 'Incident Not Found'));
  const text = contentOf(asked.body);
  if (text === undefined) return refused(refusal(400, 2001, 'Invalid Input Provided', ['Content cannot be empty.']));
  const noted: WorldIncident = { ...found, log: [...found.log, { at: world.now, type: 'annotate', by: author.id, text }] };
  const incidents = world.pagerduty.incidents.map((incident) => (incident.id === id ? noted : incident));
  const next: World = { ...world, pagerduty: { ...world.pagerduty, incidents } };
  const [note] = notesOf(next, noted);
  return { world: next, answer: { status: 200, body: { note } } };
}

function contentOf(body: string): string | undefined {
  try {
    const { note }: { readonly note?: { readonly content?: unknown } } = JSON.parse(body);
    return typeof note?.content === 'string' && note.content.trim() !== '' ? note.content : undefined;
  } catch {
    return undefined;
  }
}
