import type { AgentAnswer, Envelope, Missing } from '@telemcp/shared/envelope';
import type { z } from 'zod';
import type { NextCall, Table } from '../answer.ts';
import type { ToolContext } from '../tool.ts';
import { type FleetLookQuestion, type FleetLooks, type Look, lookAtFleet } from './fleet-looks.ts';

/** A family as an answer tells it. */
export interface FamilyStory {
  summary: string;
  tables: Table[];
  notes?: string[];
  next?: NextCall[];
}

/** How to tell one family: of one node in full, of several by what most have in common and who deviates. */
export interface FamilyViewSpec<T> {
  schema: z.ZodType<AgentAnswer & Envelope<T>>;
  /** Whether a view of this data tells of a gap by itself. */
  tells?(data: T, gap: Missing): boolean;
  /** `all`: also what needs no attention, because the reader looks for something in particular. */
  one(look: Look<T>, all: boolean): FamilyStory;
  fleet(fleet: FleetLooks<T>, all: boolean, context: ToolContext): FamilyStory;
}

/** What was seen, and the story of it; null where no node could look. */
export interface FamilyTold {
  fleet: FleetLooks<unknown>;
  story: FamilyStory | null;
}

/** What is asked of a family. */
export interface FamilyQuestion {
  path: string;
  node: string | undefined;
  /** The text that rows must have; undefined when all is asked for. */
  filter: string | undefined;
}

export interface FamilyView {
  tell(question: FamilyQuestion, context: ToolContext): Promise<FamilyTold>;
  /** For families with more rows than an agent sends: asks for those that match, which are then all told. */
  find?(question: FamilyQuestion & { filter: string }, context: ToolContext): Promise<FamilyTold>;
}

/** Ties a view to its family's data, so that those who use it need not know the type. */
export function defineFamilyView<T>(spec: FamilyViewSpec<T>): FamilyView {
  return {
    tell: async ({ path, node, filter }, context) => {
      const all = filter !== undefined;
      const question = { path, node, schema: spec.schema, ...(spec.tells === undefined ? {} : { tells: spec.tells }) };
      return tellFleet(question, context, (fleet, first) =>
        fleet.looks.length === 1 ? spec.one(first, all) : spec.fleet(fleet, all, context),
      );
    },
  };
}

/** Asks, and tells what was seen unless nobody could look. */
export async function tellFleet<T>(
  question: FleetLookQuestion<T>,
  context: ToolContext,
  tell: (fleet: FleetLooks<T>, first: Look<T>) => FamilyStory,
): Promise<FamilyTold> {
  const fleet = await lookAtFleet(question, context);
  const [first] = fleet.looks;
  return { fleet, story: first === undefined ? null : tell(fleet, first) };
}

/** Property and value rows; what is null is left out. */
export function propertyTable(rows: readonly (readonly [string, string | number | boolean | null])[]): Table {
  const known = rows.filter(([, value]) => value !== null && value !== '');
  return { columns: ['property', 'value'], rows: known, properties: true };
}
