import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A world file: what truly happened, in which the stand-ins live. Times are RFC 3339 in UTC. */
export interface World {
  readonly name: string;
  readonly now: string;
  readonly people: readonly WorldPerson[];
  readonly pagerduty: PagerDutyWorld;
  readonly cloudwatch: CloudWatchWorld;
  readonly github: GitHubWorld;
  readonly truth: Truth;
}

export interface WorldPerson {
  readonly id: string;
  readonly name: string;
  readonly pagerduty: string;
  readonly github: string;
  readonly email: string;
  readonly time_zone: string;
}

export interface PagerDutyWorld {
  readonly subdomain: string;
  /** It may read; `write_token` may write notes too. */
  readonly token: string;
  readonly write_token?: string;
  readonly time_zone: string;
  readonly escalation_policies: readonly { readonly id: string; readonly name: string; readonly levels: readonly string[] }[];
  readonly services: readonly {
    readonly id: string;
    readonly name: string;
    readonly escalation_policy: string;
    readonly acknowledgement_timeout: number;
  }[];
  readonly integrations: readonly { readonly id: string; readonly name: string; readonly service: string }[];
  readonly incidents: readonly WorldIncident[];
  readonly change_events: readonly {
    readonly id: string;
    readonly at: string;
    readonly service: string;
    readonly integration: string;
    readonly summary: string;
    readonly source: string;
    readonly repository?: string;
    readonly deployment?: number;
    readonly revision?: string;
    readonly environment?: string;
  }[];
}

export interface WorldIncident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly service: string;
  readonly urgency: 'high' | 'low';
  readonly priority?: string;
  readonly created_at: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  /** The incident into which it was merged when it was resolved. */
  readonly merged_into?: string;
  readonly alerts?: readonly {
    readonly id: string;
    readonly at: string;
    readonly resolved_at?: string;
    readonly integration: string;
    readonly alarm: string;
    readonly state_change_at: string;
  }[];
  readonly log: readonly WorldLogEntry[];
  readonly responders?: readonly {
    readonly user: string;
    readonly requester: string;
    readonly requested_at: string;
    readonly state: string;
    readonly updated_at: string;
    readonly message: string;
  }[];
  readonly past_incidents?: readonly string[];
  readonly related_incidents?: readonly { readonly id: string; readonly by: readonly ('similar_contents' | 'service_dependency')[] }[];
}

/** `type` is PagerDuty's log entry type without `_log_entry`. People stand by their `id` in the world. */
export interface WorldLogEntry {
  readonly at: string;
  readonly type: string;
  readonly by?: string;
  readonly to?: string;
  readonly user?: string;
  readonly integration?: string;
  readonly alert?: string;
  readonly automatic?: boolean;
  readonly status?: string;
  readonly policy?: string;
  readonly message?: string;
  readonly text?: string;
}

export interface CloudWatchWorld {
  readonly account: string;
  readonly region: string;
  readonly region_name: string;
  readonly metrics: readonly WorldMetric[];
  readonly alarms: readonly WorldAlarm[];
  readonly composite_alarms: readonly {
    readonly name: string;
    readonly description: string;
    readonly rule: string;
    readonly history: readonly { readonly at: string; readonly from: string; readonly to: string; readonly triggered_by: string }[];
  }[];
  readonly log_alarms?: readonly WorldLogAlarm[];
}

/** An alarm on the results of a log query that runs on a schedule. */
export interface WorldLogAlarm {
  readonly name: string;
  readonly description: string;
  readonly query: string;
  readonly results_to_evaluate: number;
  readonly results_to_alarm: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly missing: string;
  readonly history: readonly { readonly at: string; readonly from: string; readonly to: string }[];
}

export interface WorldMetric {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly kind: 'count' | 'gauge';
  readonly shape: { readonly mean: number; readonly daily: number; readonly noise: number };
  readonly episodes?: readonly { readonly from: string; readonly minutes: readonly number[] }[];
  /** Spans in which nothing was reported: [from, to). */
  readonly absent?: readonly { readonly from: string; readonly to: string }[];
}

