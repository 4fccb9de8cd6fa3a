import { readFileSync } from 'node:fs';
import { type Json, type JsonObject, numberAt, textAt } from '../../src/kubernetes/json.ts';

/** One answer of a real kube-apiserver 1.36.2, as it was recorded. */
export interface Recording {
  /** With its query. */
  path: string;
  /** The Accept header, undefined where none was sent. */
  accept: string | undefined;
  status: number;
  contentType: string;
  /** Parsed where it was one JSON document, else the text. */
  body: Json;
}

/** The recording in `test/fixtures/kubernetes/<name>.json`. */
export function recording(name: string): Recording {
  const text = readFileSync(new URL(`../fixtures/kubernetes/${name}.json`, import.meta.url), 'utf8');
  const read: JsonObject = JSON.parse(text);
  return {
    path: textAt(read, 'request', 'path') ?? '',
    accept: textAt(read, 'request', 'accept'),
    status: numberAt(read, 'status') ?? 0,
    contentType: textAt(read, 'contentType') ?? '',
    body: read.body ?? null,
  };
}
