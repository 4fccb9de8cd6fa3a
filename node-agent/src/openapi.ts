import { Missing } from '@telemcp/shared/envelope';
import { Certificate } from '@telemcp/shared/facts/certificates';
import {
  Conntrack,
  DefaultRoute,
  DnsSettings,
  NetworkAddress,
  NetworkBond,
  NetworkCounters,
  NetworkInterface,
  NetworkRates,
  TcpHealth,
} from '@telemcp/shared/facts/network';
import { PackageRow } from '@telemcp/shared/facts/packages';
import { ListeningPort } from '@telemcp/shared/facts/ports';
import {
  SystemdManager,
  SystemdService,
  SystemdSocket,
  SystemdTimer,
  SystemdUnit,
} from '@telemcp/shared/facts/systemd';
import { TimeSource } from '@telemcp/shared/facts/time';
import {
  FAMILIES,
  FactsAnswer,
  familyAnswerOf,
  PackageListAnswer,
  UnitAnswer,
  UnitListAnswer,
} from '@telemcp/shared/families';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { ErrorAnswer, HealthAnswer, PackagesQuery, UnitName, UnitsQuery } from '@telemcp/shared/routes';
import { HostSummary, SummaryFinding } from '@telemcp/shared/summary';
import * as z from 'zod';
import { FamilyParameter, PATHS, Readiness } from './routes.ts';

type Json = Record<string, unknown>;

const reference = (id: string) => `#/components/schemas/${id}`;
const answerId = (family: string) => `${family[0]?.toUpperCase()}${family.slice(1)}Answer`;

/** The agent's interface as an OpenAPI 3.1 document, made from the schemas that the answers are checked against in tests. */
export function createOpenApiDocument(version: string): Json & { paths: Record<string, Json>; components: Json } {
  return {
    openapi: '3.1.1',
    info: {
      title: 'TeleMCP node agent',
      version,
      description: 'Read-only facts about one host. What could not be looked at says so: data is null, with a reason.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      [openApiPath(PATHS.summary)]: summary(),
      [openApiPath(PATHS.facts)]: get('Facts of all families, or of those named.', json(reference('FactsAnswer')), [
        {
          name: 'families',
          in: 'query',
          description: 'Families wanted, with commas between; all when left out.',
          style: 'form',
          explode: false,
          schema: { type: 'array', minItems: 1, items: parameterSchema(FamilyParameter) },
        },
      ]),
      [openApiPath(PATHS.family)]: get(
        'Facts of one family.',
        {
          'application/json': {
            schema: {
              oneOf: FAMILY_NAMES.map((family) => ({ $ref: reference(answerId(family)) })),
              discriminator: {
                propertyName: 'family',
                mapping: Object.fromEntries(FAMILY_NAMES.map((family) => [family, reference(answerId(family))])),
              },
            },
          },
        },
        [{ name: 'family', in: 'path', required: true, schema: parameterSchema(FamilyParameter) }],
      ),
      [openApiPath(PATHS.units)]: get(
        'Units of systemd, failed ones first.',
        json(reference('UnitListAnswer')),
        query(UnitsQuery),
      ),
      [openApiPath(PATHS.unit)]: get(
        'One unit in detail; one that does not exist has loadState not-found.',
        json(reference('UnitAnswer')),
        [{ name: 'unit', in: 'path', required: true, schema: parameterSchema(UnitName) }],
      ),
      [openApiPath(PATHS.packages)]: get(
        'Installed packages by name.',
        json(reference('PackageListAnswer')),
        query(PackagesQuery),
      ),
      [PATHS.health]: get('The process runs.', json(reference('HealthAnswer'))),
      [PATHS.readiness]: get('The agent can answer.', json(reference('Readiness'))),
      [PATHS.metrics]: get('Metrics of the agent, and of facts that other exporters do not have.', {
        'text/plain': { schema: { type: 'string' } },
      }),
      [PATHS.openapi]: get('This document.', { 'application/json': { schema: { type: 'object' } } }),
    },
    components: { schemas: componentSchemas() },
  };
}

/** `/v1/facts/:family` as OpenAPI writes it: `/v1/facts/{family}`. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function get(summary: string, content: Json, parameters: readonly Json[] = []) {
  const wrong = { description: 'What was wrong with the request.', content: json(reference('ErrorAnswer')) };
  const responses = { 200: { description: 'The answer.', content }, default: wrong };
  return { get: { summary, ...(parameters.length === 0 ? {} : { parameters }), responses } };
}

/** The one answer that is the same bytes for the same state, so that it can be asked for again at the price of a header. */
function summary(): Json {
  const tag = { name: 'If-None-Match', in: 'header', required: false, schema: { type: 'string' } };
  const { responses, ...rest } = get('What of the host matters, in about 2 KB.', json(reference('HostSummary')), [
    tag,
  ]).get;
  const text = (description: string) => ({ description, schema: { type: 'string' } });
  const headers = {
    ETag: text('Changes when the body does.'),
    'X-Telemcp-Answered-At': text("The host's clock, RFC 3339."),
    'X-Telemcp-Age-Seconds': text('Age of the oldest facts in it, seconds.'),
  };
  const same = { description: 'The body is the one that If-None-Match names.', headers };
  return { get: { ...rest, responses: { ...responses, 200: { ...responses[200], headers }, 304: same } } };
}

function json(ref: string): Json {
  return { 'application/json': { schema: { $ref: ref } } };
}

function query(schema: z.ZodType): Json[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, field]) => ({ name, in: 'query', schema: field }));
}

function parameterSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  const named: Record<string, z.ZodType> = {
    ...{
      Missing,
      Certificate,
      SystemdManager,
      SystemdService,
      SystemdSocket,
      SystemdTimer,
      SystemdUnit,
      TimeSource,
      PackageRow,
    },
    ...{ NetworkInterface, NetworkBond, NetworkCounters, NetworkRates, NetworkAddress, DefaultRoute, DnsSettings },
    ...{ TcpHealth, Conntrack, ListeningPort },
    ...{
      HostSummary,
      SummaryFinding,
      FactsAnswer,
      UnitListAnswer,
      UnitAnswer,
      PackageListAnswer,
      ErrorAnswer,
      HealthAnswer,
      Readiness,
    },
  };
  for (const family of FAMILY_NAMES) {
    named[answerId(family)] = familyAnswerOf(family);
    named[answerId(family).replace(/Answer$/, 'Facts')] = FAMILIES[family];
  }
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'output',
    uri: reference,
    override: ({ jsonSchema }) => {
      // A newer agent may add fields; and the pattern only repeats at length what the format says.
      delete jsonSchema.additionalProperties;
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]));
}
