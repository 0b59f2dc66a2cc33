import type { Instant } from '../../src/contract/index.ts';

/** One query of GetMetricData, in the vendor's own words: it is asked as an alarm states it. */
export interface MetricQuery {
  readonly Id: string;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
    readonly Unit?: string;
  };
  readonly Expression?: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
  readonly Period?: number;
  readonly AccountId?: string;
}

export interface AlarmQuestion {
  /** At most a hundred; not together with a prefix. */
  readonly names?: readonly string[];
  readonly prefix?: string;
  readonly token?: string | undefined;
  readonly limit?: number;
}

export interface HistoryQuestion {
  /** Of one alarm alone. */
  readonly name?: string;
  /** Of one kind of item alone. */
  readonly kind?: 'ConfigurationUpdate';
  readonly from?: Instant;
  readonly to?: Instant;
  readonly token?: string | undefined;
  readonly limit?: number;
}

/** Without a name all of the namespace, without both all of the account. */
export interface MetricsQuestion {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly token?: string | undefined;
}

export interface DataQuestion {
  readonly queries: readonly MetricQuery[];
  readonly from: Instant;
  readonly to: Instant;
  readonly token?: string | undefined;
}
