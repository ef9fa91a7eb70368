import * as z from 'zod/mini';

/** One input of a class of nodes. A `widget` has a value of its own; anything else must be linked. */
export interface ClassInput {
  readonly name: string;
  readonly type: 'INT' | 'FLOAT' | 'STRING' | 'BOOLEAN' | 'COMBO' | 'other';
  readonly isWidget: boolean;
  readonly isRequired: boolean;
  /** What it holds until somebody changes it; undefined when that is not said. */
  readonly initial: unknown;
  /** Whether the editor keeps a second value for it: what becomes of it after each run. */
  readonly isControlled: boolean;
  /** Whether the editor shows a button to upload what it names. */
  readonly isUpload: boolean;
}

/** A class of nodes, as `/object_info` tells it: its inputs in their order. */
export interface NodeClass {
  readonly inputs: readonly ClassInput[];
}

const Options = z.record(z.string(), z.unknown());
const Inputs = z.record(z.string(), z.union([z.tuple([z.unknown()], z.unknown()), z.unknown()]));
const Info = z.looseObject({
  input: z.looseObject({ required: z.optional(Inputs), optional: z.optional(Inputs) }),
  input_order: z.optional(
    z.looseObject({ required: z.optional(z.array(z.string())), optional: z.optional(z.array(z.string())) }),
  ),
});

/** Reads what `/object_info/<name>` answers about the class of that name; undefined when there is no such class. */
export function readNodeClass(answer: unknown, name: string): NodeClass | undefined {
  const known = z.record(z.string(), z.unknown()).safeParse(answer);
  const info = Info.safeParse(known.data?.[name]);
  if (!info.success) return undefined;
  const { input, input_order: order } = info.data;
  const inputs = (['required', 'optional'] as const).flatMap((group) => {
    const fields = input[group] ?? {};
    const names = [...new Set([...(order?.[group] ?? []), ...Object.keys(fields)])];
    return names.filter((one) => Object.hasOwn(fields, one)).map((one) => inputOf(one, fields[one], group));
  });
  return { inputs };
}

/** An input is a list: its type (or the list of what may be chosen), and options. */
function inputOf(name: string, field: unknown, group: 'required' | 'optional'): ClassInput {
  const [kind, more] = Array.isArray(field) ? (field as readonly unknown[]) : [field];
  const options = Options.safeParse(more).data ?? {};
  const choices: unknown = Array.isArray(kind) ? kind : options['options'];
  const type = typeOf(kind);
  const isOn = (option: string): boolean => options[option] === true;
  return {
    name,
    type,
    isRequired: group === 'required',
    isWidget: type !== 'other' && !isOn('forceInput'),
    initial: options['default'] ?? (Array.isArray(choices) ? (choices as readonly unknown[])[0] : undefined),
    isControlled: Boolean(options['control_after_generate']) || (type === 'INT' && /^(?:noise_)?seed$/.test(name)),
    isUpload: Object.keys(options).some((option) => option.endsWith('_upload') && isOn(option)),
  };
}

function typeOf(kind: unknown): ClassInput['type'] {
  switch (kind) {
    case 'INT':
    case 'FLOAT':
    case 'STRING':
    case 'BOOLEAN':
    case 'COMBO':
      return kind;
    default:
      return Array.isArray(kind) ? 'COMBO' : 'other';
  }
}
