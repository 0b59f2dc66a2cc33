import type { Analysis } from '../analysis/analyze.ts';
import type { Case } from '../case.ts';
import { actionsSection } from './actions-section.ts';
import { wentWellSection, wentWrongSection } from './assessment-sections.ts';
import { generatedOf } from './blocks.ts';
import { codeFixSection } from './code-fix-section.ts';
import { communicationSection } from './communication-section.ts';
import { coverageSection } from './coverage-section.ts';
import { durationsSection } from './durations-section.ts';
import { applyEdits, type Edit } from './edits.ts';
import { graphsSection } from './graphs-section.ts';
import { impactSection } from './impact-section.ts';
import { factsOf, gather, type Material } from './material.ts';
import type { CaseHeader, Draft, IncidentHeader, Plotted, Section } from './model.ts';
import { plot } from './plotted.ts';
import { askPeople } from './questions.ts';
import { relatedSection } from './related-section.ts';
import { rootCauseSection } from './root-cause-section.ts';
import { touchedBy } from './row-choice.ts';
import { summarySection } from './summary-section.ts';
import { timelineSection } from './timeline-section.ts';
import { periodOf } from './words.ts';

/**
 * Words what the analysis concludes: sections of blocks that cite, questions for what only people know, then people's edits
 * laid over them. Pure: the same arguments give the same draft, in whatever order the case's facts and series stand.
 */
export function compose(theCase: Case, analysis: Analysis, edits: readonly Edit[], draftId: string): Draft {
  const material = gather(theCase, analysis);
  const series = plot(material);
  const sections = withQuestions(generate(material, series, touchedBy(edits)), material);
  return withEdits({ id: draftId, case: headerOf(material), analysis, series, sections }, edits);
}

/** Lays people's edits over what was generated, in the order of their numbers. */
export function withEdits(generated: Omit<Draft, 'edits' | 'lastEdit'>, edits: readonly Edit[]): Draft {
  const ordered = edits.toSorted((a, b) => a.sequence - b.sequence);
  const lastEdit = ordered.at(-1)?.sequence;
  return {
    ...generated,
    edits: applyEdits(generatedOf(generated.sections), ordered).filter(({ state }) => state !== 'generated'),
    ...(lastEdit !== undefined && { lastEdit }),
  };
}

function generate(material: Material, series: readonly Plotted[], touched: ReadonlySet<string>): readonly Section[] {
  return [
    summarySection(material),
    impactSection(material),
    timelineSection(material, touched),
    durationsSection(material),
    rootCauseSection(material),
    { key: 'factors', heading: 'Contributing factors', blocks: [] },
    wentWellSection(material),
    wentWrongSection(material),
    actionsSection(material),
    { key: 'lessons', heading: 'Lessons', blocks: [] },
    relatedSection(material),
    { key: 'prevention', heading: 'Prevention', blocks: [] },
    graphsSection(material, series),
    communicationSection(material, touched),
    codeFixSection(material),
    coverageSection(material, touched),
  ];
}

/** Each question stands at the end of its section; a section with nothing to say is left out. */
function withQuestions(sections: readonly Section[], material: Material): readonly Section[] {
  const questions = askPeople(material);
  return sections
    .map((section) => {
      const asked = questions.filter(({ section: key }) => key === section.key).map(({ block }) => block);
      return { ...section, blocks: [...section.blocks, ...asked] };
    })
    .filter(({ blocks }) => blocks.length > 0);
}

function headerOf(material: Material): CaseHeader {
  const { windows, takenAt, asOf, asked, origin, subject, draft, incidents } = material.theCase;
  const [first, ...others] = incidents;
  return {
    incidents: [incidentOf(first, material), ...others.map((key) => incidentOf(key, material))],
    services: subject,
    authors: draft.authors,
    takenAt,
    ...(asOf !== undefined && { asOf }),
    ...(origin !== undefined && { origin }),
    ...(asked !== undefined && { asked }),
    windows,
  };
}

function incidentOf(key: string, material: Material): IncidentHeader {
  const fact = factsOf(material, 'incident').find((one) => one.key === key);
  const id = idOf(key);
  if (!fact) return unread(id, material);
  const { number, title, url, severity, status, mergedInto } = fact;
  return {
    id,
    ...(number !== undefined && { number }),
    title,
    ...(url !== undefined && { url }),
    ...(severity !== undefined && { severity }),
    status,
    ...(mergedInto !== undefined && { mergedInto: idOf(mergedInto) }),
  };
}

function idOf(key: string): string {
  return key.split('/incident:')[1] ?? key;
}

/** A window that never paged has no record; what was asked for is its name. */
function unread(id: string, { service, quiet, theCase, analysis }: Material): IncidentHeader {
  const { recovered } = analysis.milestones;
  const isAwaited = !recovered.known && recovered.why === 'not_yet';
  return {
    id,
    title: `${service}, ${periodOf(quiet ?? theCase.windows.incident)}`,
    status: quiet ? 'not_opened' : isAwaited ? 'open' : 'resolved',
  };
}
