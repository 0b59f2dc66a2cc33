import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../app/errors.ts';
import type { FileReader, FileReading } from '../app/ports.ts';
import type { AnyConnector, Reader } from '../contract/index.ts';
import type { Json } from '../core/evidence.ts';
import { nearestName } from './nearest-name.ts';
import { packageRoot } from './package-root.ts';

/** The connector of files, as the registry gives it. */
export interface FilesOf<Mapping> {
  readonly connector: Pick<AnyConnector, 'id'>;
  readonly readMapping: Reader<Mapping>;
  readonly plain: Mapping;
  readonly growing: readonly string[];
  readFile(file: {
    readonly name: string;
    readonly text: string;
    readonly mapping: Mapping;
    readonly common: { readonly service?: string; readonly keys: readonly string[] };
  }): FileReading | { readonly problem: string };
  mergeBody(stream: string, before: Json, now: Json): Json;
}

/** Reads files by a mapping: a YAML text, or one of those that are shipped in `config/mappings`. */
export function createFileReader<Mapping>(files: FilesOf<Mapping>): FileReader {
  const { connector, readMapping, plain, growing, readFile, mergeBody } = files;
  return {
    connector: connector.id,
    growing,
    read: async ({ mapping, ...file }) => {
      const reading = readFile({ ...file, mapping: mapping === undefined ? plain : await mappingOf(mapping, readMapping) });
      if ('problem' in reading) throw new AppError('usage', reading.problem);
      return reading;
    },
    merge: mergeBody,
  };
}

async function mappingOf<Mapping>(
  { name, text }: { readonly name: string; readonly text?: string },
  readMapping: Reader<Mapping>,
): Promise<Mapping> {
  const value = await parseMapping(name, text ?? shippedMapping(name));
  const mapping = readMapping.read(value);
  if (mapping) return mapping;
  const { pointer, problem } = readMapping.problem(value);
  throw new AppError(
    'usage',
    `the mapping ${name} cannot be used: ${pointer || 'it'} ${problem}; connectors/import/README.md lists its keys`,
  );
}

async function parseMapping(name: string, text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text, { maxAliasCount: 100, uniqueKeys: true });
  } catch (error) {
    throw new AppError(
      'usage',
      `the mapping ${name} is not YAML: ${error instanceof Error ? error.message.split('\n')[0] : 'unreadable'}`,
      {
        cause: error,
      },
    );
  }
}

function shippedMapping(name: string): string {
  const folder = join(packageRoot(), 'config/mappings');
  const known = readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
  if (known.includes(name)) return readFileSync(join(folder, `${name}.yaml`), 'utf8');
  const nearest = nearestName(name, known);
  throw new AppError(
    'usage',
    `no mapping ${JSON.stringify(name)} is shipped${nearest ? `: did you mean ${nearest}?` : `; known are ${known.join(', ')}`}`,
  );
}
