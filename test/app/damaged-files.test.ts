import { describe, expect, it } from 'vitest';
import { editsIn } from '../../src/app/edit-files.ts';
import { admitEdits } from '../../src/core/draft/edits.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { sample } from '../core/draft/tellings.ts';
import { changed, DRAFT, draftOf, lineOf, NOTHING, read, reworded, short, TEXT, WRITTEN } from '../support/draft-files.ts';

describe('a page that a person or a tool damaged', () => {
  it('makes no edit of a number of a note whose list of sources is gone, and says that the list is ours', () => {
    const dropped = TEXT.replaceAll(/^\[\^\d+\]: .*$/gm, '');
    const { edits, notTaken } = short(dropped, DRAFT);
    expect(edits).toEqual([]);
    expect(notTaken).toEqual([expect.stringMatching(/^\d+ sources -> The list of sources/)]);
  });

  it('keeps one change as one edit where the list of sources is gone', () => {
    const dropped = changed('summary.what', (line) => reworded(line, 'prose', 'Kinder words.')).replaceAll(/^\[\^\d+\]: .*$/gm, '');
    expect(short(dropped, DRAFT).edits).toEqual(['rewrite | summary.what | Kinder words.']);
  });

  it('takes nothing out that a fence without an end holds: the code is listed with what to do', () => {
    const open = TEXT.replace('## Timeline', '```\ntyped by hand\n\n## Timeline');
    const { edits, notTaken } = short(open, DRAFT);
    expect(edits).toEqual([]);
    expect(notTaken).toContainEqual(expect.stringMatching(/^typed by hand[\s\S]* -> Blocks of the draft stand inside this code/));
  });

  it('reads a mark that an editor broke at a space, in a paragraph and in a quote', () => {
    const paragraph = changed('summary.what', (line) => line.replace(' <!-- summary.what ', ' <!-- summary.what\n'));
    const quote = changed('impact.users', (line) => line.replace(' <!-- impact.users ', ' <!-- impact.users\n> '), paragraph);
    expect(short(quote, DRAFT)).toEqual(NOTHING);
  });

  it('reads a mark that an editor put on a line of its own, and what stands behind it there', () => {
    const wrapped = TEXT.replaceAll(/^((?!\|).*?) (<!-- \S+ [0-9a-f]{10} e\d+ -->)$/gm, (_, words: string, mark: string) =>
      words.startsWith('>') ? `${words}\n> ${mark}` : `${words}\n${/^(?:- |\d+\.)/.test(words) ? '  ' : ''}${mark}`,
    );
    expect(wrapped).not.toBe(TEXT);
    expect(short(wrapped, DRAFT)).toEqual(NOTHING);
    const more = changed('summary.what', (line) => reworded(line, 'prose', 'Kinder words.').replace(' <!--', '\n<!--'));
    expect(short(more.replace(/(<!-- summary\.what .*-->)/, '$1 And *more*.'), DRAFT).edits).toEqual([
      'rewrite | summary.what | Kinder words. And *more*.',
    ]);
  });

  it.each([
    ['in the middle', 2],
    ['soon', 5],
    ['near its end', 1.05],
  ])('hides nothing behind the place where a file was cut off, and says so: %s', (_, share) => {
    const cut = TEXT.slice(0, TEXT.indexOf('## Sources') / share);
    const { edits, notTaken } = short(cut, DRAFT);
    expect(edits).toEqual([]);
    expect(notTaken).toEqual([expect.stringMatching(/^\d+ blocks beyond “.*The file ends early, .*end with the heading “Sources”/s)]);
  });

  it('hides nothing and writes nothing, wherever a file is cut off', () => {
    for (let at = TEXT.indexOf('<!-- t.') + 40; at < TEXT.indexOf('## Sources'); at += 1709) {
      expect([at, short(TEXT.slice(0, at), DRAFT).edits]).toEqual([at, []]);
    }
  });

  it('hides nothing behind a cut where the head of a torn table stands twice on the page', () => {
    const torn = changed('durations.time_to_page', (line) => `${line}\n\nA customer rang.\n`);
    const edited = draftOf(sample(), admitEdits(read(torn, DRAFT).edits, []).recorded);
    const page = renderMarkdown(edited);
    expect(page.split('| Duration | Value | Data |')).toHaveLength(3);
    expect(short(page.slice(0, page.indexOf('| Time to page')), edited).edits).toEqual([]);
  });

  it('takes what was typed before the cut, and what is gone before it', () => {
    const gone = changed('impact.cost', () => '');
    const text = changed('summary.what', (line) => reworded(line, 'prose', 'Kinder words.'), gone);
    const { edits, notTaken } = short(text.slice(0, text.indexOf('## Durations')), DRAFT);
    expect(edits).toEqual(['rewrite | summary.what | Kinder words.', 'hide | impact.cost']);
    expect(notTaken).toHaveLength(1);
  });

  it('hides nothing before the place where a file begins late', () => {
    const { edits, notTaken } = short(TEXT.slice(TEXT.indexOf('## Durations')), DRAFT, { isCertain: false });
    expect(edits).toEqual([]);
    expect(notTaken).toEqual([expect.stringContaining('The file begins late')]);
  });

  it('takes out the last section where somebody deletes it, and a whole half where they leave the end', () => {
    const [from, to] = [TEXT.indexOf('## Action items'), TEXT.indexOf('## Sources')];
    const { edits, notTaken } = short(TEXT.slice(0, from) + TEXT.slice(to), DRAFT);
    expect(edits.length).toBeGreaterThan(20);
    expect(edits.every((edit) => edit.startsWith('hide | '))).toBe(true);
    expect(notTaken).toEqual([]);
  });

  it('makes no edit of quotes, dashes and spaces that an editor changed, and says so once', () => {
    const straight = TEXT.replaceAll(/[“”]/g, '"')
      .replaceAll('–', '-')
      .replaceAll('’', "'")
      .replaceAll(/(\d) min/g, '$1\u00a0min');
    expect(short(straight, DRAFT)).toEqual({ ...NOTHING, told: 1 });
    const curled = TEXT.replaceAll(/"(?=\w)/g, '“').replaceAll(/(?<=\w)"/g, '”');
    expect(curled).not.toBe(TEXT);
    expect(short(curled, DRAFT)).toEqual(NOTHING);
  });

  it('takes signs that a person changes in their own words, but not where an editor changed all of them', () => {
    const typed = changed('summary.what', (line) => reworded(line, 'prose', 'Down "for a while" - 21 min.'));
    const edited = draftOf(sample(), admitEdits(read(typed, DRAFT).edits, []).recorded);
    const page = renderMarkdown(edited);
    const own = page.replace('Down "for a while" - 21', 'Down “for a while” – 21');
    expect(short(own, edited)).toEqual({ ...NOTHING, edits: ['rewrite | summary.what | Down “for a while” – 21 min.'] });
    expect(short(own.replaceAll(/(?<=: )“(.*?)”/g, '"$1"'), edited)).toEqual({ ...NOTHING, told: 1 });
  });

  it('lists the words that stand under a mark of no block, and finds a block whose mark was misspelt', () => {
    for (const forged of ['actions.deploy_fix.owner', 'summary', 'impact.basis.now', 'i.999', 't.0000000000']) {
      const text = changed('impact.basis', (line) => `${line}\n\nOwn words <!-- ${forged} 0123456789 e0 -->`);
      const { edits, notTaken } = short(text, DRAFT);
      expect([forged, edits, notTaken]).toEqual([forged, [], [expect.stringMatching(/^Own words -> The draft has no such block/)]]);
    }
    expect(short(TEXT.replace('<!-- impact.basis ', '<!-- impact.bases '), DRAFT)).toEqual({ ...NOTHING, told: 1 });
  });

  it('believes no mark that says more edits were seen than there are', () => {
    const text = changed('impact.basis', (line) => reworded(line, 'prose', 'Kinder words.').replace(' e0 -->', ' e999 -->'));
    expect(read(text, DRAFT).edits).toMatchObject([{ block: 'impact.basis', after: 0 }]);
    expect(read(text, DRAFT, { isCertain: false }).edits).toMatchObject([{ block: 'impact.basis', after: 0 }]);
  });

  it('keeps both texts where a mark stands behind two that were changed', () => {
    const text = changed('impact.basis', (line) => `${reworded(line, 'prose', 'One.')}\n\n${reworded(line, 'prose', 'Two.')}`);
    expect(short(text, DRAFT)).toEqual({
      ...NOTHING,
      edits: ['rewrite | impact.basis | One.', 'insert | new.1 | below impact.basis | Two.'],
    });
  });
});

