import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editsIn } from '../../src/app/edit-files.ts';
import { isComputed } from '../../src/core/draft/blocks.ts';
import { compose } from '../../src/core/draft/compose.ts';
import { admitEdits } from '../../src/core/draft/edits.ts';
import type { Block } from '../../src/core/draft/model.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { canonicalWords } from '../../src/render/words.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { pagerDutyAlone, sample, stillOpen, type Told, withGaps } from '../core/draft/tellings.ts';
import { BLOCKS, changed, DRAFT, draftOf, lineOf, NEVER, NOTHING, read, reworded, short, TEXT, WRITTEN } from '../support/draft-files.ts';

const TELLINGS: readonly (readonly [string, () => Told])[] = [
  ['sample', sample],
  ['pagerduty alone', pagerDutyAlone],
  ['still open', stillOpen],
  ['with gaps', withGaps],
];
const WORDED = BLOCKS.filter((block) => !isComputed(block));
const ROWS = BLOCKS.filter(({ kind }) => kind === 'row');
const typed = fc
  .array(
    fc.constantFrom(
      'kinder',
      'words',
      '**bold**',
      '`code`',
      '|',
      'a_b',
      '1.',
      '<b>',
      '[here](https://a.example/x)',
      '*',
      '&',
      '#',
      '14:29',
      '~',
      '"quoted"',
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => `New ${parts.join(' ')} end`);
const inCell = (words: string) => words.replaceAll('|', '\\|');

/** The page as the version before wrote it: its actions had no status, and their marks stood behind the priority. */
const withoutStatus = (text: string) =>
  text
    .replace(
      '| Action | Owner role | Due | Priority | Status |\n| --- | --- | --- | --- | --- |',
      '| Action | Owner role | Due | Priority |\n| --- | --- | --- | --- |',
    )
    .replaceAll(/ \| (?:open )?(<!-- (?:actions|i)\.)/g, ' $1')
    .replaceAll(/ \| {2}(<!-- actions\.\S+\.now )/g, ' $1');

describe('a page of the version before, whose actions had no status', () => {
  const old = withoutStatus(TEXT);

  it('is no edit while nobody touched it', () => {
    expect(old).not.toBe(TEXT);
    expect(old).not.toContain('Status |');
    expect(short(old, DRAFT)).toEqual(NOTHING);
    expect(short(old.replaceAll(/ *<!-- \S+ [0-9a-f]{10} e\d+ -->/g, ''), DRAFT)).toEqual(NOTHING);
  });

  it('is none where it holds what people had done to its actions: words, cells, a row, and one that the record has moved under', () => {
    const row = '| Add an alarm on the pool | database on-call | 1 Feb | P1 |';
    const filled = changed(
      'actions.deploy_fix',
      (line) => `${line.replace('service owner of api |  |', 'primary on-call | 20 January | P2')}\n${row}`,
      old,
    );
    // What a person said of an action whose words the record has changed since: both stand.
    const moved = { ...WRITTEN, kind: 'rewrite', block: 'actions.deploy_fix', generated: NEVER, after: 0, text: 'Ship it' } as const;
    const { recorded } = admitEdits([...read(filled, DRAFT).edits, moved], []);
    const edited = draftOf(sample(), recorded);
    const page = renderMarkdown(edited);
    expect(page).toContain('| open <!-- i.4 ');
    expect(page).toContain('<!-- actions.deploy_fix.now ');
    for (const form of [page, withoutStatus(page)]) expect(short(form, edited)).toEqual(NOTHING);
    expect(withoutStatus(page)).not.toContain('| open <!--');
  });

  it('says which statuses stay where somebody took the column out: it cannot take them with it', () => {
    const done = changed('actions.deploy_fix', (line) => line.replace('| open <!--', '| done <!--'), TEXT);
    const edited = draftOf(sample(), admitEdits(read(done, DRAFT).edits, []).recorded);
    const page = renderMarkdown(edited);
    expect(page).toContain('| done <!--');
    const out = page
      .replace(' | Status |\n| --- | --- | --- | --- | --- |', ' |\n| --- | --- | --- | --- |')
      .replaceAll(/ \| (?:open|done) (<!-- (?:actions|i)\.)/g, ' $1');
    const { edits, notTaken, told } = read(out, edited);
    expect([edits, notTaken]).toEqual([[], []]);
    expect(told.map(({ why }) => why)).toEqual(['Its table has no column Status: the status “done” stays as it was.']);
    expect(read(page, edited).told).toEqual([]);
  });

  it('keeps what people wrote in it: an owner, a date, words', () => {
    const line = lineOf('actions.deploy_fix', old);
    const typed = line.replace('service owner of api |  |', 'primary on-call | 20 January |');
    expect(typed).not.toBe(line);
    expect(short(old.replace(line, typed), DRAFT).edits).toEqual([
      'rewrite | actions.deploy_fix.owner | primary on-call',
      'rewrite | actions.deploy_fix.due | 20 January',
    ]);
  });
});

describe('a draft that comes back as a file', () => {
  it.each(TELLINGS)('is no edit while nobody touched it: %s', (_, tell) => {
    const draft = draftOf(tell());
    const text = renderMarkdown(draft);
    expect(short(text, draft)).toEqual(NOTHING);
    expect(short(text.replaceAll('\n', '\r\n'), draft)).toEqual(NOTHING);
    expect(
      short(
        text.replaceAll(/ {2,}|\n{3,}/g, (gap) => gap[0] ?? ''),
        draft,
      ),
    ).toEqual(NOTHING);
    expect(short(text, draft, { isCertain: false })).toEqual(NOTHING);
    expect(short(text.replaceAll(/ *<!-- \S+ [0-9a-f]{10} e\d+ -->/g, ''), draft)).toEqual(NOTHING);
  });

  it.each<readonly [string, RegExp, string]>([
    ['an empty link before a paragraph', /^(?=The )/gm, '[]{#impact-start .anchor}'],
    ['an empty span before a paragraph', /^(?=The )/gm, '<span id="impact-start"></span>'],
    ['an old anchor before a paragraph', /^(?=The )/gm, '<a name="impact-start"></a>'],
    ['an empty link in a heading', /(?<=^## )/gm, '[]{#part}'],
    ['attributes behind a heading', /(?<=^## .*)$/gm, ' {#part .unnumbered}'],
  ])('is no edit where another program named places in it: %s', (_, at, name) => {
    const text = TEXT.replaceAll(at, name);
    expect(text).not.toBe(TEXT);
    expect(short(text, DRAFT)).toEqual(NOTHING);
    expect(short(text.replaceAll(/ *<!-- \S+ [0-9a-f]{10} e\d+ -->/g, ''), DRAFT)).toEqual(NOTHING);
  });

  it.each([', Evidence ', '; Evidence '])('is no edit where a source begins its evidence in a capital: %s', (told) => {
    const text = TEXT.replaceAll(', evidence ', told);
    expect(text).not.toBe(TEXT);
    for (const file of [text, text.replaceAll(/ *<!-- \S+ [0-9a-f]{10} e\d+ -->/g, '')]) expect(short(file, DRAFT).edits).toEqual([]);
  });

  it('asks for exactly the rewrite that was typed, of any block, and reads it back as no edit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...WORDED), typed, (block, words) => {
        const isCell = block.kind === 'row' || block.kind === 'action';
        const text = changed(block.key, (line) => reworded(line, block.kind, isCell ? inCell(words) : words));
        const kept = canonicalWords(words);
        expect(short(text, DRAFT)).toEqual({ ...NOTHING, edits: [`rewrite | ${block.key} | ${kept}`] });
        const { recorded } = admitEdits(read(text, DRAFT).edits, []);
        const edited = draftOf(sample(), recorded);
        expect(edited.edits).toEqual([{ state: 'edited', key: block.key, text: kept, author: 'ana' }]);
        expect(short(renderMarkdown(edited), edited)).toEqual(NOTHING);
        // The same file once more: what is there is not written again.
        expect(editsIn(text, { draft: DRAFT, known: [], isCertain: true }, { current: edited, written: WRITTEN }).edits).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('asks for exactly the hiding of any block whose line is gone, and for its showing where it is back', () => {
    const figures = new Set(BLOCKS.filter(({ kind }) => kind === 'figure' || kind === 'code').map(({ key }) => key));
    for (const { key } of BLOCKS.filter((_, index) => index % 8 === 0)) {
      const line = lineOf(key);
      const whole = figures.has(key)
        ? new RegExp(`${line.replaceAll(/[.*+?^$(){}|[\]\\]/g, '\\$&')}\n\n(\`{3,})[^]*?\n\\1\n`)
        : `${line}\n`;
      const text = TEXT.replace(whole, '');
      expect(short(text, DRAFT)).toEqual({ ...NOTHING, edits: [`hide | ${key}`] });
      const { recorded } = admitEdits(read(text, DRAFT).edits, []);
      const edited = draftOf(sample(), recorded);
      expect(short(renderMarkdown(edited), edited)).toEqual(NOTHING);
      if (!figures.has(key)) expect(short(TEXT, edited).edits).toEqual([`show | ${key}`]);
    }
  });

  it('asks for exactly what was put in, right below the block before it, whatever its shape', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BLOCKS.filter(({ kind }) => kind !== 'figure' && kind !== 'code')), typed, (block, words) => {
        const isRow = block.kind === 'row' || block.kind === 'metric' || block.kind === 'action';
        const added = isRow ? `| ${block.kind === 'row' ? ` | ${inCell(words)}` : inCell(words)} |  |` : `\n${words}\n`;
        const text = changed(block.key, (line) => `${line}\n${added}`);
        const isItem = /^(?:- |\d+\. )/.test(lineOf(block.key));
        const kept = canonicalWords(words);
        expect(short(text, DRAFT)).toEqual({
          ...NOTHING,
          edits: [`insert | new.1 | below ${block.key}${isItem ? ' as plain' : ''} | ${kept}`],
        });
        const { recorded } = admitEdits(read(text, DRAFT).edits, []);
        const edited = draftOf(sample(), recorded);
        const again = renderMarkdown(edited);
        expect(short(again, edited)).toEqual(NOTHING);
        const lines = again.split('\n').filter((line) => line !== '' && /<!-- (?!.*<!--)/.test(line));
        const place = lines.findIndex((line) => line.includes(`<!-- ${block.key} `));
        expect(lines[place + 1]).toContain('<!-- i.1 ');
      }),
      { numRuns: 12 },
    );
  });

  it('keeps several paragraphs, a list and a table of a person in their order, and a heading as a strong line', () => {
    const own = [
      '## Customer care',
      '',
      'First *paragraph*',
      'on two lines.',
      '',
      '- one',
      '  - below one',
      '- [ ] two',
      '',
      '| a | b |',
      '| - | - |',
      '| c | d |',
      '',
      '```',
      'kubectl get pods',
      '```',
      '',
    ];
    const text = changed('impact.basis', (line) => [line, '', ...own].join('\n'));
    expect(short(text, DRAFT).edits).toEqual([
      'insert | new.1 | below impact.basis | **Customer care**',
      'insert | new.2 | below new.1 | First *paragraph* on two lines.',
      'insert | new.3 | below new.2 as bullet | one',
      'insert | new.4 | below new.3 | below one',
      'insert | new.5 | below new.4 | \\[ \\] two',
      'insert | new.6 | below new.5 | a \\| b',
      'insert | new.7 | below new.6 | c \\| d',
      'insert | new.8 | below new.7 as plain | `kubectl get pods`',
    ]);
    const { recorded } = admitEdits(read(text, DRAFT).edits, []);
    const edited = draftOf(sample(), recorded);
    expect(edited.edits.map(({ key }) => key)).toEqual(['i.1', 'i.2', 'i.3', 'i.4', 'i.5', 'i.6', 'i.7', 'i.8']);
    expect(short(renderMarkdown(edited), edited)).toEqual(NOTHING);
  });

  it('takes what people fill in of an action, and a row that they add with all its cells', () => {
    const row = '| Add an alarm on the pool | database on-call | 1 Feb | P1 | |';
    const text = changed(
      'actions.deploy_fix',
      (line) => `${line.replace('service owner of api |  |  | open', 'primary on-call | 20 January | P2 | ✅ Done')}\n${row}`,
    );
    expect(short(text, DRAFT)).toEqual({
      ...NOTHING,
      edits: [
        'rewrite | actions.deploy_fix.owner | primary on-call',
        'rewrite | actions.deploy_fix.due | 20 January',
        'rewrite | actions.deploy_fix.priority | P2',
        'rewrite | actions.deploy_fix.status | ✅ Done',
        'insert | new.1 | below actions.deploy_fix | Add an alarm on the pool',
        'rewrite | new.1.owner | database on-call',
        'rewrite | new.1.due | 1 Feb',
        'rewrite | new.1.priority | P1',
      ],
    });
    const { recorded } = admitEdits(read(text, DRAFT).edits, []);
    const edited = draftOf(sample(), recorded);
    const again = renderMarkdown(edited);
    expect(lineOf('i.5', again)).toMatch(/^\| Add an alarm on the pool \| database on-call \| 1 Feb \| P1 \| open <!-- i\.5 /);
    expect(lineOf('actions.deploy_fix', again)).toMatch(/\| primary on-call \| 20 January \| P2 \| ✅ Done <!-- /);
    expect(short(again, edited)).toEqual(NOTHING);
    // What stands there until somebody says otherwise is no word of theirs; what they say is, and that it is open again, too.
    const row5 = lineOf('i.5', again);
    expect(short(again.replace(row5, row5.replace('| open <!--', '| Done <!--')), edited).edits).toEqual(['rewrite | i.5.status | Done']);
  });

  it('refuses another time or figure and names assert, and takes the words beside it', () => {
    for (const { key } of ROWS.filter((_, index) => index % 4 === 0)) {
      const text = changed(key, (line) => reworded(line, 'row', 'Kinder words').replace(/\d\d:\d\d/, '03:33'));
      const { edits, notTaken } = short(text, DRAFT);
      expect(edits).toEqual([`rewrite | ${key} | Kinder words`]);
      expect(notTaken).toEqual([expect.stringMatching(/^03:33.*-> Times and figures are computed: `assert` the milestone instead/)]);
    }
    for (const { key } of BLOCKS.filter(({ kind }, index) => kind === 'metric' && index % 3 === 0)) {
      const { edits, notTaken } = short(
        changed(key, (line) => line.replace(/^(\| [^|]* \| )[^|<]*/, (_, label) => `${label}99 `)),
        DRAFT,
      );
      expect(edits).toEqual([]);
      expect(notTaken).toEqual([expect.stringContaining('`assert` the milestone instead')]);
    }
  });

  it('lists what is ours and was changed: headings, facts on top, diffs, sources, links, the order', () => {
    const why = (text: string) => short(text, DRAFT).notTaken.map((line) => line.split(' -> ')[1]);
    expect(why(TEXT.replace('## What went well', '## Went well'))).toEqual(['Headings are ours; a template arranges sections.']);
    expect(why(TEXT.replace('- **Severity:**', '- **Severity (ours):**'))).toEqual([
      'The facts on top are made of the record; authors come from --author.',
    ]);
    expect(why(TEXT.replace('+    client.release();', '+    client.end();'))).toEqual([
      expect.stringContaining('A diff or a graph is made of the evidence'),
    ]);
    expect(why(TEXT.replace(/^\[\^2\]: /m, '[^2]: (?) '))).toEqual(
      [expect.stringContaining('sources'), expect.stringContaining('ources')].slice(0, 2),
    );
    expect(why(TEXT.replace('| Time (UTC) | Event |', '| Time | What |'))).toEqual(['Heads of tables are ours.']);
    const [one, two] = [lineOf('went_well.time_to_page'), lineOf('went_well.time_to_detect')];
    expect(why(TEXT.replace(`${two}\n${one}`, `${one}\n${two}`))).toEqual([expect.stringContaining('it was not moved')]);
    expect(why(`---\ntitle: x\n---\n${TEXT}`)).toEqual(['Metadata at the top is not kept.']);
    expect(why(changed('impact.basis', (line) => `${line}\n\n<details>secret</details>\n`))).toEqual([
      'HTML and comments are not kept; write it as text.',
    ]);
  });

  it('finds a block that was written anew and lost its mark, and tells so', () => {
    const text = changed('impact.basis', (line) => line.replace(/ <!--.*$/, '').replace('inferred', 'only inferred'));
    const { edits, notTaken, told } = short(text, DRAFT);
    expect(edits).toEqual([expect.stringMatching(/^rewrite \| impact\.basis \| .*only inferred/)]);
    expect([notTaken, told]).toEqual([[], 1]);
  });

  it('has one block for a mark that stands twice: the copy is put in', () => {
    const text = changed('impact.basis', (line) => `${line.replace('The', 'A copy: the')}\n\n${line}`);
    expect(short(text, DRAFT).edits).toEqual([expect.stringMatching(/^insert \| new\.1 \| below .* \| A copy: the/)]);
  });

  it('reads rows whose table was torn in two by a paragraph, and what was typed between them', () => {
    const [first, second] = ROWS.slice(3, 5).map(({ key }) => key);
    const text = changed(first ?? '', (line) => `${line}\n\nA customer rang.\n`);
    expect(short(text, DRAFT)).toEqual({ ...NOTHING, edits: [`insert | new.1 | below ${first} as plain | A customer rang.`] });
    const more = changed(second ?? '', (line) => reworded(line, 'row', 'Kinder words'), text);
    const { edits, lines } = read(more, DRAFT);
    expect(edits.map(({ block }) => block)).toEqual([second, 'new.1']);
    expect([...lines.values()].map((line) => more.split('\n')[line - 1])).toEqual([
      expect.stringContaining('Kinder words'),
      'A customer rang.',
    ]);
  });

  it('finds what was changed in a file that lost its marks by its text, hides nothing, and lists what matches nothing', () => {
    const bare = (text: string) => text.replaceAll(/ *<!-- \S+ [0-9a-f]{10} e\d+ -->/g, '');
    const [row] = ROWS.slice(5, 6).map(({ key }) => key);
    const text = bare(
      changed('impact.basis', (line) => `${line.replace('inferred', 'only inferred')}\n\nZebras graze quietly elsewhere.\n`)
        .replace(`${lineOf(row ?? '')}\n`, '')
        .replace(/\n## Sources[\s\S]*$/, '\n'),
    );
    const { edits, notTaken, told } = short(text, DRAFT);
    expect(edits).toEqual([expect.stringMatching(/^rewrite \| impact\.basis \| .*only inferred/)]);
    expect(notTaken).toEqual([expect.stringMatching(/^Zebras graze .* -> Nothing in the draft is like it/)]);
    expect(told).toBe(1);
    // Pasted through a tool that writes the numbers of notes as text.
    expect(short(bare(TEXT).replaceAll(/\[\^(\d+)\](?!:)/g, '[$1]'), DRAFT).edits).toEqual([]);
  });

  it('knows the words of an older draft by the digest in their mark, where the file does not say which draft it is of', () => {
    const later = compose(sampleCase(), { ...sampleAnalysis(sampleCase()), findings: [] }, [], NEVER);
    const moved = { ...later, sections: later.sections.map((section) => ({ ...section, blocks: section.blocks.map(inOtherWords) })) };
    expect(short(TEXT, moved, { isCertain: false }).edits).toEqual([]);
    const text = changed('impact.basis', (line) => reworded(line, 'prose', 'A person wrote this.'));
    const { edits } = read(text, moved, { isCertain: false });
    expect(edits).toMatchObject([{ kind: 'rewrite', block: 'impact.basis', generated: expect.stringMatching(/^sha256:[0-9a-f]{10}$/) }]);
  });
});

/** As a later draft may say it. */
function inOtherWords(block: Block): Block {
  if (block.key !== 'impact.basis' || block.kind !== 'prose') return block;
  const [first] = block.sentences;
  return { ...block, sentences: [{ ...first, text: 'The record now tells the start otherwise.' }] };
}
