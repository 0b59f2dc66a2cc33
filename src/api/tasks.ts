import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import type { Drafted } from '../app/app.ts';
import type { Log } from '../app/ports.ts';
import { acceptedKind, sendWritten } from './answers.ts';
import { askedBy, type Guard, securityOf } from './auth.ts';
import type { DraftTexts } from './drafts.ts';
import { Problem } from './errors.ts';
import { ANSWERS } from './schemas.ts';

/** A draft that somebody asked for and did not wait for. */
interface Task {
  readonly incident: string;
  readonly result: Promise<Drafted>;
  isRunning: boolean;
}

/** Drafts that are made while nobody waits. They live as long as the process: what they made is in the store. */
export interface Tasks {
  /** Starts the draft and answers 202, with where to ask for it. */
  begin(reply: FastifyReply, incident: string, draft: () => Promise<Drafted>): FastifyReply;
  find(incident: string, task: string): Task;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
}

/** More than these begin no draft: their sources would not answer sooner. */
const MAX_RUNNING = 100;
/** So many finished ones are told, since each holds its draft; of an older one the draft itself is in the store. */
const MAX_FINISHED = 50;

export function keepTasks(log: Log): Tasks {
  const tasks = new Map<string, Task>();
  const running = () => [...tasks.values()].filter(({ isRunning }) => isRunning);
  return {
    begin: (reply, incident, draft) => {
      if (running().length >= MAX_RUNNING) throw new Problem('busy', `${MAX_RUNNING} drafts are under way: ask again when one has ended`);
      const id = randomUUID();
      const task: Task = { incident, result: draft(), isRunning: true };
      const end = () => {
        task.isRunning = false;
      };
      task.result.then(end, (error: unknown) => {
        end();
        // Whoever asks is told; where nobody does, the log is.
        log.warn({ requestId: reply.request.id, incident, error }, 'draft failed that nobody waited for');
      });
      tasks.set(id, task);
      const finished = [...tasks].filter(([, { isRunning }]) => !isRunning);
      for (const [old] of finished.slice(0, -MAX_FINISHED)) tasks.delete(old);
      const location = `/incidents/${encodeURIComponent(incident)}/draft/tasks/${id}`;
      return sendRunning(reply.headers({ location, 'preference-applied': 'respond-async' }), id);
    },
    find: (incident, id) => {
      const task = tasks.get(id);
      if (task?.incident !== incident) throw new Problem('not_found', 'no such task: a draft that was made is at the incident itself');
      return task;
    },
    settled: async () => {
      await Promise.allSettled(running().map(({ result }) => result));
    },
  };
}

function sendRunning(reply: FastifyReply, task: string): FastifyReply {
  return reply.code(202).header('retry-after', '2').send({ task, status: 'running' });
}

/** `Prefer: respond-async` (RFC 7240), among whatever else is preferred. */
export function prefersAsync({ headers }: FastifyRequest): boolean {
  return [headers['prefer'] ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .some((preference) => /^\s*respond-async\s*(?:;|$)/i.test(preference));
}

const TaskPath = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 200 }),
    task: Type.String({ pattern: '^[0-9a-f-]{36}$', description: 'As the Location of the 202 names it' }),
  },
  { additionalProperties: false },
);

/** Where a draft is asked for that was begun under `Prefer: respond-async`: 202, then the answer that waiting would have given. */
export function taskRoutes({ tasks, texts, read }: { readonly tasks: Tasks; readonly texts: DraftTexts; readonly read: Guard }) {
  return async (server: FastifyInstance) => {
    server.get<{ Params: Static<typeof TaskPath> }>(
      '/incidents/:id/draft/tasks/:task',
      {
        ...askedBy(read),
        schema: {
          summary: 'A draft that was not waited for',
          description: '202 while it is made; then what `POST /incidents/{id}/draft` would have answered, the problem too.',
          tags: ['incidents'],
          security: securityOf(read),
          params: TaskPath,
          response: { ...ANSWERS.draft, ...ANSWERS.running },
        },
      },
      async (request, reply) => {
        const kind = acceptedKind(request);
        const task = tasks.find(request.params.id, request.params.task);
        if (task.isRunning) return sendRunning(reply, request.params.task);
        return sendWritten(request, reply, kind, texts.write(await task.result, kind));
      },
    );
    // What runs is finished before the process ends.
    server.addHook('onClose', () => tasks.settled());
  };
}
