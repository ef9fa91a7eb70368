import * as z from 'zod/mini';

import type { Failure } from '#engine';

const Name = z.pipe(z.union([z.string(), z.number()]), z.transform(String));

/** What `/history` keeps of a prompt that has ended. */
export type Executed = z.infer<typeof Executed>;
export const Executed = z.looseObject({
  outputs: z._default(z.record(z.string(), z.record(z.string(), z.unknown())), {}),
  status: z.nullish(
    z.looseObject({
      status_str: z.string(),
      messages: z._default(z.array(z.tuple([z.string(), z.looseObject({})], z.unknown())), []),
    }),
  ),
});

const NodeFailure = z.looseObject({
  node_id: Name,
  node_type: z._default(z.string(), 'node'),
  exception_type: z._default(z.string(), ''),
  exception_message: z._default(z.string(), ''),
  traceback: z._default(z.array(z.string()), []),
});

/** Why a prompt did not come to a good end, and the last the failed node's program was at; undefined when it did. */
export function failureIn(
  { status }: Executed,
  workflow: string,
): { readonly failure: Extract<Failure, { kind: 'workflow' }>; readonly traceback: readonly string[] } | undefined {
  if (status === null || status === undefined || status.status_str === 'success') return undefined;
  const said = (type: string) => status.messages.find(([name]) => name === type)?.[1];
  const failed = NodeFailure.safeParse(said('execution_error')).data;
  if (failed === undefined) {
    const stopped = said('execution_interrupted') !== undefined;
    const problem = stopped ? 'Somebody interrupted it' : 'It failed, and the server does not say why';
    return { failure: { kind: 'workflow', workflow, problem, nodes: [] }, traceback: [] };
  }
  const { node_id: id, node_type, exception_type, exception_message, traceback } = failed;
  const message = [exception_type, exception_message.trim()].filter(Boolean).join(': ');
  return {
    failure: {
      kind: 'workflow',
      workflow,
      problem: 'A node failed',
      nodes: [{ id, class: node_type, message: message || 'It failed, and does not say why' }],
    },
    traceback: traceback.flatMap((frame) => frame.split('\n')).filter((line) => line.trim() !== ''),
  };
}

const Complaint = z.looseObject({ message: z._default(z.string(), ''), details: z.nullish(z.string()) });
const AtNode = z.looseObject({ class_type: z._default(z.string(), 'node'), errors: z.array(Complaint) });
/** Where no node is at fault, some releases answer an empty list. */
const NoNodes = z.pipe(
  z.array(z.unknown()),
  z.transform(() => ({})),
);
const Refusal = z.looseObject({
  error: z.nullish(z.union([z.string(), z.looseObject({ ...Complaint.shape, type: z._default(z.string(), '') })])),
  node_errors: z._default(z.union([z.record(z.string(), AtNode), NoNodes]), {}),
});

/** What is wrong with a prompt, as `POST /prompt` answers it; undefined when nothing is. */
export function refusalIn(
  answer: { readonly status: number; readonly body: unknown },
  workflow: string,
): Extract<Failure, { kind: 'workflow' }> | undefined {
  const { error, node_errors } = Refusal.safeParse(answer.body).data ?? { error: undefined, node_errors: {} };
  const nodes = Object.entries(node_errors).map(([id, { class_type, errors }]) => ({
    id,
    class: class_type,
    message: errors.map(inWords).join('; '),
  }));
  if (answer.status === 200 && nodes.length === 0) return undefined;
  const told = typeof error === 'string' ? error : error ? inWords(error) : undefined;
  const problem =
    answer.status === 200 ? 'A part of it would not run' : (told ?? `The server answered ${answer.status}`);
  return { kind: 'workflow', workflow, problem, nodes };
}

const inWords = ({ message, details }: z.infer<typeof Complaint>): string =>
  [message, details].filter((part) => part !== undefined && part !== null && part !== '').join(': ');
