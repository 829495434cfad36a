// What happens in a lane, in one sentence for each rule of the host. No DOM.

// rule: [mood, English for many, English for one, the value that is one or many]
const RULES = {
  calm: ['good', 'All clients are served.'],
  threads: ['plain', 'A thread for each client: {threads} threads for {clients} clients.',
    'A thread for each client: 1 client.', 'clients'],
  starved: ['bad', '{clients} clients wait for a worker: each of the {workers} stays with its client.',
    '1 client waits for a worker: each of the {workers} stays with its client.', 'clients'],
  refused: ['bad', '{clients} clients were refused: no place for them.',
    '1 client was refused: no place for it.', 'clients'],
  spins: ['bad', '{threads} threads never sleep: they ask again and again, and get nothing.',
    'A thread never sleeps: it asks again and again, and gets nothing.', 'threads'],
  blocked: ['bad', 'All {clients} clients wait: the only thread sleeps in the handler.',
    'The client waits: the only thread sleeps in the handler.', 'clients'],
  descriptors: ['bad', 'No descriptor is left of {limit}: nobody new comes in.'],
  slow_reader: ['good', 'One peer does not read. The others are served.'],
  slow_reader_holds: ['bad', 'One peer does not read, and {clients} clients wait because of it.',
    'One peer does not read, and 1 client waits because of it.', 'clients'],
  idle: ['good', '{clients} idle clients cost no thread here: only descriptors and memory.',
    '1 idle client costs no thread here: only a descriptor and memory.', 'clients'],
  idle_threads: ['plain', 'Each idle client has a thread that sleeps: {threads} threads for {clients} clients.',
    'The idle client has a thread that sleeps.', 'clients'],
  cut: ['plain', 'All were cut off: {back} are back, {away} are still away.'],
  died: ['bad', 'The server has ended, with status {status}.'],
  waiting: ['plain', '{clients} clients wait for their answer.', '1 client waits for its answer.', 'clients'],
};
const KILLED = 'The server has died of signal {signal}.';
const UNKNOWN = ['plain', '`{rule}`'];

// { mood, english, values } of what the host says.
export function sentence({ rule, values = {} }) {
  const [mood, many, one, counted] = Object.hasOwn(RULES, rule) ? RULES[rule] : UNKNOWN;
  if (rule === 'died' && (values.signal ?? null) !== null) return { mood, english: KILLED, values };
  return { mood, english: counted && values[counted] === 1 ? one : many, values: { ...values, rule } };
}

// The page that says more. `about` is a scenario's name, or null.
export const moreAbout = (about, isChinese) => `failures${isChinese ? '-zh' : ''}#${encodeURIComponent(about)}`;
