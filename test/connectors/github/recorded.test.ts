import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { changes } from '../../../connectors/github/streams/changes.ts';
import { deploymentStatuses } from '../../../connectors/github/streams/deployment-statuses.ts';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import { releases } from '../../../connectors/github/streams/releases.ts';
import type { Json } from '../../../src/contract/index.ts';
import { readWith } from '../../support/github-source.ts';
import { sharedFile } from '../../support/shared.ts';

/** The recordings are JSON: what is read of them is checked by the streams themselves. */
function read(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}

const API = 'data/github/github-api';
const DEPLOYMENTS = [
  'testGetDeploymentStatuses____files__3-r_h_g_deployments.json',
  'testCreateAndListDeployments____files__3-r_h_g_deployments.json',
  'testCreateAndListDeployments____files__4-r_h_g_deployments.json',
  'testGetDeploymentByIdStringPayload____files__3-r_h_g_deployments_178653229.json',
  'testGetDeploymentByIdObjectPayload____files__3-r_h_g_deployments_178653229.json',
];
const STATUSES = [4, 5, 6].map((number) => `testGetDeploymentStatuses____files__${number}-r_h_g_deployments_315601644_statuses.json`);
const recorded = sharedFile(API);

describe.skipIf(!recorded)('recorded answers of api.github.com (needs the shared reference folder)', () => {
  it.each(DEPLOYMENTS)('%s', (name) => {
    for (const body of listOf(read(`${recorded}/${name}`))) {
      const { events, issues } = readWith(deployments, { nativeId: Object(body).node_id, body });
      expect(issues).toEqual([]);
      expect(events).toMatchObject([
        { type: 'deployment.started', correlationKeys: [expect.stringMatching(/^deployment:hub4j/), expect.stringMatching(/^sha:/)] },
      ]);
    }
  });

  it.each(STATUSES)('%s', (name) => {
    for (const body of listOf(read(`${recorded}/${name}`))) {
      const { events, issues } = readWith(deploymentStatuses, { nativeId: Object(body).node_id, body });
      // All of them are `queued`.
      expect([events, issues]).toEqual([[], []]);
    }
  });
});

const graphql = sharedFile('data/github/devlake/_raw_github_graphql_deployment.json');

describe.skipIf(!graphql)('U3.3 recorded deployments of GraphQL (needs the shared reference folder)', () => {
  it('are read to the same keys as those of REST', () => {
    // DevLake keeps the answer under the names of its Go structures: the fields begin with a capital.
    const nodes = listOf(read(graphql ?? '')).map(lowerFirst);
    expect(nodes).toHaveLength(7);
    for (const body of nodes) {
      const { events, issues } = readWith(deployments, { nativeId: Object(body).id, body });
      expect(issues).toEqual([]);
      expect(events).toMatchObject([{ type: 'deployment.started', belongsTo: [expect.stringMatching(/^github\/repo:[^@]+@/)] }]);
    }
    const [first] = nodes.map((body) => readWith(deployments, { nativeId: Object(body).id, body }).events[0]);
    expect(first).toMatchObject({
      belongsTo: ['github/repo:facebook/OpenBIC@github-pages'],
      correlationKeys: ['deployment:facebook/OpenBIC#3881429895', 'sha:0916a0afdfa825779c892a8951bde706a054d352'],
      url: 'https://github.com/facebook/OpenBIC/deployments/github-pages',
    });
  });
});

function lowerFirst(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(lowerFirst);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [`${key.charAt(0).toLowerCase()}${key.slice(1)}`, lowerFirst(member)]),
  );
}

const webhooks = sharedFile('specs/recorded/github-webhook-examples.json');

describe.skipIf(!webhooks)('the objects inside recorded webhooks (needs the shared reference folder)', () => {
  const STREAMS = { deployment: deployments, deployment_status: deploymentStatuses, release: releases, pull_request: changes } as const;

  it.each(['deployment', 'deployment_status', 'release', 'pull_request'] as const)('%s', (name) => {
    const events = listOf(Object(read(webhooks ?? '')).events);
    const examples = events.filter((event) => Object(event).name === name).flatMap((event) => listOf(Object(event).examples));
    const bodies = examples.map((example): Json => Object(example)[name]).filter((body) => body !== undefined);
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) expect(readWith(STREAMS[name], { nativeId: Object(body).node_id, body }).issues).toEqual([]);
  });
});