describe('a block that is taken out and put back, or moved', () => {
  const own = changed('impact.basis', (line) => `${line}\n\nMine one.\n\nMine two.`);
  const first = admitEdits(read(own, DRAFT).edits, []).recorded;

  it('is shown again from a newer file, with no conflict though its old mark was pasted', () => {
    const line = lineOf('impact.basis');
    const { recorded } = admitEdits(
      read(
        changed('impact.basis', () => ''),
        DRAFT,
      ).edits,
      [],
    );
    const without = draftOf(sample(), recorded);
    const back = renderMarkdown(without).replace('## Timeline', () => `${line.replace('The', 'Our')}\n\n## Timeline`);
    const { edits } = read(back, without);
    expect(edits.map(({ kind, block }) => `${kind} ${block}`)).toEqual(['show impact.basis', 'rewrite impact.basis']);
    expect(admitEdits(edits, recorded).conflicts).toEqual([]);
  });

  it('stays out where an old file still has it, and that is told', () => {
    const { recorded } = admitEdits(
      read(
        changed('impact.basis', () => ''),
        DRAFT,
      ).edits,
      [],
    );
    const current = draftOf(sample(), recorded);
    const { edits, told } = editsIn(TEXT, { draft: DRAFT, known: [], isCertain: true }, { current, written: WRITTEN });
    expect(edits).toEqual([]);
    expect(told).toEqual([expect.objectContaining({ why: expect.stringContaining('taken out since this file was made') })]);
  });

  it('is shown with what was filled in of its other cells', () => {
    const { recorded } = admitEdits(
      read(
        changed('actions.deploy_fix', () => ''),
        DRAFT,
      ).edits,
      [],
    );
    const without = draftOf(sample(), recorded);
    const line = lineOf('actions.deploy_fix').replace('service owner of api |  |', 'database on-call | 20 January |');
    const [head = ''] = TEXT.split('\n').filter((one) => one.startsWith('| Action |'));
    const rule = head.replaceAll(/[^|]+/g, ' --- ').trim();
    const back = renderMarkdown(without).replace(`${head}\n${rule}`, (table) => `${table}\n${line}`);
    expect(short(back, without).edits).toEqual([
      'show | actions.deploy_fix',
      'rewrite | actions.deploy_fix.owner | database on-call',
      'rewrite | actions.deploy_fix.due | 20 January',
    ]);
  });

  it('goes where its person put it, where it is theirs', () => {
    const edited = draftOf(sample(), first);
    const page = renderMarkdown(edited);
    const [one, two] = [lineOf('i.1', page), lineOf('i.2', page)];
    const moved = page.replace(`${one}\n\n`, '').replace('## Durations', () => `${one}\n\n## Durations`);
    expect(short(moved, edited)).toEqual({ ...NOTHING, edits: ['hide | i.1', 'insert | new.1 | below timeline.left_out | Mine one.'] });
    const swapped = page.replace(`${one}\n\n${two}`, () => `${two}\n\n${one}`);
    const { recorded } = admitEdits(read(swapped, edited).edits, first);
    const again = renderMarkdown(draftOf(sample(), [...first, ...recorded]));
    expect(again.indexOf('Mine two.')).toBeLessThan(again.indexOf('Mine one.'));
    expect(again.match(/Mine (?:one|two)\./g)).toHaveLength(2);
  });

  it('stays in its place where it is ours, with the words that were changed in it, and that is told', () => {
    const line = reworded(lineOf('impact.basis'), 'prose', 'Kinder words.');
    const text = changed('impact.basis', () => '').replace('## Durations', () => `${line}\n\n## Durations`);
    expect(short(text, DRAFT)).toEqual({
      ...NOTHING,
      edits: ['rewrite | impact.basis | Kinder words.'],
      notTaken: [expect.stringContaining('it was not moved')],
    });
  });
});