export interface WorldAlarm {
  readonly name: string;
  readonly description: string;
  readonly metric: string;
  readonly statistic: string;
  readonly period: number;
  readonly evaluation_periods: number;
  readonly datapoints_to_alarm: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly missing: string;
  readonly topic?: string;
  /** Metric math in place of `metric` and `statistic`: operands by their id, and what is computed from them. */
  readonly math?: {
    readonly expression: string;
    readonly label: string;
    readonly operands: Readonly<Record<string, { readonly metric: string; readonly statistic: string }>>;
  };
  /** An anomaly band of so many deviations in place of the threshold. */
  readonly band?: number;
  /** Later configurations, oldest first: what each changed, and when. The members above are those of its creation. */
  readonly edits?: readonly { readonly at: string; readonly rule: Partial<WorldRule> }[];
  /** From then on only its history is left. */
  readonly deleted_at?: string;
  readonly history: readonly {
    readonly at: string;
    readonly from: string;
    readonly to: string;
    readonly start: string;
    readonly actions?: boolean;
    /** The values that the alarm saw, oldest first, where late samples changed them since; null where it saw none. */
    readonly saw?: readonly (number | null)[];
  }[];
}

/** What an edit of an alarm may change. */
export type WorldRule = Pick<
  WorldAlarm,
  'metric' | 'statistic' | 'period' | 'evaluation_periods' | 'datapoints_to_alarm' | 'threshold' | 'comparison' | 'missing'
>;

export interface GitHubWorld {
  readonly token: string;
  readonly repositories: readonly WorldRepository[];
}

export interface WorldRepository {
  readonly full_name: string;
  readonly id: number;
  readonly private: boolean;
  readonly default_branch: string;
  readonly commits: readonly WorldCommit[];
  readonly tags: readonly { readonly name: string; readonly sha: string }[];
  readonly releases: readonly {
    readonly id: number;
    readonly tag: string;
    readonly name: string;
    readonly published_at: string;
    readonly author: string;
    readonly body: string;
  }[];
  readonly pulls: readonly {
    readonly number: number;
    readonly title: string;
    readonly author: string;
    readonly branch: string;
    readonly created_at: string;
    readonly merged_at?: string;
    readonly sha: string;
    readonly body: string;
  }[];
  readonly files: Readonly<Record<string, readonly { readonly path: string; readonly patch: string; readonly status?: string }[]>>;
  readonly deployments: readonly WorldDeployment[];
  readonly runs?: readonly WorldRun[];
  readonly activity?: readonly WorldActivity[];
}

/** What happened to a branch. */
export interface WorldActivity {
  readonly id: number;
  readonly kind: 'push' | 'force_push' | 'pr_merge' | 'branch_creation' | 'branch_deletion' | 'merge_queue_merge';
  readonly branch: string;
  readonly before: string;
  readonly after: string;
  readonly at: string;
  readonly actor: string;
}

/** A run of a workflow; each attempt began and ended on its own. */
export interface WorldRun {
  readonly id: number;
  /** The file of the workflow: `deploy.yml`. */
  readonly workflow: string;
  readonly name: string;
  readonly title?: string;
  readonly sha: string;
  readonly branch: string;
  readonly event: string;
  readonly actor: string;
  readonly created_at: string;
  readonly attempts: readonly { readonly started_at: string; readonly ended_at?: string; readonly conclusion?: string }[];
}

/** The parent is the commit listed before it, unless `parent` names another: that is where a branch leaves. */
export interface WorldCommit {
  readonly sha: string;
  readonly at: string;
  readonly author: string;
  readonly message: string;
  readonly parent?: string;
}

export interface WorldDeployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly environment: string;
  readonly task?: string;
  readonly description?: string;
  /** To an environment of its own that does not last, such as a pull request's preview. */
  readonly transient?: boolean;
  /** Whether its creator says that users meet the environment; unsaid GitHub goes by the name. */
  readonly production?: boolean;
  readonly creator: string;
  readonly created_at: string;
  readonly statuses: readonly { readonly at: string; readonly state: string; readonly description?: string }[];
}

export interface Truth {
  readonly incident: string;
  readonly service: string;
  readonly suspect: string;
  readonly impact_requests: number;
  readonly milestones: Readonly<Record<string, string>>;
  readonly moments: readonly { readonly at: string; readonly what: string }[];
  readonly noise: readonly string[];
}

/** Reads a world file. `now` moves the world's clock: what retention has taken by then is gone. */
export function readWorld(path: string | URL, now?: string): World {
  const world = parse(readFileSync(path, 'utf8')) as World;
  return now === undefined ? world : { ...world, now };
}
