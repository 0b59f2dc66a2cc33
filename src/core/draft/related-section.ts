import { digestText } from '../digest.ts';
import { citeEvidence, joinCites, say } from './cite.ts';
import { type FactOf, factsOf, type Material } from './material.ts';
import type { Block, Section } from './model.ts';
import { citeReading, wasRead } from './reading.ts';
import { sharedEvidence } from './shared-evidence.ts';
import { cutOf, dayOf, oneLine, quoteOf } from './words.ts';

/** What a source says is like this incident; whether it shares a factor is for people. */
export function relatedSection(material: Material): Section {
  const related = relatedOf(material).map((fact) => toBlock(fact, material));
  return { key: 'related', heading: 'Related incidents', blocks: related.length > 0 ? related : none(material) };
}

/** Newest first, each other incident once. */
export function relatedOf(material: Material): readonly FactOf<'related'>[] {
  const own = material.theCase.incidents;
  const found = factsOf(material, 'related').filter(({ key, of }) => own.includes(of) && !own.includes(key));
  const each = [...new Map(found.map((fact) => [fact.key, fact])).values()];
  const started = (fact: FactOf<'related'>) => fact.startedAt ?? recordOf(fact, material)?.triggeredAt ?? '';
  return each.toSorted((a, b) => (started(a) > started(b) ? -1 : started(a) < started(b) ? 1 : 0));
}

function recordOf({ key }: FactOf<'related'>, material: Material): FactOf<'incident'> | undefined {
  return factsOf(material, 'incident').find((fact) => fact.key === key);
}

function toBlock(fact: FactOf<'related'>, material: Material): Block {
  const record = recordOf(fact, material);
  const number = fact.number ?? record?.number;
  const title = fact.title ?? record?.title;
  const url = fact.url ?? record?.url ?? urlBeside(fact, material);
  const startedAt = fact.startedAt ?? record?.triggeredAt;
  const name = number === undefined ? (fact.key.split('incident:')[1] ?? fact.key) : `#${number}`;
  const when = startedAt ? `${dayOf(startedAt)}: ` : '';
  const text = `${when}${name}${title === undefined ? '' : ` ${quoteOf(title, 160)}`}. Named because: ${cutOf(oneLine(fact.why), 200).replace(/\.?$/, '.')}`;
  const cites = joinCites(citeEvidence(fact.evidence), record ? citeEvidence(record.evidence) : []);
  const links = url === undefined ? [] : [{ text: name, url }];
  return {
    kind: 'prose',
    key: `related.${digestText(fact.key).slice(7, 17)}`,
    sentences: [say(text, cites, links), ...sharedEvidence(fact, record, material)],
  };
}

/** A source that names the other incident by its id alone shows it where it shows ours: the last part of the address is the id. */
function urlBeside({ key, of }: FactOf<'related'>, material: Material): string | undefined {
  const own = factsOf(material, 'incident').find((fact) => fact.key === of);
  const [source, id] = key.split('/incident:');
  const [ownSource, ownId] = of.split('/incident:');
  if (!own?.url || !id || !ownId || source !== ownSource || !own.url.endsWith(`/${ownId}`)) return undefined;
  return `${own.url.slice(0, -ownId.length)}${encodeURIComponent(id)}`;
}

function none(material: Material): readonly Block[] {
  if (!wasRead(material, 'related')) return [];
  return [
    {
      kind: 'prose',
      key: 'related.none',
      sentences: [say('No related incident was named by the sources.', citeReading(material, 'related'))],
    },
  ];
}
