import { join } from 'node:path';
import { actionIssues, issueCommands } from '../render/actions.ts';
import type { Context } from './io.ts';

export interface ActionsFlags {
  readonly format: 'markdown' | 'json';
  readonly out?: string;
  readonly config?: string;
}

/**
 * `hindcast actions export ID`: the action items of the newest draft, as people left them. Printed, or with `--out` one file an item,
 * and then what opens them as issues of GitHub is printed and not run: no source and no tracker is asked.
 */
export async function runActionsExport({ io, open }: Context, id: string, flags: ActionsFlags): Promise<number> {
  const { app, close } = await open({
    select: id,
    offline: true,
    existing: true,
    ...(flags.config !== undefined && { config: flags.config }),
  });
  try {
    const { draft } = await app.stored(id);
    const issues = actionIssues(draft);
    if (issues.length === 0) io.err('the draft has no action items\n');
    if (flags.format === 'json' && flags.out === undefined) io.out(`${JSON.stringify(issues, null, 2)}\n`);
    else if (flags.out === undefined) io.out(issues.map(({ title, body }) => `# ${title}\n\n${body}`).join('\n'));
    else {
      const folder = flags.out;
      io.makeFolder(folder);
      const files = issues.map((issue, index) => ({ issue, file: join(folder, fileOf(issue.key, index, flags.format)) }));
      for (const { issue, file } of files) io.writeFile(file, flags.format === 'json' ? `${JSON.stringify(issue, null, 2)}\n` : issue.body);
      if (flags.format === 'markdown') io.out(issueCommands(files.map(({ issue, file }) => ({ title: issue.title, file }))));
    }
    return 0;
  } finally {
    await close();
  }
}

function fileOf(key: string, index: number, format: ActionsFlags['format']): string {
  const name = key.replace(/^actions\./, '').replaceAll(/[^\w-]+/g, '-');
  return `${String(index + 1).padStart(2, '0')}-${name}.${format === 'json' ? 'json' : 'md'}`;
}
