import type { World, WorldRepository } from '../../demo/world.ts';

const MINUTE_MS = 60_000;
const INCIDENTS = 52;
const ENTRIES = 10;
const CHANGES_OF_STATE = 70;
const PULLS = 110;

/** The day on which all that happens in the busy world lies. */
export const DAY = { from: '2024-01-14T16:00:00Z', to: '2024-01-15T14:00:00Z' };

const at = (index: number, count: number): string => {
  const [from, to] = [Date.parse(DAY.from) + MINUTE_MS, Date.parse(DAY.to) - 10 * MINUTE_MS];
  return `${new Date(from + Math.floor(((to - from) * index) / count)).toISOString().slice(0, 19)}Z`;
};
const many = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_, index) => make(index));

/** The sample's world on a day of so many incidents, changes of state and merges that a pull of it takes several minutes' budgets. */
export function makeBusy(world: World): World {
  return { ...world, pagerduty: busyPagerDuty(world), cloudwatch: busyCloudWatch(world), github: busyGitHub(world) };
}

function busyPagerDuty({ pagerduty }: World): World['pagerduty'] {
  const incidents = many(INCIDENTS, (index) => {
    const created_at = at(index, INCIDENTS);
    const log = many(ENTRIES, (entry) =>
      entry === 0
        ? { at: created_at, type: 'trigger', integration: 'PINTCW1' }
        : { at: created_at, type: entry === ENTRIES - 1 ? 'resolve' : 'annotate', by: 'jane', text: `note ${entry}` },
    );
    const id = `QBUSY${String(index).padStart(4, '0')}`;
    return { id, number: 9_000 + index, title: `incident ${index}`, service: 'PAPI001', urgency: 'low' as const, created_at, log };
  });
  return { ...pagerduty, incidents: incidents.map((incident) => ({ ...incident, status: 'resolved' as const })) };
}

function busyCloudWatch({ cloudwatch }: World): World['cloudwatch'] {
  const [alarm] = cloudwatch.alarms;
  if (!alarm) throw new Error('the sample has an alarm');
  const history = many(CHANGES_OF_STATE, (index) => {
    const [from, to] = index % 2 === 0 ? ['OK', 'ALARM'] : ['ALARM', 'OK'];
    const stamp = at(index, CHANGES_OF_STATE);
    return { at: stamp.replace('Z', '.000Z'), from, to, start: stamp };
  });
  return { ...cloudwatch, alarms: [{ ...alarm, history }], composite_alarms: [] };
}

function busyGitHub({ github }: World): World['github'] {
  return { ...github, repositories: github.repositories.map(withMerges) };
}

function withMerges(repository: WorldRepository, place: number): WorldRepository {
  const [first] = repository.commits;
  if (!first) throw new Error('the sample has commits');
  const merges = many(PULLS, (index) => ({ at: at(index, PULLS), sha: `${place}${index}`.padStart(40, '0'), number: 5_000 + index }));
  const commits = merges.map(({ at, sha, number }) => ({ sha, at, author: first.author, message: `change ${number}` }));
  const pulls = merges.map(({ at, sha, number }) => {
    const told = { title: `change ${number}`, author: first.author, branch: `change-${number}`, body: '' };
    return { ...told, number, created_at: at, merged_at: at, sha };
  });
  return { ...repository, commits: [first, ...commits], pulls, deployments: [], releases: [], tags: [] };
}
