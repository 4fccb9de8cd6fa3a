import { type Json, type JsonObject, listAt, textAt } from '../../../src/kubernetes/json.ts';
import { printAge } from './ages.ts';

export type Cell = string | number | boolean | null;

/** A column definition (meta/v1 TableColumnDefinition); the descriptions are left empty. */
export interface Column {
  name: string;
  type: string;
  format: string;
  description: string;
  /** 0: always shown. 1: in wide tables. */
  priority: number;
}

/** How one kind is printed. */
export interface Printer {
  columns: readonly Column[];
  cells(object: JsonObject, nowMs: number): Cell[];
}

/** Columns by their names; those of `wide` have priority 1. */
export function columns(names: readonly string[], wide: readonly string[] = []): Column[] {
  const column = (name: string, priority: number): Column => ({
    name,
    type: 'string',
    format: name === 'Name' ? 'name' : '',
    description: '',
    priority,
  });
  return [...names.map((name) => column(name, 0)), ...wide.map((name) => column(name, 1))];
}

export function nameOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'name') ?? '';
}

export function ageOf(object: JsonObject, nowMs: number): string {
  return printAge(textAt(object, 'metadata', 'creationTimestamp'), nowMs);
}

/** `<none>` where there is nothing to say. */
export function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? '<none>' : text;
}

/** Names and images of a pod template's containers, with commas. */
export function containersOf(podSpec: Json | undefined): [names: string, images: string] {
  const containers = listAt(podSpec, 'containers');
  const all = (key: string) => containers.map((container) => textAt(container, key) ?? '').join(',');
  return [all('name'), all('image')];
}
