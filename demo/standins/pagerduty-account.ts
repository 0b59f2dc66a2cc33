import type { World } from '../world.ts';
import { integrationReference, policyReference, serviceReference, userReference } from './pagerduty-references.ts';
import { inZone } from './pagerduty-time.ts';

type WorldService = World['pagerduty']['services'][number];
type WorldChange = World['pagerduty']['change_events'][number];

/** When the world's account was made; PagerDuty dates services by the account's own zone. */
const FOUNDED = '2021-03-02T09:00:00Z';

export function serviceOf(world: World, service: WorldService): object {
  const { pagerduty } = world;
  return {
    ...serviceReference(world, service.id),
    type: 'service',
    name: service.name,
    description: null,
    auto_resolve_timeout: null,
    acknowledgement_timeout: service.acknowledgement_timeout,
    created_at: inZone(FOUNDED, pagerduty.time_zone),
    status: 'active',
    alert_creation: 'create_alerts_and_incidents',
    integrations: pagerduty.integrations
      .filter((one) => one.service === service.id)
      .map(({ id }) => integrationReference(world, id, 'inbound_integration_reference')),
    escalation_policy: policyReference(world, service.escalation_policy),
    teams: [],
  };
}

export function userOf(world: World, person: World['people'][number]): object {
  return {
    ...userReference(world, person.id),
    type: 'user',
    name: person.name,
    email: person.email,
    time_zone: person.time_zone,
    color: 'green',
    role: 'user',
    description: null,
    invitation_sent: false,
    contact_methods: [],
    notification_rules: [],
    teams: [],
  };
}

/** What a pipeline told PagerDuty; the time is the sender's. */
export function changeEventOf({ id, at, service, integration, summary, source, ...change }: WorldChange): object {
  const { repository, deployment, revision, environment } = change;
  const commit = repository && revision ? [{ href: `https://github.com/${repository}/commit/${revision}`, text: 'View the commit' }] : [];
  return {
    id,
    type: 'change_event',
    summary,
    timestamp: inZone(at, 'UTC'),
    source,
    services: [{ id: service, type: 'service_reference' }],
    integration: { id: integration, type: 'inbound_integration_reference' },
    links: commit,
    images: [],
    custom_details: {
      ...(repository !== undefined && { repository }),
      ...(deployment !== undefined && { deployment_id: deployment }),
      ...(revision !== undefined && { revision }),
      ...(environment !== undefined && { environment }),
    },
  };
}
