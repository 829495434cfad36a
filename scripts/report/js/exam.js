// The backtrace exam: five questions about one client, put to the stacks of each stopped server. The first half of this
// file has no DOM.
import { heading, make } from 'report/dom';

const QUESTIONS = [1, 2, 3, 4, 5];

export const examWords = {
  en: {
    exm_title: 'The backtrace exam: how hard is it to debug?',
    exm_intro: 'Nine clients are connected. One of them has sent three messages and half of a fourth; then a debugger stops the server. What do the stacks tell of this client? Counted is what lies in the frames: arguments, and what they point to. The server’s lists and the heap are not asked: who knows the program finds everybody there.',
    exm_question: 'question',
    exm_q1: 'Which client?',
    exm_q2: 'How far has its message come?',
    exm_q3: 'Waiting for what?',
    exm_q4: 'Since which request?',
    exm_q5: 'What comes next?',
    exm_score: 'answered',
    exm_yes: 'yes',
    exm_no: 'no',
    exm_not_asked: 'n/a',
    exm_evidence: 'evidence',
    exm_touch: 'Press a mark to see what gdb found.',
    exm_none: 'The exam was not held in this run: gdb is not installed, or may not attach.',
    exm_reading: 'A thread that serves one client keeps its place in the conversation on its stack, and any debugger shows it. In an event loop that place lies in a structure on the heap, and the stack only says that the loop waits for anything: the programmer keeps by hand what the stack kept.',
    exm_disagree: 'That is one side of an old dispute. John Ousterhout, “Why Threads Are A Bad Idea (for most purposes)”, 1996: threads are hard because of what they share; a deadlock or a race is not to be seen in any backtrace. Rob von Behren, Jeremy Condit and Eric Brewer, “Why Events Are A Bad Idea (for high-concurrency servers)”, 2003: events hide the flow of control and tear the stack apart. This exam asks only what the second paper is about. It does not measure how hard it is to find a race; so the five questions are counted, and not made into a grade of a model.',
  },
  zh: {
    exm_title: '调用栈考试：调试有多难？',
    exm_intro: '九个客户端已连接。其中一个发了三条完整的消息和第四条的一半，这时调试器让服务器停下。各个线程的调用栈能说出这个客户端的什么情况？只算栈帧里有的：参数，以及参数指向的内容。不去查服务器的链表和堆：熟悉程序的人在那里总能找到所有客户端。',
    exm_question: '问题',
    exm_q1: '是哪个客户端？',
    exm_q2: '它的消息收到哪里了？',
    exm_q3: '在等什么？',
    exm_q4: '上一个已答复的请求是第几个？',
    exm_q5: '接下来执行什么？',
    exm_score: '答出',
    exm_yes: '能',
    exm_no: '不能',
    exm_not_asked: '未测',
    exm_evidence: '证据',
    exm_touch: '点一个标记，可以看到 gdb 找到了什么。',
    exm_none: '这次运行没有进行这项考试：没有安装 gdb，或者不允许附加到进程。',
    exm_reading: '只服务一个客户端的线程，把对话进行到哪一步记在自己的栈上，任何调试器都看得到。在事件循环里，这个位置放在堆上的一个结构里，栈只说明循环在等任意一个事件：原来由栈保存的东西，要由程序员自己保存。',
    exm_disagree: '这只是一场老争论的一方。John Ousterhout 1996 年《Why Threads Are A Bad Idea (for most purposes)》：线程难在共享，死锁和竞态在任何调用栈里都看不出来。Rob von Behren、Jeremy Condit 和 Eric Brewer 2003 年《Why Events Are A Bad Idea (for high-concurrency servers)》：事件掩盖了控制流，把栈撕碎了。这项考试只问第二篇论文所说的事，没有衡量找出竞态有多难；所以只数五个问题答出几个，不给模型打总分。',
  },
};

// ---- without the DOM ----

export const examModels = (rows) => [...new Set(rows.map(({ model }) => model))];

// true, false, or null: could not be asked.
export function answerOf(row) {
  return row === undefined || row.answered === null || row.answered === '' ? null : Number(row.answered) === 1;
}

export const rowOf = (rows, model, question) =>
  rows.find((row) => row.model === model && Number(row.question) === question);

// How many of five; null when none could be asked.
export function scoreOf(rows, model) {
  const answers = QUESTIONS.map((question) => answerOf(rowOf(rows, model, question)));
  return answers.every((answer) => answer === null) ? null : answers.filter(Boolean).length;
}

// ---- with it ----

const MARKS = new Map([
  [true, { sign: '✓', key: 'exm_yes' }],
  [false, { sign: '✗', key: 'exm_no' }],
  [null, { sign: '–', key: 'exm_not_asked' }],
]);

// A mark that tells its evidence: to the pointer at once, to everybody when pressed.
function mark(row, model, question, words, tell) {
  const { sign, key } = MARKS.get(answerOf(row));
  const asked = `${model}: ${words(`exm_q${question}`)} ${words(key)}`;
  const one = make('button', `exm-mark ${key.replaceAll('_', '-')}`, make('span', 'exm-sign', sign), ` ${words(key)}`);
  one.type = 'button';
  one.title = row?.evidence ?? '';
  one.setAttribute('aria-label', asked);
  one.addEventListener('click', () => tell(one, asked, row?.evidence ?? ''));
  return one;
}

function table(rows, words, tell) {
  const models = examModels(rows);
  const head = make('tr', '', heading('', 'col', words('exm_question')),
    ...models.map((model) => heading('', 'col', model)));
  const body = QUESTIONS.map((question) => make('tr', '',
    heading('exm-question', 'row', `${question}. ${words(`exm_q${question}`)}`),
    ...models.map((model) => make('td', '', mark(rowOf(rows, model, question), model, question, words, tell)))));
  const foot = make('tr', '', heading('exm-question', 'row', words('exm_score')), ...models.map((model) => {
    const score = scoreOf(rows, model);
    return make('td', 'exm-score', score === null ? words('exm_not_asked') : `${score} / ${QUESTIONS.length}`);
  }));
  return make('table', 'exm-table', make('thead', '', head), make('tbody', '', ...body), make('tfoot', '', foot));
}

// data.exam: [{ model, question, answered, evidence }]; words(key): a text of examWords.
export function showExam(element, data, words) {
  const rows = data.exam ?? [];
  element.classList.add('exm');
  if (rows.length === 0) {
    element.replaceChildren(make('p', 'exm-none', words('exm_none')));
    return;
  }
  const title = make('strong', 'exm-told', words('exm_touch'));
  const evidence = make('code', 'exm-text');
  const tell = (pressed, what, text) => {
    for (const other of element.querySelectorAll('.exm-mark')) other.setAttribute('aria-pressed', other === pressed);
    title.textContent = what;
    evidence.textContent = text;
  };
  const told = make('div', 'exm-evidence', title, evidence);
  told.setAttribute('aria-live', 'polite');
  element.replaceChildren(make('p', 'exm-intro', words('exm_intro')),
    make('div', 'exm-scroller', table(rows, words, tell)), told,
    make('p', 'exm-reading', words('exm_reading')), make('p', 'exm-disagree', words('exm_disagree')));
}
